"""The Shopify adapter carries an action out once per key."""

import asyncio
from typing import Any

import httpx
import pytest

from .till import ANA, EMMA, MARC, Till


async def test_cancels(till: Till) -> None:
    """An unshipped order is cancelled and paid back; the same key again is the same receipt."""
    first, second = [await till.act(MARC, kind="cancel", order_number="1003") for _ in range(2)]
    assert first == second
    assert (first.status, first.reference) == ("done", "#1003")
    order = await till.order("1003")
    assert (order.status, order.payment, order.refunded) == ("cancelled", "refunded", "158.95")


async def test_does_not_cancel(till: Till) -> None:
    """A shipped order, and one cancelled by someone else, are refused with the vendor's plain reason."""
    shipped = await till.act(EMMA, kind="cancel", order_number="1005")
    gone = await till.act(EMMA, kind="cancel", order_number="1006")
    assert (shipped.status, gone.status) == ("refused", "refused")
    assert "fulfillments" in shipped.detail
    assert "cancelled already" in gone.detail


async def test_opens_a_return_once(till: Till) -> None:
    """A return of everything opens once per key; with another key nothing is left to send back."""
    first, second = [await till.act(MARC, kind="return", order_number="1004") for _ in range(2)]
    assert first == second
    assert (first.status, first.reference) == ("done", "#1004-R1")
    assert (await till.order("1004")).status == "return_in_progress"
    other = await till.act(MARC, key="other", kind="return", order_number="1004")
    assert (other.status, other.detail) == ("refused", "nothing of this order can be sent back")


async def test_returns_named_items(till: Till) -> None:
    """Only the named items go back; the other can follow; an unknown one is refused by name."""
    one = await till.act(MARC, kind="return", order_number="1004", items=("HP-KINDLF-M-M",))
    two = await till.act(MARC, key="2", kind="return", order_number="1004", items=("HP-DRIFTB-PINE-GREEN",))
    bad = await till.act(MARC, key="3", kind="return", order_number="1004", items=("HP-NONE",))
    assert [r.reference for r in (one, two, bad)] == ["#1004-R1", "#1004-R2", ""]
    assert bad.detail == "cannot be sent back: HP-NONE"


async def test_refunds_once(till: Till) -> None:
    """A refund is paid once per key and tells its reference; the order shows it."""
    wish = {"kind": "refund", "order_number": "1002", "amount": "41.95", "currency": "USD"}
    first, second = [await till.act(ANA, **wish) for _ in range(2)]
    assert first == second
    assert first.status == "done"
    assert first.reference.isdigit()
    order = await till.order("1002")
    assert (order.payment, order.refunded, len(order.refunds_on)) == ("refunded", "41.95", 1)
    again = await till.act(ANA, key="another", **wish)
    assert (again.status, "0.00 USD are left" in again.detail) == ("refused", True)


async def test_refunds_items_at_their_price(till: Till) -> None:
    """Without an amount, named items are refunded at what they cost."""
    done = await till.act(ANA, kind="refund", order_number="1013", items=("HP-WAXWICK-STANDA",))
    assert done.status == "done"
    order = await till.order("1013")
    assert (order.payment, order.refunded) == ("partially_refunded", "26.00")
    twice = await till.act(ANA, key="2", kind="refund", order_number="1013", items=("HP-WAXWICK-STANDA",))
    assert twice.status == "refused"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"amount": "999.00"}, "are left"),
        ({"amount": "-1"}, "are left"),
        ({"amount": "ten"}, "is no amount"),
        ({"amount": "NaN"}, "is no amount"),
        ({"amount": "5.00", "currency": "EUR"}, "paid in USD, not EUR"),
        ({"items": ("HP-NONE",)}, "not part of the order"),
    ],
)
async def test_does_not_refund(till: Till, wish: dict[str, Any], words: str) -> None:
    """An impossible refund is refused with the reason and pays nothing."""
    receipt = await till.act(ANA, kind="refund", order_number="1002", **wish)
    assert (receipt.status, words in receipt.detail) == ("refused", True)
    assert (await till.order("1002")).refunded == ""


async def test_never_touches_another_customers_order(till: Till) -> None:
    """An action on someone else's or no order is refused alike and changes nothing."""
    for number in ("1003", "99999", "1003 OR name:1003"):
        receipt = await till.act(ANA, kind="cancel", order_number=number)
        assert (receipt.status, receipt.detail) == ("refused", "the shop has no such order")
    assert (await till.order("1003")).status == "unfulfilled"


async def test_a_guest_acts_on_a_proved_order(till: Till) -> None:
    """Without a customer the order's number decides: its proof was the caller's business."""
    assert (await till.act("", kind="cancel", order_number="1003")).status == "done"


@pytest.mark.parametrize(
    ("customer", "wish", "paid"),
    [
        (MARC, {"kind": "cancel", "order_number": "1003"}, "158.95"),
        (ANA, {"kind": "refund", "order_number": "1002", "amount": "10.00"}, "10.00"),
        (MARC, {"kind": "return", "order_number": "1004"}, ""),
    ],
)
async def test_a_lost_answer_is_not_repeated(
    till: Till, shopify_http: httpx.AsyncClient, customer: str, wish: dict[str, Any], paid: str
) -> None:
    """When the vendor did it but its answer is lost, the next attempt finds it done."""
    lost: list[str] = []

    async def lose(answer: httpx.Response) -> None:
        if b"mutation" in answer.request.content and not lost:
            lost.append("answer")
            raise httpx.ReadError("connection reset")

    shopify_http.event_hooks["response"] = [lose]
    receipt = await till.act(customer, **wish)
    assert (receipt.status, lost) == ("done", ["answer"])
    assert (await till.order(wish["order_number"])).refunded == paid


@pytest.mark.parametrize(
    ("customer", "wish"),
    [
        (MARC, {"kind": "cancel", "order_number": "1003"}),
        (ANA, {"kind": "refund", "order_number": "1002", "amount": "10.00"}),
        (MARC, {"kind": "return", "order_number": "1004"}),
    ],
)
async def test_at_the_same_time_is_once(till: Till, customer: str, wish: dict[str, Any]) -> None:
    """Four executions with one key at once give one receipt, and happen once."""
    receipts = await asyncio.gather(*(till.act(customer, **wish) for _ in range(4)))
    assert {(r.status, r.reference) for r in receipts} == {("done", receipts[0].reference)}
    order = await till.order(wish["order_number"])
    assert order.refunded == {"cancel": "158.95", "refund": "10.00", "return": ""}[wish["kind"]]
