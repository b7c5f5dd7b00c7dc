"""Pays back at Shopify: over the order's own payment, or as store credit."""

from decimal import Decimal, InvalidOperation

from shared import contracts as c
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_mutations import REFUND
from shared.adapters.shopify_wire import Line, Money


def paid_back(order: wire.WorkOrder, mark: Mark) -> str:
    """The reference of the refund with this mark, or empty."""
    return next((row.legacy_resource_id for row in order.refunds if mark.text in (row.note or "")), "")


async def pay_back(
    client: ShopifyClient, action: c.Refund | c.StoreCredit, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """One refund, once per mark: the note finds it again, the directive holds off a second one."""
    wish = _credit(action, order) if isinstance(action, c.StoreCredit) else _refund(action, order)
    if isinstance(wish, Refused):
        return wish
    whole = wish | {"orderId": order.id, "note": mark.text, "notify": True}
    return await ask(client, REFUND, input=whole, key=str(mark.key))


def _credit(action: c.StoreCredit, order: wire.WorkOrder) -> "dict[str, object] | Refused":
    amount = _possible(action.amount, action.currency, order)
    if isinstance(amount, Refused):
        return amount
    credit = {"amount": f"{amount:.2f}", "currencyCode": order.currency_code}
    return {"refundMethods": [{"storeCreditRefund": {"amount": credit}}]}


def _refund(action: c.Refund, order: wire.WorkOrder) -> "dict[str, object] | Refused":
    lines = [line for line in order.line_items.nodes if line.refundable_quantity > 0]
    if action.items:
        lines = [line for line in lines if line.sku in action.items]
        if len({line.sku for line in lines}) < len(set(action.items)):
            return Refused("some of these items are refunded already or not part of the order")
    worth = action.amount or str(_worth(lines, _left(order), of_items=bool(action.items)))
    amount = _possible(worth, action.currency, order)
    if isinstance(amount, Refused):
        return amount
    paid = [p for p in order.transactions if p.kind in {"SALE", "CAPTURE"} and p.status == "SUCCESS"]
    if not paid:
        return Refused("the order has no payment to refund")
    payment = max(paid, key=lambda row: _value(row.amount_set))
    counted = lines if action.items or amount == _left(order) else []
    return {
        "refundLineItems": [
            {"lineItemId": line.id, "quantity": line.refundable_quantity, "restockType": "NO_RESTOCK"}
            for line in counted
        ],
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


def _possible(wished: str, currency: str, order: wire.WorkOrder) -> "Decimal | Refused":
    left = _left(order)
    try:
        amount = Decimal(wished)
        possible = 0 < amount <= left  # a NaN compares with nothing
    except InvalidOperation:
        return Refused(f"{wished!r} is no amount: write it like 49.90")
    if currency and currency != order.currency_code:
        return Refused(f"the order was paid in {order.currency_code}, not {currency}")
    if not possible:
        return Refused(f"{amount} cannot be refunded: {left} {order.currency_code} are left")
    return amount


def _left(order: wire.WorkOrder) -> Decimal:
    return _value(order.total_price_set) - _value(order.total_refunded_set)


def _worth(lines: "list[wire.WorkLine]", left: Decimal, *, of_items: bool) -> Decimal:
    if not of_items:
        return left
    return min(sum((_price(line) * line.refundable_quantity for line in lines), Decimal(0)), left)


def _price(line: Line) -> Decimal:
    return _value(line.original_unit_price_set)


def _value(money: Money) -> Decimal:
    return Decimal(money.shop_money.amount)
