"""From a reply to its explanation: for who may see it, and for nobody else."""

import httpx

from tests.console.desk import PAGE, ConsoleDesk

LINK = '<a href="/ops/conversations/c-1?turn=t-1#turn-t-1">Why?</a>'


async def test_the_console_shows_the_way_to_who_may_go_it(ops: ConsoleDesk) -> None:
    """At each reply of the bot in a case and in a conversation to read; an agent reads no traces."""
    await ops.said("Where is it?", "On its way.")
    reading = await ops.http("admin").get("/console/conversations/c-1", headers=PAGE)
    assert reading.text.count(LINK) == 1
    await ops.waits()
    assert LINK in await ops.page(role="admin")
    assert "Why?" not in await ops.page(role="agent")
    earlier = await ops.http("admin").get("/console/cases/h-1/thread?before=1000", headers=PAGE)
    assert LINK in earlier.text


async def test_a_page_of_the_shop_learns_whether_to_show_the_way(ops: ConsoleDesk) -> None:
    """By the session's cookie alone; a stranger is told no, not shown an error."""
    staff = ops.desk.staff
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ops.app), base_url="http://desk.test") as http:
        assert (await http.get("/ops/may")).json() == {"explain": False}
        for role, may in (("operator", True), ("agent", False)):
            begun = await staff.sessions.begin(await staff.members.find(role))
            http.cookies = httpx.Cookies({staff.sessions.cookie: begun})
            assert (await http.get("/ops/may")).json() == {"explain": may}
