"""Policy: what may be done is decided by data, at the edges of every limit."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from conversation.playbooks import load_policy
from conversation.policy import may_cancel, may_refund, may_return
from tests.orders import item, order

TODAY = date(2026, 11, 21)
ITEM = item("Tern Mug", "Blue", "TM-1", price="49.99")
DELIVERED = order(
    "1002",
    ITEM,
    status="delivered",
    delivered_on=(TODAY - timedelta(days=10)).isoformat(),
    total="49.99",
)


def test_a_small_recent_refund_is_done() -> None:
    """At most $50, at most 30 days, no pattern: approved at once."""
    assert may_refund(DELIVERED, policy=load_policy(), today=TODAY).decision == "do"


@pytest.mark.parametrize(
    "change",
    [
        {"total": "50.01"},
        {"delivered_on": (TODAY - timedelta(days=31)).isoformat()},
        {"refund_count_90d": 3},
        {"items": (structs.replace(ITEM, returnable=False),)},
        {"delivered_on": "", "status": "shipped"},
    ],
)
def test_a_refund_beyond_any_limit_needs_a_person(change: dict[str, object]) -> None:
    """Each limit alone is enough."""
    order = structs.replace(DELIVERED, **change)
    assert may_refund(order, policy=load_policy(), today=TODAY).decision == "person"


@pytest.mark.parametrize("days", [0, 30])
def test_a_return_is_possible_up_to_the_last_day(days: int) -> None:
    """Day 30 still counts."""
    order = structs.replace(DELIVERED, delivered_on=(TODAY - timedelta(days=days)).isoformat())
    assert may_return(order, policy=load_policy(), today=TODAY).decision == "do"


@pytest.mark.parametrize(
    ("change", "goal"),
    [
        ({"delivered_on": (TODAY - timedelta(days=31)).isoformat()}, "return.window_closed"),
        ({"delivered_on": "", "status": "shipped"}, "return.not_delivered"),
        ({"status": "return_in_progress"}, "return.already"),
        ({"items": (structs.replace(ITEM, returnable=False),)}, "return.final_sale"),
    ],
)
def test_a_return_outside_policy_is_declined_with_its_reason(change: dict[str, object], goal: str) -> None:
    """The customer hears why."""
    verdict = may_return(structs.replace(DELIVERED, **change), policy=load_policy(), today=TODAY)
    assert (verdict.decision, verdict.goal) == ("no", goal)


@pytest.mark.parametrize(
    ("status", "decision"),
    [("unfulfilled", "do"), ("on_hold", "do"), ("shipped", "no"), ("delivered", "no"), ("cancelled", "no")],
)
def test_only_an_unfulfilled_order_is_cancelled(status: str, decision: str) -> None:
    """Nothing that is on its way is called back."""
    assert may_cancel(structs.replace(DELIVERED, status=status)).decision == decision
