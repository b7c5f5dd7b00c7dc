"""Pays back at Shopify: over the order's own payment, or as store credit."""

from decimal import Decimal, InvalidOperation

from shared import contracts as c
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_mutations import REFUND
from shared.adapters.shopify_packing import restocked
from shared.adapters.shopify_returns import OVER, on_their_way
from shared.adapters.shopify_wire import Line
from shared.adapters.shopify_wire_base import Money


def paid_back(order: wire.WorkOrder, mark: Mark) -> str:
    """The reference of the refund with this mark, or empty."""
    return next((row.legacy_resource_id for row in order.refunds if mark.text in (row.note or "")), "")


async def pay_back(
    client: ShopifyClient, action: c.Refund | c.StoreCredit | c.Cancel, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """One refund, once per mark: the note finds it again, the directive holds off a second one.

    Of lines that are cancelled, too: refunding them before they are packed takes them out of the order.
    """
    if not isinstance(action, c.Cancel) and (problem := _sent_back(action, order)):
        return problem
    if isinstance(action, c.StoreCredit):
        wish = _credit(action, order)
    else:
        wish = await _refund(client, action, order)
    if isinstance(wish, Refused):
        return wish
    whole = wish | {"orderId": order.id, "note": mark.text, "notify": True}
    return await ask(client, REFUND, input=whole, key=str(mark.key))


def _credit(action: c.StoreCredit, order: wire.WorkOrder) -> "dict[str, object] | Refused":
    amount = possible(action.amount, action.currency, order)
    if isinstance(amount, Refused):
        return amount
    credit = {"amount": f"{amount:.2f}", "currencyCode": order.currency_code}
    return {"refundMethods": [{"storeCreditRefund": {"amount": credit}}]}


async def _refund(
    client: ShopifyClient, action: c.Refund | c.Cancel, order: wire.WorkOrder
) -> "dict[str, object] | Refused":
    lines = [line for line in order.line_items.nodes if line.refundable_quantity > 0]
    if action.items:
        lines = [line for line in lines if line.sku in action.items]
        if len({line.sku for line in lines}) < len(set(action.items)):
            known = set(action.items) <= {line.sku for line in order.line_items.nodes}
            why = "some of these items are refunded already or not part of the order"
            return Refused(why, "already_paid" if known else "not_in_order")
    worth = action.amount or str(_worth(lines, left_of(order), of_items=bool(action.items)))
    amount = possible(worth, action.currency, order)
    if isinstance(amount, Refused):
        return amount
    payment = payment_of(order)
    if payment is None:
        return Refused("the order has no payment to refund")
    counted = lines if action.items or amount == left_of(order) else []
    rows: list[dict[str, object]] | Refused = [
        {"lineItemId": line.id, "quantity": line.refundable_quantity, "restockType": "NO_RESTOCK"}
        for line in counted
    ]
    if isinstance(action, c.Cancel):
        rows = await restocked(client, order, counted)
    if isinstance(rows, Refused):
        return rows
    return {
        "refundLineItems": rows,
        "transactions": [
            {
                "orderId": order.id,
                "gateway": payment.gateway or "",
                "kind": "REFUND",
                "amount": f"{amount:.2f}",
                "parentId": payment.id,
            }
        ],
    }


def _sent_back(action: c.Refund | c.StoreCredit, order: wire.WorkOrder) -> Refused | None:
    """What is on its way back is paid when it has arrived: who pays it now pays it twice."""
    if isinstance(action, c.Refund) and action.items:
        parts = [part for parcel in order.fulfillments for part in parcel.fulfillment_line_items.nodes]
        back = on_their_way(order)
        if twice := sorted({p.line_item.sku or "" for p in parts if back[p.id]} & set(action.items)):
            return Refused(f"in a return already: {', '.join(twice)}", "already_back")
        return None
    # An amount that names no lines may be for what is coming back: nobody could tell when that is paid.
    if names := [row.name for row in order.returns.nodes if waits_for_money(row)]:
        return Refused(f"return {names[0]} of this order waits to be paid", "already_back")
    return None


def waits_for_money(sent: wire.WorkReturn) -> bool:
    """Whether a return stands of which something is still to be taken in, or paid."""
    if sent.status in OVER:
        return False
    unpaid = sent.status == "OPEN" and not sent.refunds.nodes
    return unpaid or any(row.processable_quantity > 0 for row in sent.return_line_items.nodes)


def payment_of(order: wire.WorkOrder) -> wire.Payment | None:
    """The payment that money goes back to; None where nothing was paid."""
    paid = [p for p in order.transactions if p.kind in {"SALE", "CAPTURE"} and p.status == "SUCCESS"]
    return max(paid, key=lambda row: value_of(row.amount_set), default=None)


def possible(wished: str, currency: str, order: wire.WorkOrder) -> "Decimal | Refused":
    """The amount, when it can be paid back. `wished` is a decimal string."""
    left = left_of(order)
    try:
        amount = Decimal(wished)
        possible = 0 < amount <= left  # a NaN compares with nothing
    except InvalidOperation:
        return Refused(f"{wished!r} is no amount: write it like 49.90")
    if currency and currency != order.currency_code:
        return Refused(f"the order was paid in {order.currency_code}, not {currency}")
    if not possible:
        why = f"{amount} cannot be refunded: {left} {order.currency_code} are left"
        return Refused(why, "too_much" if left else "already_paid")
    return amount


def left_of(order: wire.WorkOrder) -> Decimal:
    """What of the order's payment has not been paid back."""
    return value_of(order.total_price_set) - value_of(order.total_refunded_set)


def _worth(lines: "list[wire.WorkLine]", left: Decimal, *, of_items: bool) -> Decimal:
    if not of_items:
        return left
    return min(sum((_price(line) * line.refundable_quantity for line in lines), Decimal(0)), left)


def _price(line: Line) -> Decimal:
    return value_of(line.original_unit_price_set)


def value_of(money: Money) -> Decimal:
    """As a number, in the shop's currency."""
    return Decimal(money.shop_money.amount)
