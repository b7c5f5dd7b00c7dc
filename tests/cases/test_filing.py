"""Every case gets its ticket, and every word of the customer's is in it once, whatever else happens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from agents.escalation import file_missing, follow_up
from agents.helpdesk import mirror
from gateway.casework import new_turn
from shared.adapters.sqlite.store import SqliteStore
from shared.adapters.zendesk import ZendeskHelpdesk
from shared.contracts import HandOver
from shared.errors import VendorDown, VendorRefused
from tests.cases.examples import EMMA, hand_over, opened
from tests.cases.tickets import Both, both_sides


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with both_sides(tmp_path) as found:
        yield found


@pytest.mark.parametrize("claimed", ["", "console", "zendesk"])
async def test_what_the_customer_adds_is_in_the_ticket_once(both: Both, claimed: str) -> None:
    """Whether the case waits, or somebody has it here or there."""
    if claimed == "console":
        await both.at.work.claim(both.case.id, EMMA)
    elif claimed:
        await both.changed("assignment", assigned=True)
    await both.customer_says("I forgot to say: it leaks.")
    assert (False, "I forgot to say: it leaks.") in await both.comments()
    assert len(await both.comments()) == 1


async def test_each_message_of_a_burst_is_in_the_ticket(both: Both) -> None:
    """All but the last bring no state of the conversation with them."""
    last = await both.at.desk.say("and it is torn.")
    first = structs.replace(
        last, turn_id="t-burst-1", said="It leaks,", state=None, answered_with=last.turn_id
    )
    for turn in (first, last):
        await follow_up(turn, store=both.store, helpdesk=both.helpdesk)
    assert await both.comments() == [(False, "It leaks,"), (False, "and it is torn.")]


async def test_a_case_that_was_claimed_first_is_filed_all_the_same(both: Both) -> None:
    """Its story is what was said before; each word since is a comment, once, whoever passes it on."""
    await both.at.desk.say("I want to talk to a human", "c-2")
    case = await both.at.case("c-2")
    await both.at.work.claim(case.id, EMMA)
    await both.customer_says("My tent leaks.", "c-2")
    await both.at.work.say(case.id, EMMA, "Emma here.", turn_id=new_turn())
    both.at.clock.at += 1000
    await both.at.work.retell()
    await both.at.desk.say("Thank you, Emma", "c-2")
    assert await file_missing(both.store, both.helpdesk) == 1
    assert await file_missing(both.store, both.helpdesk) == 0
    await both.customer_says("Bye", "c-2")
    await both.mirror()
    story, *comments = await both.written(case)
    assert "I want to talk to a human" in story
    assert "tent" not in story
    assert "Emma here." not in story
    assert sorted(comments) == [
        "Bye", "Emma has this conversation in the console.", "Emma: Emma here.", "My tent leaks.",
        "Thank you, Emma",
    ]  # fmt: skip


async def test_a_ticket_that_is_refused_holds_up_no_other_and_is_said(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for missing tickets again and again says so in the log each time."""
    opening = ZendeskHelpdesk.open_ticket
    for talk in ("c-2", "c-3"):
        await both.at.desk.say("I want to talk to a human", talk)

    async def strict(self: ZendeskHelpdesk, case: HandOver, **more: Any) -> str:
        if case.conversation_id == "c-2":
            raise VendorRefused("zendesk", "answered 422 to a ticket: custom_fields")
        return await opening(self, case, **more)

    monkeypatch.setattr(ZendeskHelpdesk, "open_ticket", strict)
    with pytest.raises(VendorRefused, match="custom_fields"):
        await file_missing(both.store, both.helpdesk)
    left = [each.conversation_id for each in await both.store.unfiled()]
    assert left == ["c-2"]


async def test_what_is_written_while_a_ticket_is_filed_is_in_it(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own event found no ticket yet."""
    await both.at.desk.say("I want to talk to a human", "c-2")
    case, attach = await both.at.case("c-2"), SqliteStore.attach_ticket

    async def late(self: SqliteStore, hand_over_id: str, ticket: str) -> None:
        await both.customer_says("It leaks.", "c-2")
        await attach(self, hand_over_id, ticket)

    monkeypatch.setattr(SqliteStore, "attach_ticket", late)
    assert await file_missing(both.store, both.helpdesk) == 1
    assert (await both.written(case))[1:] == ["It leaks."]


async def test_one_ticket_that_answers_nothing_holds_up_no_other(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own events follow in order once it does."""
    await both.at.desk.say("I want to talk to a human", "c-2")
    other, comment = await both.at.case("c-2"), ZendeskHelpdesk.add_comment
    await file_missing(both.store, both.helpdesk)
    for case in (both.case, other):
        await both.at.work.claim(case.id, EMMA)
        await both.at.work.note(case.id, EMMA, f"Of {case.conversation_id}.")
    broken = min(both.case, other, key=lambda case: case.id)

    async def add(self: ZendeskHelpdesk, *args: Any, **more: Any) -> None:
        if more["conversation_id"] == broken.conversation_id:
            raise VendorDown("zendesk", "this ticket is broken")
        await comment(self, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(ZendeskHelpdesk, "add_comment", add)
        with pytest.raises(VendorDown):
            await both.mirror()
    taken = "Emma has this conversation in the console."
    told = {case.id: (await both.written(case))[1:] for case in (both.case, other)}
    assert told.pop(broken.id) == []
    assert [len(lines) for lines in told.values()] == [2]
    assert await both.mirror() == 2
    assert (await both.written(broken))[1:] == [taken, f"Emma (note): Of {broken.conversation_id}."]


async def test_a_helpdesk_that_is_down_is_not_asked_for_every_ticket(both: Both) -> None:
    """Five tickets one after another are no broken tickets."""
    asked: list[str] = []

    class Down:
        async def add_comment(self, ticket: str, *_: Any, **__: Any) -> None:
            asked.append(ticket)
            raise VendorDown("zendesk", "down for the test")

    for n in range(8):
        case = await both.at.cases.open(opened(hand_over(f"h-{n}", f"c-{n + 10}")))
        await both.store.attach_ticket(case.id, f"{n + 100}")
        await both.at.work.claim(case.id, EMMA)
    down: Any = Down()
    with pytest.raises(VendorDown):
        await mirror(cases=both.at.cases, helpdesk=down)
    assert len(asked) == len(set(asked)) == 5
