"""Personal values are opened for a purpose, by who has the case, under their name, and not too many."""

from pathlib import Path

import pytest

from gateway.console import revealing
from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from shared.errors import AuditDown
from tests.console.desk import HTMX, PAGE, ConsoleDesk, open_desk
from tests.orders import order

NAME, MAIL = "Ana Lund", "ana@example.com"


async def hidden(console: ConsoleDesk) -> tuple[str, str]:
    """A conversation with two values, and its case; their tokens."""
    vault = console.desk.delivery.vault
    name, mail = [await vault.token(value, conversation_id="c-1", owner="c-1") for value in (NAME, MAIL)]
    receipt = c.Receipt(
        kind="return", order_number="1001", status="done", reference="R-1", detail=f"to {mail}"
    )
    await console.said(f"I am {name}", "A label is on its way.", actions=(receipt,))
    await console.waits(summary=f"{name} asks.")
    return name, mail


def deeds(console: ConsoleDesk) -> list[tuple[str, str, str, str]]:
    audit = console.desk.entries.audit
    assert isinstance(audit, MemoryAudit)
    return [
        (line.deed.action, line.deed.purpose, line.deed.actor, line.deed.conversation_id)
        for line in audit.lines
    ]


async def test_nothing_is_open_until_somebody_opens_it(tmp_path: Path) -> None:
    """Labels in the page; then one value, or all, with a line under the member's name before it."""
    async with open_desk(tmp_path) as console:
        name, _ = await hidden(console)
        await console.act("claim")
        page = await console.page()
        assert (NAME in page, MAIL in page) == (False, False)
        assert f'data-hidden="{name[6:10]}"' in page
        assert name not in page
        one = await console.act("reveal", value=name[6:10], purpose="identity", htmx=True)
        assert (one.status_code, NAME in one.text, MAIL in one.text) == (200, True, False)
        assert one.headers["cache-control"] == "no-store"
        assert 'data-hide-after="60"' in one.text
        told = deeds(console)
        mine = ("values_shown", "console:identity", "staff:m-agent", "c-1")
        assert told.index(mine) < told.index(("reveal", "console:identity", "service:test", "c-1"))
        every = await console.act("reveal", all="1", purpose="legal")
        assert (NAME in every.text, MAIL in every.text) == (True, True)
        assert 'http-equiv="refresh" content="60; url=/console/cases/h-1"' in every.text
        assert NAME not in await console.page()


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 403), ("lead", 200), ("admin", 200), ("operator", 403)]
)
async def test_only_the_owner_or_a_lead(tmp_path: Path, role: str, status: int) -> None:
    """Who has not taken the case sees no form, and is turned away and written down."""
    async with open_desk(tmp_path) as console:
        await hidden(console)
        found = await console.act("reveal", role=role, all="1", purpose="answer")
        assert (found.status_code, NAME in found.text) == (status, status == 200)
        if role == "agent":
            assert "/reveal" not in await console.page()
            assert ("access_denied", "reveal", "staff:m-agent", "c-1") in deeds(console)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"all": "1", "purpose": "curiosity"}, "purpose"),
        ({"all": "1"}, "purpose"),
        ({"value": "TOKEN_1", "purpose": "answer"}, "value"),
        ({"purpose": "answer"}, "value"),
    ],
)
async def test_what_is_no_purpose_or_value(tmp_path: Path, fields: dict[str, str], says: str) -> None:
    """Refused with what would be right, and nothing is opened."""
    async with open_desk(tmp_path) as console:
        await hidden(console)
        found = await console.act("reveal", role="lead", **fields)
        assert (found.status_code, says in found.text, NAME in found.text) == (422, True, False)


async def test_a_value_of_another_conversation_stays_closed(tmp_path: Path) -> None:
    """Whoever has one case opens nothing of others."""
    async with open_desk(tmp_path) as console:
        await hidden(console)
        theirs = await console.desk.delivery.vault.token("Bo", conversation_id="c-2", owner="c-2")
        found = await console.act("reveal", role="lead", value=theirs[6:10], purpose="answer", htmx=True)
        assert (found.status_code, "nothing to open" in found.text) == (200, True)


async def test_who_opens_too_many_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line about it; another member is not."""
    monkeypatch.setattr(revealing, "MOST_AN_HOUR", 3)
    async with open_desk(tmp_path) as console:
        await hidden(console)
        assert (await console.act("reveal", role="lead", all="1", purpose="fraud")).status_code == 200
        stopped = await console.act("reveal", role="lead", all="1", purpose="fraud")
        assert (stopped.status_code, "within the hour" in stopped.text) == (429, True)
        assert ("access_denied", "reveal limit", "staff:m-lead", "c-1") in deeds(console)
        assert (await console.act("reveal", role="admin", all="1", purpose="fraud")).status_code == 200


async def test_what_cannot_be_written_down_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit comes first."""

    async def down(*_: object) -> None:
        raise AuditDown("the disk is full")

    async with open_desk(tmp_path) as console:
        await hidden(console)
        await console.page(role="lead")
        monkeypatch.setattr(MemoryAudit, "write", down)
        found = await console.act("reveal", role="lead", all="1", purpose="answer")
        assert (found.status_code, NAME in found.text) == (503, False)


async def test_a_link_opens_nothing(tmp_path: Path) -> None:
    """Only a form with the session's token does (the guard); a GET is no such thing."""
    async with open_desk(tmp_path) as console:
        await hidden(console)
        for headers in (HTMX, PAGE):
            found = await console.http("lead").get(
                "/console/cases/h-1/reveal?all=1&purpose=answer", headers=headers
            )
            assert found.status_code in {404, 405}


async def test_a_value_of_the_orders_beside_it(tmp_path: Path) -> None:
    """A tracking number is in no word of the conversation; the shop is asked for it again."""

    class Shop:
        async def order_proved(self, number: str, *, conversation_id: str) -> c.Order:
            return order(number, tracking_number=tracking)

    async with open_desk(tmp_path, shop=Shop()) as console:
        tracking = await console.desk.delivery.vault.token("NW-77", conversation_id="c-1", owner="c-1")
        await console.said("hi", "Hi.", state=c.ConversationState(proved_orders=("1001",)))
        await console.waits()
        shown = await console.http("lead").get("/console/cases/h-1/orders", headers=HTMX)
        assert (f'value="{tracking[6:10]}"' in shown.text, "NW-77" in shown.text) == (True, False)
        found = await console.act("reveal", role="lead", value=tracking[6:10], purpose="delivery", htmx=True)
        assert "NW-77" in found.text
