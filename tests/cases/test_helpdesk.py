"""A case and its ticket tell the same story, whoever writes where."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.helpdesk import ticket_changed
from gateway.casework import new_turn
from mock_apis import zendesk as mock
from shared import contracts as c
from shared.errors import VendorDown
from shared.routing.queues import routing
from tests.cases.examples import EMMA, hand_over, opened
from tests.cases.tickets import Both, both_sides


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with both_sides(tmp_path) as found:
        yield found


async def test_what_staff_do_stands_in_the_ticket_once(both: Both) -> None:
    """Words to the customer are public, notes are not; closing solves it, and assigns what was nobody's."""
    work, case = both.at.work, both.case
    await work.claim(case.id, EMMA)
    await work.say(case.id, EMMA, "Hello, Emma here.", turn_id=new_turn())
    await work.note(case.id, EMMA, "Sounds upset.")
    await work.close(case.id, EMMA, "pole sent", outcome="solved")
    assert await both.mirror() == 4
    assert await both.mirror() == 0
    assert await both.comments() == [
        (False, "Emma has this conversation in the console."),
        (True, "Emma: Hello, Emma here."),
        (False, "Emma (note): Sounds upset."),
        (False, "Closed in the console: Solved: pole sent"),
    ]
    shown = await both.shown()
    assert (shown["status"], shown["assignee_id"] is not None) == ("solved", True)


async def test_when_the_helpdesk_is_down_it_follows_in_order(both: Both) -> None:
    """Nothing is lost, nothing comes twice: a comment whose answer was lost is found there."""
    work, case = both.at.work, both.case
    await work.claim(case.id, EMMA)
    await work.say(case.id, EMMA, "First.", turn_id=new_turn())
    await both.vendor.post("/__mock__/fault", json={"status": 503, "body": "error", "times": None})
    with pytest.raises(VendorDown):
        await both.mirror()
    await both.vendor.delete("/__mock__/fault")
    await work.say(case.id, EMMA, "Second.", turn_id=new_turn())
    await both.mirror()
    await both.at.cases.append(case.id, c.StaffNoted(at=1.0, by=EMMA.actor, name="Emma", text="note"))
    both.at.cases._db.execute("UPDATE case_events SET mirrored = 0 WHERE n > 1")  # as after a kill
    await both.mirror()
    assert [text for _, text in await both.comments()] == [
        "Emma has this conversation in the console.", "Emma: First.", "Emma: Second.", "Emma (note): note",
    ]  # fmt: skip


async def test_a_colleague_answers_at_the_helpdesk(both: Both) -> None:
    """The customer hears it once, by their first name; the bot is silent, and nothing is written back."""
    await both.changed("assignment", assigned=True)
    await both.robin_writes("Robin from the workshop: the pole is on its way.")
    for _ in range(2):  # webhooks come twice
        await both.changed("comment", public=True)
    both.at.clock.at += 1000
    await both.at.work.retell()
    assert (await both.at.desk.say("Thank you")).reply == ""
    said = [line for line in await both.at.lines() if line[0] in {"staff", "system"}]
    assert said == [("staff", "Robin from the workshop: the pole is on its way.")]
    assert (await both.at.case()).owner == "zendesk"
    assert await both.mirror() == 0


async def test_a_public_comment_beside_a_claim_in_the_console_is_a_note(both: Both) -> None:
    """Emma has it, so only she speaks; she reads what Robin wrote, and so with internal comments."""
    await both.at.work.claim(both.case.id, EMMA)
    await both.robin_writes("I can take this.")
    await both.robin_writes("Check the warranty.", public=False)
    await both.changed("comment", public=True)
    await both.changed("comment")
    events = [each.event for each in await both.at.cases.events("c-1")]
    assert [(each.name, each.text) for each in events if isinstance(each, c.StaffNoted)] == [
        ("Robin", "I can take this."), ("Robin", "Check the warranty."),
    ]  # fmt: skip
    assert not any(isinstance(each, c.StaffSpoke) for each in events)


async def test_solved_there_is_closed_here(both: Both) -> None:
    """The customer is told, once; what comes late or of another's ticket changes nothing."""
    await both.changed("status", status="solved")
    await both.changed("status", status="closed")
    await both.changed("priority", priority="urgent")
    both.at.clock.at += 1000
    await both.at.work.retell()
    assert (await both.at.case()).phase == "closed"
    answer = await both.at.desk.say("Lovely")
    assert answer.status == "answered"
    assert [who for who, _ in await both.at.lines()].count("system") == 1
    other = c.TicketChanged(ticket="1", change="status", status="solved", priority="low", changed_at=1.0)
    await ticket_changed(other, cases=both.at.cases, helpdesk=both.helpdesk)


async def test_closing_taken_back_here_is_open_there(both: Both) -> None:
    """The ticket is open again; that it had been solved comes back from there late, and closes nothing."""
    work, case = both.at.work, both.case
    await work.close(case.id, EMMA)
    solved_at = both.at.clock.at
    both.at.clock.at += 60
    await work.reopen(case.id, EMMA)
    await both.mirror()
    assert await both.comments() == [
        (False, "Closed in the console."), (False, "Emma has opened it again in the console."),
    ]  # fmt: skip
    assert (await both.shown())["status"] == "open"
    await both.changed("status", status="solved", changed_at=solved_at)
    await work.release(case.id, EMMA)
    await both.changed("status", status="solved", changed_at=solved_at)
    assert (await both.at.case()).phase == "waiting"
    await both.changed("status", status="solved", changed_at=both.at.clock.at + 1)
    assert (await both.at.case()).phase == "closed"


async def test_priority_there_is_priority_here(both: Both) -> None:
    """And is not written back."""
    await both.changed("priority", priority="urgent")
    assert (await both.at.case()).priority == "urgent"
    assert await both.mirror() == 0


async def test_what_cannot_wait_is_told_to_the_ticket_once(both: Both) -> None:
    """With its priority and why; a colleague's older priority does not take that back."""
    await both.customer_says("the stove exploded, my hand is burnt")
    for _ in range(2):
        await both.mirror()
    assert (await both.shown())["priority"] == "urgent"
    why = [text for public, text in await both.comments() if "an injury or a danger" in text and not public]
    assert why == ["The customer told of an injury or a danger: urgent, queue safety."]
    await both.changed("priority", priority="normal", changed_at=both.at.clock.at - 1)
    assert (await both.at.case()).priority == "urgent"


async def test_a_ticket_that_is_closed_for_good_stops_nothing(both: Both) -> None:
    """The case goes on without it."""
    wish = {"ticket": {"status": "closed", "assignee_id": mock.records.BOT}}
    await both.vendor.put(f"/api/v2/tickets/{both.ticket}.json", json=wish)
    await both.at.work.claim(both.case.id, EMMA)
    assert await both.mirror() == 1
    assert await both.mirror() == 0


async def test_a_merged_case_solves_its_ticket(both: Both) -> None:
    """Which says where it goes on."""
    other = await both.at.cases.open(opened(hand_over("h-other", "c-other", at=both.at.clock.now())))
    await both.at.work.merge(both.case, other, EMMA)
    await both.mirror()
    assert await both.comments() == [(False, "It goes on in case h-other.")]
    assert (await both.shown())["status"] == "solved"


async def test_priority_there_moves_what_is_due_here(both: Both) -> None:
    """As the queue has it for that priority, counted from when the customer began to wait."""
    case = both.case
    await both.changed("priority", priority="urgent")
    due = routing().queue(case.queue).due_at("urgent", case.opened_at)
    assert due < case.due_at
    assert (await both.at.case()).due_at == due


@pytest.mark.parametrize(("later", "priority"), [(-60.0, "low"), (60.0, "urgent")])
async def test_an_old_priority_undoes_no_newer_one(both: Both, later: float, priority: str) -> None:
    """Webhooks are late, and come twice."""
    work, case, at = both.at.work, both.case, both.at.clock.now()
    await work.move(case.id, EMMA, queue=case.queue, priority="low", due_at=case.due_at)
    await both.changed("priority", priority="urgent", changed_at=at + later)
    assert (await both.at.case()).priority == priority
