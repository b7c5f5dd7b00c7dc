"""What is heard on the bus writes promises down, and keeps, cancels or breaks them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from agents.promises import Ledger, break_overdue, hear_order, hear_ticket, hear_turn
from shared import contracts as c
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.promises import open_promises
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.ports import Delivered, PromiseFilter
from shared.promises import GRACE_SECONDS
from tests.cases.examples import EMMA, opened
from tests.clock import Clock
from tests.promises.made import ANSWER, LABEL, receipt, turn
from tests.promises.replies import NOW


@dataclass
class Heard:
    """A ledger, what is in it, and what who follows up was told."""

    ledger: Ledger
    clock: Clock
    store: SqliteStore
    cases: SqliteCases
    followed: list[tuple[str, str]] = field(default_factory=list)

    async def states(self) -> list[tuple[str, str, str]]:
        """Kind, state and why of all promises, in their order."""
        found = await self.ledger.promises.of("c-1")
        return [(each.promise.kind, each.state, each.why) for each in found]


@pytest.fixture
async def heard(tmp_path: Path) -> AsyncIterator[Heard]:
    clock, path = Clock(NOW), tmp_path / "desk.db"
    async with open_store(path) as store, open_promises(path) as promises, open_cases(path) as cases:
        followed: list[tuple[str, str]] = []

        async def follow(record: c.PromiseRecord) -> None:
            followed.append((record.promise.kind, record.state))

        yield Heard(Ledger(promises, store, clock, follow), clock, store, cases, followed)


def order(number: str = "1001", at: float = NOW + 60, **fields: Any) -> c.ShopOrderChanged:
    given: dict[str, Any] = {"payment": "paid", "fulfillment": "unfulfilled"} | fields
    return c.ShopOrderChanged(
        order_id=1, number=number, total="20.00", currency="USD", changed_at=at, **given
    )


def ticket(**fields: Any) -> c.TicketChanged:
    given: dict[str, Any] = {"hand_over_id": "h-1", "status": "open", "change": "comment"} | fields
    return c.TicketChanged(ticket="77", priority="normal", changed_at=NOW + 60, **given)


async def test_a_reply_is_heard_twice_and_written_down_once(heard: Heard) -> None:
    """Each commitment once, though who follows up is told again; no promise, no entry."""
    said = turn(LABEL, "Refunds take 5-7 business days.", ANSWER)
    for _ in range(2):
        await hear_turn(said, ledger=heard.ledger)
    assert await heard.states() == [("return_label", "open", ""), ("answer_by", "open", "")]
    assert set(heard.followed) == {("return_label", "open"), ("answer_by", "open")}


async def test_what_a_burst_was_answered_with_is_promised_once(heard: Heard) -> None:
    """Earlier turns of a burst carry the words of the one that answers them."""
    await hear_turn(turn(LABEL, answered_with="t-2"), ledger=heard.ledger)
    await hear_turn(turn(LABEL, turn_id="t-2"), ledger=heard.ledger)
    assert len(await heard.states()) == 1


async def test_a_reply_that_was_held_back_promises_nothing(heard: Heard) -> None:
    """A person took over while it was on its way: the customer never read it."""
    await heard.cases.open(opened())
    taken = c.CaseClaimed(at=NOW - 1, by=EMMA.actor, name="emma.l", display=EMMA.display, turn_id="s-0")
    await heard.cases.append("h-1", taken)
    held, staffs = turn(LABEL), turn(LABEL, turn_id="s-1", speaker="staff", speaker_name=EMMA.name)
    await heard.store.record([Delivered(seq=1, turn=held), Delivered(seq=2, turn=staffs)])
    await hear_turn(held, ledger=heard.ledger)
    assert await heard.states() == []
    await hear_turn(staffs, ledger=heard.ledger)
    assert [each.made_by for each in await heard.ledger.promises.of("c-1")] == [EMMA.actor]


async def test_a_receipt_keeps_a_refund(heard: Heard) -> None:
    """In the same turn from the start, in a later one then; not for another order, nor when refused."""
    await hear_turn(turn("I've refunded $20 for order #1001.", actions=(receipt(),)), ledger=heard.ledger)
    await hear_turn(turn("We'll refund order #2002 by Friday.", turn_id="t-2"), ledger=heard.ledger)
    assert await heard.states() == [("refund", "kept", "receipt:refund:1001"), ("refund", "open", "")]
    for actions in ((receipt(order="1001"),), (receipt(order="2002", status="refused"),)):
        await hear_turn(turn(turn_id="t-3", actions=actions), ledger=heard.ledger)
    assert (await heard.states())[1][1] == "open"
    await hear_turn(
        turn(turn_id="t-4", conversation_id="c-2", actions=(receipt(order="2002"),)), ledger=heard.ledger
    )
    assert (await heard.states())[1] == ("refund", "kept", "receipt:refund:2002")
    assert heard.followed == [("refund", "open"), ("refund", "kept")]


@pytest.mark.parametrize(
    ("said", "told", "state"),
    [
        ("We'll refund you for order #1001 by Friday.", order(payment="refunded"), "kept"),
        ("We'll refund you for order #1001 by Friday.", order(payment="paid"), "open"),
        ("We'll refund you for order #1001 by Friday.", order("2002", payment="refunded"), "open"),
        ("We'll refund you for order #1001 by Friday.", order(payment="refunded", at=NOW - 60), "open"),
        ("We'll ship order #1001 by Friday.", order(fulfillment="fulfilled"), "kept"),
        ("The courier will deliver order #1001 on Friday.", order(fulfillment="fulfilled"), "open"),
        ("We'll ship order #1001 by Friday.", order(cancel_reason="customer"), "cancelled"),
    ],
)
async def test_the_shop_tells(heard: Heard, said: str, told: c.ShopOrderChanged, state: str) -> None:
    """A refund and a parcel that left keep what the shop promised; that it left is no delivery."""
    await hear_turn(turn(said), ledger=heard.ledger)
    await hear_order(told, ledger=heard.ledger)
    assert [each[1] for each in await heard.states()] == [state]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (ticket(public=True), "kept"),
        (ticket(public=False), "open"),
        (ticket(status="solved", change="status"), "kept"),
        (ticket(hand_over_id="h-2", public=True), "open"),
        (ticket(hand_over_id="", public=True), "open"),
    ],
)
async def test_the_helpdesk_tells(heard: Heard, told: c.TicketChanged, state: str) -> None:
    """A public answer in the case's ticket is the answer that was promised; an internal note is none."""
    await hear_turn(turn(ANSWER, state=c.ConversationState(hand_over_id="h-1")), ledger=heard.ledger)
    await hear_ticket(told, ledger=heard.ledger)
    assert [each[1] for each in await heard.states()] == [state]


CALLED = "A person on our team calls you at that number, by November 27 at the latest."


@pytest.mark.parametrize("text", [ANSWER, CALLED, "We will keep you updated on this by Friday."])
async def test_the_answer_ends_with_its_case(heard: Heard, text: str) -> None:
    """Who gives up the place in the queue waits for no contact; what is sent is still sent."""
    await heard.cases.open(opened())
    waiting = c.ConversationState(hand_over_id="h-1")
    await hear_turn(turn(text, LABEL, state=waiting), ledger=heard.ledger)
    await hear_turn(turn("Your message has arrived.", turn_id="t-2", state=waiting), ledger=heard.ledger)
    assert [each[1] for each in await heard.states()] == ["open", "open"]
    await heard.store.leave_queue("c-1", "t-3", at=NOW + 60)
    await hear_turn(turn("You're no longer in the queue.", turn_id="t-3"), ledger=heard.ledger)
    assert [each[1:] for each in await heard.states()] == [("cancelled", "case:h-1/closed"), ("open", "")]


async def test_staff_answer_and_promise_themselves(heard: Heard) -> None:
    """Their message keeps the answer that the bot promised; what it promises is theirs, and stays open."""
    await hear_turn(turn(ANSWER), ledger=heard.ledger)
    said = turn(
        "Hello! Is it the blue one?\nI will call you tomorrow at 10, and write to you again by Friday.",
        turn_id="s-1", at=NOW + 60, status="told", speaker="staff", speaker_name="Alex",
    )  # fmt: skip
    await hear_turn(said, ledger=heard.ledger)
    assert await heard.states() == [
        ("answer_by", "kept", "staff"), ("call_back", "open", ""), ("answer_by", "open", ""),
    ]  # fmt: skip
    records = await heard.ledger.promises.of("c-1")
    assert {(each.made_by, each.promise.by) for each in records[1:]} == {("staff", "staff")}


async def test_what_is_overdue_is_broken(heard: Heard) -> None:
    """After a little grace, by whichever process looks first; who follows up hears of it."""
    await hear_turn(turn("We'll call you back tomorrow at 10."), ledger=heard.ledger)
    (record,) = await heard.ledger.promises.of("c-1")
    assert record.promise.due is not None
    heard.clock.at = record.promise.due.until + GRACE_SECONDS
    assert await break_overdue(ledger=heard.ledger) == 0
    heard.clock.at += 1
    assert [await break_overdue(ledger=heard.ledger) for _ in range(2)] == [1, 0]
    assert await heard.states() == [("call_back", "broken", "clock")]
    assert heard.followed == [("call_back", "open"), ("call_back", "broken")]
    assert await heard.ledger.promises.count(PromiseFilter(state="broken", by_clock=True)) == 1


async def test_what_was_said_of_the_past_is_not_tracked(heard: Heard) -> None:
    """It could only be broken."""
    past = structs.replace(turn("We will ship it on November 20."), finished_at=NOW)
    await hear_turn(past, ledger=heard.ledger)
    assert await heard.states() == []
