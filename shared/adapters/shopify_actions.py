"""Carries out a return, a cancellation or a refund at Shopify, once per key."""

import uuid
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.adapters.shopify_wire import Line, Money
from shared.errors import VendorDown

# Turns our key into the vendor's recommended form; the value only has to stay the same forever.
_KEYS = uuid.UUID("5f0f2a0c-6d6e-4d8f-9b8a-3f1a4f4f7c11")
_OVER = {"CANCELED", "DECLINED"}


@dataclass(frozen=True)
class Refused:
    """Why an action cannot be done."""

    why: str


async def carry_out(
    client: ShopifyClient, action: c.Action, *, search: str, customer: str, key: str
) -> c.Receipt:
    """One attempt, safe to repeat: it looks for its own mark before it acts and after a refusal.

    `search` finds the order, `customer` is the gid it must belong to (empty: whoever's, proved before).
    """
    name = uuid.uuid5(_KEYS, key)
    mark = f"desk:{name}"
    order = await _look(client, search)
    if order is None or (customer and (order.customer is None or order.customer.id != customer)):
        return _receipt(action, "refused", "", "the shop has no such order")
    if reference := _done_before(action, order, mark):
        return _receipt(action, "done", reference)
    refusal = await _act(client, action, order, mark=mark, key=str(name))
    after = await _look(client, search)
    if after is not None and (reference := _done_before(action, after, mark)):
        return _receipt(action, "done", reference)
    if refusal is not None:
        return _receipt(action, "refused", "", refusal.why)
    # The vendor took it but does not show it yet (cancelling is a job there): look again later.
    raise VendorDown(VENDOR, f"accepted the {action.kind} but has not finished it")


async def _look(client: ShopifyClient, search: str) -> wire.WorkOrder | None:
    found = (await client.once(queries.WORK, wire.Work, search=search)).orders.nodes
    return found[0] if found else None


def _done_before(action: c.Action, order: wire.WorkOrder, mark: str) -> str:
    """The reference of this very action when an earlier attempt has done it, else empty."""
    if action.kind == "cancel":
        note = order.cancellation.staff_note if order.cancellation else None
        return order.name if order.cancelled_at and mark in (note or "") else ""
    if action.kind == "refund":
        return next((row.legacy_resource_id for row in order.refunds if mark in (row.note or "")), "")
    for sent in order.returns.nodes:
        if any(mark in line.return_reason_note for line in sent.return_line_items.nodes):
            return sent.name
    return ""


async def _act(
    client: ShopifyClient, action: c.Action, order: wire.WorkOrder, *, mark: str, key: str
) -> Refused | None:
    if action.kind == "cancel":
        if order.cancelled_at:
            return Refused("the order is cancelled already")
        return await _ask(client, queries.CANCEL, order=order.id, note=mark)
    if action.kind == "refund":
        wish = _refund_wish(action, order, mark)
        return wish if isinstance(wish, Refused) else await _ask(client, queries.REFUND, input=wish, key=key)
    rows = _return_rows(action, order, mark)
    if isinstance(rows, Refused):
        return rows
    wish = {"orderId": order.id, "returnLineItems": rows}
    return await _ask(client, queries.RETURN, input=wish)


async def _ask(client: ShopifyClient, mutation: str, **variables: object) -> Refused | None:
    done = (await client.once(mutation, wire.Done, **variables)).done
    if done is None:
        raise VendorDown(VENDOR, "answered nothing about the change")
    return Refused("; ".join(problem.message for problem in done.problems)) if done.problems else None


def _return_rows(action: c.Action, order: wire.WorkOrder, mark: str) -> "list[dict[str, object]] | Refused":
    """What can go back of the wished items: shipped, returnable, not on its way back already."""
    lines = {line.id: line for line in order.line_items.nodes}
    back: Counter[str] = Counter()
    for sent in order.returns.nodes:
        if sent.status not in _OVER:
            for row in sent.return_line_items.nodes:
                back[row.fulfillment_line_item.id] += row.quantity
    rows: list[dict[str, object]] = []
    missing = set(action.items)
    for parcel in order.fulfillments:
        for part in parcel.fulfillment_line_items.nodes if parcel.status != "CANCELLED" else ():
            sku = part.line_item.sku or ""
            left = min(part.quantity - back[part.id], lines[part.line_item.id].refundable_quantity)
            if (
                left <= 0
                or not lines[part.line_item.id].returnable
                or (action.items and sku not in action.items)
            ):
                continue
            missing.discard(sku)
            rows.append(
                {
                    "fulfillmentLineItemId": part.id,
                    "quantity": left,
                    "returnReasonNote": mark,
                }
            )
    if missing:
        return Refused(f"cannot be sent back: {', '.join(sorted(missing))}")
    return rows or Refused("nothing of this order can be sent back")


def _refund_wish(action: c.Action, order: wire.WorkOrder, mark: str) -> "dict[str, object] | Refused":
    left = _value(order.total_price_set) - _value(order.total_refunded_set)
    lines = [line for line in order.line_items.nodes if line.refundable_quantity > 0]
    if action.items:
        lines = [line for line in lines if line.sku in action.items]
        if len({line.sku for line in lines}) < len(set(action.items)):
            return Refused("some of these items are refunded already or not part of the order")
    try:
        amount = Decimal(action.amount) if action.amount else _worth(lines, left, of_items=bool(action.items))
        possible = 0 < amount <= left  # a NaN compares with nothing
    except InvalidOperation:
        return Refused(f"{action.amount!r} is no amount: write it like 49.90")
    if action.currency and action.currency != order.currency_code:
        return Refused(f"the order was paid in {order.currency_code}, not {action.currency}")
    if not possible:
        return Refused(f"{amount} cannot be refunded: {left} {order.currency_code} are left")
    paid = [p for p in order.transactions if p.kind in {"SALE", "CAPTURE"} and p.status == "SUCCESS"]
    if not paid:
        return Refused("the order has no payment to refund")
    payment = max(paid, key=lambda row: _value(row.amount_set))
    counted = lines if action.items or amount == left else []
    return {
        "orderId": order.id,
        "note": mark,
        "notify": True,
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


def _worth(lines: list[Line], left: Decimal, *, of_items: bool) -> Decimal:
    if not of_items:
        return left
    prices = [_value(line.original_unit_price_set) * line.refundable_quantity for line in lines]
    return min(sum(prices, Decimal(0)), left)


def _value(money: Money) -> Decimal:
    return Decimal(money.shop_money.amount)


def _receipt(action: c.Action, status: str, reference: str, detail: str = "") -> c.Receipt:
    return c.Receipt(
        kind=action.kind,
        order_number=action.order_number,
        status="done" if status == "done" else "refused",
        reference=reference,
        detail=detail,
    )
