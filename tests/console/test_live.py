"""Live updates: told once to every console, shared, and over when the session is."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import pytest

from gateway import hub
from gateway.casework import sign_of
from gateway.console import consoles as rooms
from gateway.console import live
from gateway.console.consoles import Console
from gateway.staff.roles import Member
from shared.contracts import CaseRaised, CustomerWrote
from shared.errors import StoreDown
from shared.ports import Delivered
from tests.bus.sample import until
from tests.console.desk import ConsoleDesk

AGENT, LEAD = (Member(id=f"m-{role}", name=role, role=role) for role in ("agent", "lead"))


@asynccontextmanager
async def hearing(console: ConsoleDesk) -> AsyncIterator[None]:
    running = asyncio.create_task(console.desk.hub.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def opened(
    console: ConsoleDesk, who: Member, case: str = "", *, cookie: str = "", page: str = "", shown: str = ""
) -> AsyncGenerator[bytes]:
    """The stream of one page."""
    about = "c-1" if case else ""
    one = Console(by=who.actor, name=who.name, page=page, case_id=case, conversation_id=about)
    return live.events(console.desk, who, one, cookie, shown)


async def drained(stream: AsyncGenerator[bytes]) -> None:
    """Read until it ends."""
    async for _ in stream:
        pass


async def following(stream: AsyncGenerator[bytes], name: str) -> dict[str, object]:
    """The next event of this name."""
    async with asyncio.timeout(20):
        async for event in stream:
            head, _, data = event.decode().partition("\ndata: ")
            if head == f"event: {name}":
                found: dict[str, object] = json.loads(data)
                return found
    raise AssertionError(f"the stream ended without {name}")


async def test_a_change_comes_to_every_console(console: ConsoleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the row as it is now, rendered once for all of them."""
    rendered = 0
    told = live._told

    async def counted(*args: object) -> dict[str, object] | None:
        nonlocal rendered
        rendered += 1
        return await told(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(live, "_told", counted)
    async with hearing(console):
        streams = [opened(console, AGENT) for _ in range(5)] + [opened(console, LEAD, "h-1")]
        for stream in streams:
            await following(stream, "hello")
        await console.act("claim", role="lead")
        for stream in streams:
            change = await following(stream, "case")
            assert (change["id"], change["version"], change["kind"]) == ("h-1", 2, "CaseClaimed")
            assert 'data-owner="staff:m-lead"' in str(change["row"])
            await stream.aclose()
    assert rendered == 1
    assert console.desk.consoles.count == 0


async def test_what_happens_before_a_page_listens(
    console: ConsoleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told between its making and its stream: it is bidden to fetch what changed, and only that."""

    async def greeted(shown: str, case: str = "h-1") -> set[str]:
        async with aclosing(opened(console, AGENT, case, shown=shown)) as stream:
            return {part for part, missed in (await following(stream, "hello")).items() if missed}

    def made(page: str, part: str) -> str:
        found = re.search(part + r'[^>]* data-shown="([^"]+)"', page)
        assert found, page
        return found[1]

    async with hearing(console):
        assert await greeted("") == set()
        page = await console.page()
        body, case = made(page, "<body"), made(page, 'class="talk"')
        opened_later = made(await console.page(htmx=True), 'class="talk"')
        assert [await greeted(each) for each in (body, case, opened_later)] == [set()] * 3
        console.desk.hub._spread(Delivered(1, await console.said("and now?", status="answered")))
        assert await greeted(body) == {"case"}
        assert await greeted(body, "") == set(), "what the bot answers alone changes no queue"
        await console.act("claim", role="lead")
        await until(lambda: console.desk.hub.missed(body))
        assert [await greeted(each) for each in (body, case)] == [{"queue", "case"}] * 2
        assert await greeted(body, "") == {"queue"}
        # What is told is stored a moment later: a page that was made in between lacks it.
        assert await greeted(made(await console.page(), "<body")) == {"queue", "case"}
        monkeypatch.setattr(hub, "_STORED_SECONDS", 0.0)
        fresh = made(await console.page(), "<body")
        assert await greeted(fresh) == set()
        monkeypatch.setattr(hub, "_REMEMBERED_SECONDS", 0.0)
        assert await greeted(fresh) == {"queue", "case"}, "too long ago to be known"
        assert await greeted("another-process.1") == {"queue", "case"}
        assert await greeted(fresh.partition(".")[0] + ".soon") == {"queue", "case"}


async def test_an_alarm_is_not_lost_in_the_message_that_told_of_it(console: ConsoleDesk) -> None:
    """The queue's row says how urgent it is now and why, the page of the case, too."""
    now = time.time()
    told = CaseRaised(
        at=now, reason="safety", queue="safety", priority="urgent", due_at=now + 60, turn_id="t-7"
    )
    async with hearing(console), aclosing(opened(console, AGENT)) as stream:
        await following(stream, "hello")
        case = await console.desk.casework.cases.append("h-1", told)
        for event in (told, CustomerWrote(at=told.at, turn_id="t-7")):
            console.desk.consoles._look(sign_of(case, event))
        change = await following(stream, "case")
    assert (change["kind"], change["raised"]) == ("CaseRaised", "an injury or a danger")
    assert 'data-rank="0"' in str(change["row"])
    assert "told of an injury or a danger" in str(change["row"])
    page = await console.page()
    assert page.count("the customer told of an injury or a danger") == 1


async def test_what_customers_do_comes_too(console: ConsoleDesk) -> None:
    """Who asks for a person, and what is written to one: told where the turn is, and where the case is."""
    async with (
        hearing(console),
        aclosing(opened(console, LEAD)) as stream,
        aclosing(opened(console, AGENT, "h-1")) as there,
    ):
        await following(stream, "hello")
        await following(there, "hello")
        await console.waits("h-2", "c-2")
        asked = await console.said("a person!", turn="t-2", conversation="c-2", status="handed_over")
        console.desk.bus._results.show(Delivered(2, asked))  # type: ignore[attr-defined]
        assert (await following(stream, "case"))["id"] == "h-2"
        written = await console.said("hello?", turn="t-3", status="with_person")
        console.desk.bus._results.show(Delivered(3, written))  # type: ignore[attr-defined]
        assert (await following(there, "said"))["turn"] == "t-3"
        change = await following(stream, "case")
        while change["id"] != "h-1":
            change = await following(stream, "case")
        assert change["kind"] == "CustomerWrote"


async def test_who_else_is_here(console: ConsoleDesk) -> None:
    """Others at the same case see who looks, types and leaves; nobody is told of themselves."""

    async def until_seen(stream: AsyncGenerator[bytes], who: str, doing: str) -> None:
        while (seen := await following(stream, "staff"))["doing"] != doing:
            assert seen["name"] == who
        assert seen["name"] == who

    async with hearing(console), aclosing(opened(console, LEAD, "h-1")) as mine:
        await following(mine, "hello")
        theirs = opened(console, AGENT, "h-1")
        await following(theirs, "hello")
        await until_seen(theirs, "lead", "looking")
        assert (await console.act("note", text="x")).status_code == 303
        await following(theirs, "case")
        await until_seen(mine, "agent", "looking")
        assert (await console.act("typing")).status_code == 204
        await until_seen(mine, "agent", "typing")
        await theirs.aclose()
        await until_seen(mine, "agent", "left")


async def test_a_page_says_that_it_goes(console: ConsoleDesk) -> None:
    """Others see it at once, whoever holds its line open; not while another page of theirs is there."""
    async with hearing(console), aclosing(opened(console, LEAD, "h-1")) as mine:
        await following(mine, "hello")
        pages = [opened(console, AGENT, "h-1", page=page) for page in ("p-1", "p-2")]
        reading = [asyncio.create_task(drained(page)) for page in pages]
        while (await following(mine, "staff"))["doing"] != "looking":
            pass
        await until(lambda: console.desk.consoles.count == 3)
        await console.act("left", page="p-1")
        await until(reading[0].done)
        await console.act("left", page="of a line that was cut before")
        assert (await console.act("typing")).status_code == 204
        while (seen := await following(mine, "staff"))["doing"] == "looking":
            pass
        assert seen["doing"] == "typing", "their other page is still there"
        await console.act("left", page="p-2")
        while (await following(mine, "staff"))["doing"] != "left":
            pass
        await asyncio.gather(*reading)
        await console.act("left", page="of another process")
        assert (await following(mine, "staff"))["doing"] == "left"


async def test_the_customer_sees_who_answers_type(console: ConsoleDesk) -> None:
    """Only of the person who has the case; nobody else's typing is the customer's business."""
    async with hearing(console), console.desk.hub.listening("c-1") as queue:
        await console.act("claim")
        await console.act("typing", role="lead")
        await console.act("typing")
        async with asyncio.timeout(20):
            sign = await queue.get()
        assert getattr(sign, "display", "") == "Our team"
        assert queue.empty()


async def test_a_console_ends_with_its_session(console: ConsoleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed out: it says so and ends; its own looking has not kept the session from idling."""
    monkeypatch.setattr(live, "_LOOK_SECONDS", 0.0)
    sessions = console.desk.staff.sessions
    cookie = await sessions.begin(AGENT)
    held = await sessions.of(cookie)
    assert held is not None
    stream = opened(console, AGENT, cookie=cookie)
    await following(stream, "hello")
    await sessions.end(held)
    assert await following(stream, "over") == {}
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_who_does_not_read_is_ended(console: ConsoleDesk) -> None:
    """A console that fell behind comes back and looks for itself; the others hear all."""
    slow = Console(by="staff:m-agent")
    for _ in range(rooms._MOST_PENDING + 1):
        slow.tell(b"x")
    assert slow.events.get_nowait() is None
    pages = [opened(console, AGENT) for _ in range(rooms._MOST_OF_ONE + 1)]
    for page in pages:
        await following(page, "hello")
    with pytest.raises(StopAsyncIteration):
        await anext(pages[0])
    for page in pages:
        await page.aclose()


async def test_a_store_that_is_down(console: ConsoleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Consoles are told to look again, and hear the next change."""

    async def down(*_: object) -> None:
        raise StoreDown("the disk is full")

    async with hearing(console), aclosing(opened(console, LEAD)) as stream:
        await following(stream, "hello")
        with monkeypatch.context() as patched:
            patched.setattr(live, "_told", down)
            await console.act("note", text="one")
            assert await following(stream, "again") == {}
        await console.act("note", text="two")
        assert (await following(stream, "case"))["version"] == 3


async def test_a_gateway_that_stops(console: ConsoleDesk) -> None:
    """Every console ends at once, and one that comes then, too."""
    stream = opened(console, AGENT)
    await following(stream, "hello")
    console.desk.hub.close()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    late = opened(console, AGENT)
    await following(late, "hello")
    with pytest.raises(StopAsyncIteration):
        await anext(late)
    await until(lambda: console.desk.consoles.count == 0)
