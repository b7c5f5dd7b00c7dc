"""A part of an order is cancelled at the shop: it is out and paid back, the rest stays."""

from conversation.rules.playbooks import load_policy
from shared import contracts as c
from shared.contracts.refunding import cancel_action
from tests.adapters.test_shopify_kinds import PART, TWO_LINES

from .till import ANA, Till


async def test_a_part_is_cancelled_and_the_rest_stays(till: Till) -> None:
    """Its lines are out and paid back, the order is not cancelled; then all of it still can be."""
    whole = await till.order("1430")
    vest, bottle = whole.items
    rule = load_policy().actions["cancel"]
    asked = cancel_action(whole, (vest,), rule, reason="customer")
    assert asked == c.Cancel(reason="customer", **PART)
    receipt = await till.act(TWO_LINES, kind="cancel", **PART)
    assert (receipt.status, receipt.part) == ("done", True)
    left = await till.order("1430")
    assert (left.status, left.payment, left.refunded) == ("unfulfilled", "partially_refunded", "97.52")
    assert [item.left for item in left.items] == [0, bottle.quantity]
    # What is left of an order is the whole of it, and what is gone is not cancelled twice.
    assert not cancel_action(left, (left.items[1],), rule, reason="").items
    assert (await till.act(TWO_LINES, key="k2", kind="cancel", **PART)).why == "already_paid"
    assert (await till.act(TWO_LINES, key="k3", kind="cancel", order_number="1430")).status == "done"
    assert ((await till.order("1430")).status, (await till.order("1430")).refunded) == ("cancelled", "151.39")


async def test_nothing_of_what_has_left_is_cancelled(till: Till) -> None:
    """Nor is it paid back."""
    wish = {"order_number": "1001", "items": ("HP-SPARRSS-PACK-OF-2",), "amount": "9.00", "currency": "USD"}
    refused = await till.act(ANA, kind="cancel", **wish)
    assert (refused.status, refused.why, (await till.order("1001")).refunded) == ("refused", "shipped", "")
