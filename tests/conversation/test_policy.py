"""Policy: what may be done is decided by data, at the edges of every limit."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from conversation.rules.playbooks import load_policy
from conversation.rules.policy import (
    may_cancel,
    may_change,
    may_exchange,
    may_newsletter,
    may_refund,
    may_return,
)
from shared.contracts import Given, GivenKind, OrderItem
from shared.contracts.refunding import refund_action, refund_of, return_action
from tests.orders import item, order
from tests.products import variant

TODAY = date(2026, 11, 21)
ITEM = item("Tern Mug", "Blue", "TM-1", price="49.99")
DELIVERED = order(
    "1002",
    ITEM,
    status="delivered",
    delivered_on=(TODAY - timedelta(days=10)).isoformat(),
    total="49.99",
)


def given(*kinds: GivenKind, days: int = 90) -> tuple[Given, ...]:
    """What the customer got, so many days ago."""
    return tuple(Given(kind=kind, on=(TODAY - timedelta(days=days)).isoformat()) for kind in kinds)


def test_a_small_recent_refund_is_done() -> None:
    """At most $50 to be paid after the label, at most 30 days, no pattern: approved at once."""
    edge = structs.replace(DELIVERED, items=(structs.replace(ITEM, price="55.95"),), total="55.95")
    for bought in (DELIVERED, edge, structs.replace(edge, given=given("refund", "resend"))):
        assert may_refund(bought, policy=load_policy(), today=TODAY).decision == "do"


@pytest.mark.parametrize(
    ("status", "goal"),
    [
        ("unfulfilled", "refund.not_packed"),
        ("shipped", "refund.not_delivered"),
        ("delayed", "refund.not_delivered"),
        ("partially_shipped", "refund.not_delivered"),
    ],
)
def test_what_nobody_has_received_is_not_sent_back(status: str, goal: str) -> None:
    """Unpacked it can be cancelled; on its way, or after a first parcel alone, it is waited for."""
    first = DELIVERED.delivered_on if status == "partially_shipped" else ""
    order = structs.replace(DELIVERED, delivered_on=first, status=status)
    verdict = may_refund(order, policy=load_policy(), today=TODAY)
    assert (verdict.decision, verdict.goal) == ("no", goal)


def test_a_refund_is_the_price_paid_less_the_label() -> None:
    """With tax and after the discount; shipping stays paid, unless it was the shop's fault; a lead's data."""
    bought = structs.replace(ITEM, price="20.00", paid="18.00", tax="1.08", quantity=2)
    order = structs.replace(DELIVERED, items=(bought,), shipping="6.95", total="44.03")
    rule = load_policy().actions["refund"]
    changed = refund_of(order, (), rule)
    assert changed.told() == {
        "price": "40.00 USD", "discount": "4.00 USD", "tax": "1.08 USD", "label_cost": "5.95 USD",
        "kept_shipping": "6.95 USD", "amount": "31.13 USD",
    }  # fmt: skip
    assert str(refund_of(order, (), rule, fault=True).total) == "44.03"
    assert str(refund_of(order, (bought,), rule).total) == "31.13"
    assert str(refund_of(order, (bought,), rule, fault=True).total) == "37.08"
    # Money for no line the shop names: the rest is the most, less the label, and the shipping stays paid.
    before = refund_of(structs.replace(order, refunded="30.00"), (), rule)
    assert before.told() == {"kept_shipping": "6.95 USD", "amount": "1.13 USD"}
    action = refund_action(order, (), rule)
    assert (action.goods_back, action.label_cost, action.amount) == (True, "5.95", "31.13")
    at_once = refund_action(order, (), structs.replace(rule, goods_back=False, label_cost="", shipping=True))
    assert (at_once.goods_back, at_once.label, at_once.amount, at_once.items) == (False, "", "44.03", ())
    assert (action.items, refund_action(order, (bought,), rule).items) == (("TM-1",), ("TM-1",))


def test_only_units_that_are_left_are_refunded() -> None:
    """One of two refunded, one on its way, an item swapped for another: none of them is paid again."""
    rule, mug = load_policy().actions["refund"], item("Tern Mug", "Blue", "TM-2", price="30.00")
    pair = structs.replace(ITEM, price="20.00", quantity=2, tax="1.60")
    for went in ({"gone": 1}, {"back": 1}):
        socks = structs.replace(pair, **went)
        bought = structs.replace(DELIVERED, items=(socks, mug), total="71.60", refunded="20.80")
        assert str(refund_of(bought, (socks,), rule).total) == "14.85"
        assert return_action(bought, (socks,), rule).amount == "14.85"
    old = structs.replace(ITEM, price="20.00", gone=1, returnable=False)
    new = structs.replace(ITEM, price="20.00", sku="TM-3")
    swapped = structs.replace(DELIVERED, items=(old, new), total="26.95", shipping="6.95")
    assert refund_of(swapped, (), rule).told() == {
        "price": "20.00 USD", "label_cost": "5.95 USD", "kept_shipping": "6.95 USD", "amount": "14.05 USD",
    }  # fmt: skip
    assert refund_action(swapped, (), rule).items == ("TM-3",)


def test_what_the_label_eats_up_is_not_sent_back() -> None:
    """A patch of $4.50: no return that brings nothing, of it alone or as the whole order."""
    patch = item("Iron Patch", "One", "IP", price="5.95")
    both = structs.replace(DELIVERED, items=(patch, ITEM), total="55.94")
    alone = structs.replace(DELIVERED, items=(patch,), total="5.95")
    for may in (may_refund, may_return):
        for bought, items in ((both, (patch,)), (alone, ()), (alone, (patch,))):
            verdict = may(bought, items, policy=load_policy(), today=TODAY)
            assert (verdict.decision, verdict.goal) == ("no", "refund.not_worth")
        assert may(both, (ITEM,), policy=load_policy(), today=TODAY).decision == "do"


@pytest.mark.parametrize(
    "change",
    [
        {"items": (structs.replace(ITEM, price="55.96"),), "total": "55.96"},
        {"delivered_on": (TODAY - timedelta(days=31)).isoformat()},
        {"given": given("refund", "refund", "refund")},
        {"given": given("refund", "exchange", "resend")},
        {"items": (structs.replace(ITEM, returnable=False),)},
    ],
)
def test_a_refund_beyond_any_limit_needs_a_person(change: dict[str, object]) -> None:
    """Each limit alone is enough."""
    order = structs.replace(DELIVERED, **change)
    assert may_refund(order, policy=load_policy(), today=TODAY).decision == "person"


def test_a_refund_that_is_not_at_once_says_what_it_goes_beyond() -> None:
    """Staff see every limit it is over, and refunds of long ago count for nothing."""
    late = (TODAY - timedelta(days=31)).isoformat()
    dear = (structs.replace(ITEM, price="60.00"),)
    order = structs.replace(
        DELIVERED, items=dear, total="60.00", delivered_on=late, given=given(*["refund"] * 3, days=91)
    )
    assert may_refund(order, policy=load_policy(), today=TODAY).why == ("amount", "window")


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
        ({"status": "partially_shipped"}, "return.not_delivered"),
        ({"status": "return_in_progress"}, "return.already"),
        ({"items": (structs.replace(ITEM, returnable=False),)}, "return.final_sale"),
        ({"items": (structs.replace(ITEM, returnable=False, gone=1),)}, "return.gone"),
        ({"items": (structs.replace(ITEM, returnable=False),), "payment": "refunded"}, "return.refunded"),
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
    assert may_cancel(structs.replace(DELIVERED, status=status), policy=load_policy()).decision == decision


def swap(price: str = "49.99", **change: object) -> tuple[str, str]:
    """An exchange of the item for one of this price."""
    wanted = variant("Red", "TM-2", price=price)
    order = structs.replace(DELIVERED, **change)
    verdict = may_exchange(order, ITEM, wanted, policy=load_policy(), today=TODAY)
    return verdict.decision, verdict.goal or ",".join(verdict.why)


def test_an_exchange_is_done_at_the_same_price_within_the_window() -> None:
    """Dearer, cheaper or one of many, a person looks at it; late, sent or of a gift card, it is declined."""
    late = (TODAY - timedelta(days=31)).isoformat()
    keeps: tuple[OrderItem, ...] = (structs.replace(ITEM, returnable=False),)
    assert swap() == ("do", "")
    assert swap(given=given("resend", "exchange", "refund")) == ("person", "abuse")
    assert swap("59.99") == ("person", "price")
    assert swap("39.99") == ("person", "price")
    assert swap(delivered_on=late) == ("no", "exchange.window_closed")
    assert swap(delivered_on="", status="shipped") == ("no", "exchange.not_delivered")
    assert swap(items=keeps) == ("no", "return.final_sale")


@pytest.mark.parametrize(
    ("status", "signed_in", "said"),
    [
        ("unfulfilled", True, ("do", "")),
        ("unfulfilled", False, ("proof", "change.sign_in")),
        ("shipped", True, ("no", "change.too_late")),
        ("cancelled", True, ("no", "cancel.already")),
    ],
)
def test_an_address_asks_for_more_than_an_order_s_proof(
    status: str, signed_in: bool, said: tuple[str, str]
) -> None:
    """An e-mail address is known to many: it moves no parcel."""
    order = structs.replace(DELIVERED, status=status)
    verdict = may_change("address", order, policy=load_policy(), signed_in=signed_in)
    assert (verdict.decision, verdict.goal) == said


def test_an_item_is_changed_by_a_guest_who_proved_the_order() -> None:
    """Nothing goes elsewhere, so the order's proof is enough; another price is for a person."""
    order = structs.replace(DELIVERED, status="unfulfilled")
    for price, decision in (("49.99", "do"), ("60.00", "person")):
        wanted = variant("Red", "TM-2", price=price)
        verdict = may_change("item", order, policy=load_policy(), signed_in=False, item=ITEM, wanted=wanted)
        assert verdict.decision == decision


def test_the_newsletter_is_of_one_s_own_account() -> None:
    """Nobody signs up somebody else."""
    assert may_newsletter(policy=load_policy(), signed_in=True).decision == "do"
    assert may_newsletter(policy=load_policy(), signed_in=False).decision == "proof"


@pytest.mark.parametrize(
    ("tier", "decision", "why"),
    [("approval", "person", ("tier",)), ("never", "person", ()), ("auto", "do", ())],
)
def test_who_decides_is_a_word_in_the_file(tier: str, decision: str, why: tuple[str, ...]) -> None:
    """`approval` asks a person for what would be done at once; `never` leaves nothing to approve."""
    policy = load_policy()
    rule = structs.replace(policy.actions["cancel"], tier=tier)
    policy = structs.replace(policy, actions={**policy.actions, "cancel": rule})
    verdict = may_cancel(structs.replace(DELIVERED, status="unfulfilled"), policy=policy)
    assert (verdict.decision, verdict.why) == (decision, why)
