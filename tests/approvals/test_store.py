"""The `Approvals` port: a request is kept once, decided once, and goes with its conversation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.store import open_store
from shared.contracts import (
    APPROVAL_SECONDS,
    Approval,
    ApprovalAsked,
    DecisionLost,
    DecisionMade,
    Refund,
    StoreCredit,
)
from shared.contracts.previews import previews
from shared.ports import ApprovalPlace, Approvals, ConversationStore, Deciding

REFUND = Refund(order_number="1005", amount="123.00", currency="USD")
NOW = 1_000_000.0


def request(name: str = "a-1", conversation: str = "c-1", *, at: float = NOW) -> Approval:
    """A refund over the limit."""
    asked = ApprovalAsked(
        id=name,
        case_id=f"h-{name}",
        action=REFUND,
        why=("amount",),
        preview=previews(REFUND, {}),
        language="en",
    )
    return Approval(id=name, conversation_id=conversation, asked=asked, asked_at=at)


def given(decision: Any = "approve", by: str = "emma", **fields: Any) -> Deciding:
    """A decision of somebody's."""
    return Deciding(decision=decision, by=f"staff:m-{by}", name=by.title(), **{"at": NOW + 60, **fields})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    async with open_store(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
async def approvals(store: ConversationStore, tmp_path: Path) -> AsyncIterator[Approvals]:
    async with open_approvals(tmp_path / "desk.db") as found:
        yield found


async def test_asked_twice_it_waits_once(approvals: Approvals) -> None:
    """A turn replayed after a crash asks again, and changes nothing, not even a decision."""
    await approvals.ask(request())
    await approvals.ask(structs.replace(request(), asked_at=NOW + 5))
    assert await approvals.open(now=NOW) == [request()]
    await approvals.decide("a-1", given())
    assert (await approvals.ask(request())).status == "approved"
    assert await approvals.open(now=NOW) == []


async def test_pages_are_oldest_first_and_whole(approvals: Approvals) -> None:
    """Every request stands on exactly one page."""
    for n in range(5):
        await approvals.ask(request(f"a-{n}", f"c-{n}", at=NOW + n // 2))
    seen: list[str] = []
    after = None
    while page := await approvals.open(now=NOW, after=after, limit=2):
        seen += [each.id for each in page]
        after = ApprovalPlace(page[-1].asked_at, page[-1].id)
    assert seen == [f"a-{n}" for n in range(5)]
    assert await approvals.count(now=NOW) == 5


async def test_of_two_decisions_at_once_one_counts(approvals: Approvals, tmp_path: Path) -> None:
    """The other is told whose did; the same person's double click is one decision."""
    await approvals.ask(request())
    async with open_approvals(tmp_path / "desk.db") as other:
        first, second = await asyncio.gather(
            approvals.decide("a-1", given("approve", "emma")), other.decide("a-1", given("deny", "noah"))
        )
    won, lost = (first, second) if isinstance(first, DecisionMade) else (second, first)
    assert isinstance(won, DecisionMade)
    assert isinstance(lost, DecisionLost)
    assert lost.why == "decided"
    assert lost.approval == won.approval
    again = await approvals.decide("a-1", given("approve", "emma", at=NOW + 99))
    assert isinstance(again, DecisionMade) == (won.approval.decided_name == "Emma")


async def test_what_is_done_instead_is_kept(approvals: Approvals) -> None:
    """The wish keeps its key, so that both cannot happen."""
    await approvals.ask(request())
    credit = StoreCredit(order_number="1005", amount="100.00", currency="USD")
    made = await approvals.decide("a-1", given("edit", edited=credit))
    assert isinstance(made, DecisionMade)
    assert (made.approval.status, made.approval.edited, made.approval.key) == ("edited", credit, REFUND.key)


async def test_a_decision_that_comes_too_late_is_told_so(approvals: Approvals) -> None:
    """Unknown, taken back or expired: a value each, and nothing happens."""
    for name in ("a-1", "a-2"):
        await approvals.ask(request(name, name))
    assert await approvals.withdraw("a-1", at=NOW + 30) == 1
    late = NOW + APPROVAL_SECONDS + 1
    answers = [
        await approvals.decide("a-0", given()),
        await approvals.decide("a-1", given()),
        await approvals.decide("a-2", given(at=late)),
    ]
    assert [each.why for each in answers if isinstance(each, DecisionLost)] == ["unknown", "void", "expired"]
    assert await approvals.untold(before=late) == []
    assert await approvals.open(now=late) == []


async def test_taking_back_is_the_same_when_replayed(approvals: Approvals) -> None:
    """And a decision that was faster stays."""
    await approvals.ask(request())
    assert [await approvals.withdraw("c-1", at=NOW + 30) for _ in range(2)] == [1, 1]
    await approvals.ask(request("a-2", at=NOW + 40))
    await approvals.decide("a-2", given())
    assert await approvals.withdraw("c-1", at=NOW + 90) == 0


async def test_what_is_owed_for_a_return_is_not_taken_back(approvals: Approvals) -> None:
    """The parcel is with the shop already: "cancel my request" voids the other wish alone."""
    asked = request()
    action = structs.replace(REFUND, of_return="#1005-R1")
    owed = structs.replace(asked, id="a-2", asked=structs.replace(asked.asked, id="a-2", action=action))
    for each in (asked, owed):
        await approvals.ask(each)
    assert await approvals.withdraw("c-1", at=NOW + 30) == 1
    assert [each.status for each in await approvals.of("c-1")] == ["void", "open"]


async def test_what_was_decided_stays_untold_until_it_is_told(approvals: Approvals) -> None:
    """A process that died between the two leaves it to the next."""
    await approvals.ask(request())
    await approvals.decide("a-1", given())
    assert [each.id for each in await approvals.untold(before=NOW + 60)] == ["a-1"]
    assert await approvals.untold(before=NOW + 59) == []
    await approvals.mark_told("a-1")
    assert await approvals.untold(before=NOW + 60) == []


async def test_requests_show_in_exports_and_go_with_their_conversation(
    approvals: Approvals, store: ConversationStore
) -> None:
    """Nothing of an erased conversation is asked anew either."""
    await approvals.ask(request())
    await approvals.ask(request("a-2", "c-2"))
    (held,) = await store.held(["c-1"])
    assert held.approvals == [request()]
    assert (await store.erase(["c-1"]))["approvals"] == 1
    assert await approvals.of("c-1") == []
    await approvals.ask(request())
    assert [each.id for each in await approvals.open(now=NOW)] == ["a-2"]
