"""What becomes of a case when its ticket is solved, merged, deleted or opened again under its hands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.casework import new_turn
from shared import contracts as c
from shared.adapters.zendesk import _fitted
from shared.errors import VendorRefused
from shared.ports import TicketWish
from tests.cases.examples import EMMA
from tests.cases.tickets import Both, both_sides


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with both_sides(tmp_path) as found:
        yield found


async def notes(both: Both) -> list[str]:
    events = [each.event for each in await both.at.cases.events("c-1")]
    return [each.text for each in events if isinstance(each, c.StaffNoted)]


async def test_solved_there_does_not_close_what_emma_has(both: Both) -> None:
    """She reads that it was solved, once; the customer hears nothing, and she goes on speaking."""
    work, case = both.at.work, both.case
    await work.claim(case.id, EMMA)
    for _ in range(2):
        await both.changed("status", status="solved")
    assert ((await both.at.case()).owner, len(await notes(both))) == (EMMA.actor, 1)
    await work.say(case.id, EMMA, "I am still here.", turn_id=new_turn())
    assert (await both.at.case()).open


@pytest.mark.parametrize(
    ("kind", "status"), [("status", "deleted"), ("merged", "closed"), ("merged", "open")]
)
async def test_a_ticket_that_is_gone_leaves_nobody_alone(
    both: Both, kind: c.TicketChange, status: str
) -> None:
    """A colleague there had it: the customer waits for a person again, and staff read why, once."""
    await both.changed("assignment", assigned=True)
    assert (await both.at.case()).owner == "zendesk"
    for _ in range(2):
        await both.changed(kind, status=status)
    case = await both.at.case()
    assert (case.phase, case.owner, len(await notes(both))) == ("waiting", "", 1)
    await both.changed("comment", public=True)  # reads what is left of it
    assert (await both.at.case()).phase == "waiting"


async def test_what_emma_has_stays_hers_when_the_ticket_goes(both: Both) -> None:
    """A deleted ticket is no reason to take a conversation from anybody; its comments are no error."""
    await both.at.work.claim(both.case.id, EMMA)
    await both.vendor.delete(f"/api/v2/tickets/{both.ticket}.json")
    await both.changed("status", status="deleted")
    await both.changed("comment", public=True)
    assert ((await both.at.case()).owner, await both.mirror()) == (EMMA.actor, 1)


async def test_words_in_a_ticket_whose_conversation_is_over(both: Both) -> None:
    """The colleague is told there that the customer has not read them; so with one opened again."""
    await both.changed("status", status="solved")
    await both.robin_writes("One more thing.")
    for _ in range(2):
        await both.changed("comment", public=True)
        await both.changed("status", status="open", changed_at=300.0)
    said = [text for public, text in await both.comments() if not public]
    assert len([text for text in said if "has not read this" in text]) == 2
    assert (await notes(both), (await both.at.case()).phase) == (["One more thing."], "closed")


async def test_words_are_not_lost_when_solving_is_refused(
    both: Both, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An account asks for a field before it solves a ticket: what was said stands in it all the same.

    That the ticket is not solved stands in the log: a clock has no trace to say it in.
    """
    real = type(both.helpdesk).add_comment

    async def strict(*given: object, change: TicketWish | None = None, **more: object) -> None:
        if change is not None and change.status == "solved":
            raise VendorRefused("zendesk", "answered 422 to a comment: custom_fields")
        await real(*given, change=change, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(both.helpdesk), "add_comment", strict)
    await both.at.work.claim(both.case.id, EMMA)
    await both.at.work.close(both.case.id, EMMA, "pole sent")
    await both.mirror()
    assert (await both.comments())[-1] == (False, "Closed in the console: pole sent")
    assert "answered 422 to a comment: custom_fields" in caplog.text
    assert "pole sent" not in caplog.text


@pytest.mark.parametrize("letter", ["a", "\u0436", "\u6f22", "\U0001f3d5"])
async def test_a_long_comment_fits(both: Both, letter: str) -> None:
    """The vendor counts bytes: what has more is cut between letters, and says so."""
    text = letter * 60_000
    await both.helpdesk.add_comment(both.ticket, text, conversation_id="c-1", key="long")
    ((_, kept),) = await both.comments()
    assert (kept == text) is (letter == "a")
    assert kept.endswith(letter if letter == "a" else "[...]")
    assert len(_fitted(text).encode()) <= 64_000
