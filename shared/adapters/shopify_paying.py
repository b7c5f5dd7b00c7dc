"""Pays at Shopify what was agreed to for a return, once its parcel has been taken in.

The warehouse says what it did with each line ("Manage reverse fulfillment orders": a disposition), then the
return is processed and its refund issued in one step ("returnProcess"), which takes no line twice. Where
somebody has processed it without paying, or paid a part, the rest is paid by an idempotent `refundCreate`.
"""

from collections import Counter
from decimal import Decimal

from shared import contracts as c
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask, is_ours
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_money import left_of, payment_of, possible, value_of
from shared.adapters.shopify_mutations import PROCESS, REFUND
from shared.adapters.shopify_returns import OVER
from shared.adapters.shopify_wire import Refund
from shared.ports import CameBack

_TAKEN_IN = {"RESTOCKED", "NOT_RESTOCKED"}
_MISSING = "MISSING"
_NOT_BACK: dict[CameBack, Refused] = {
    "not_yet": Refused("the parcel of the return has not been taken in yet", "not_arrived"),
    "incomplete": Refused("something of the return is missing from its parcel", "incomplete"),
    "gone": Refused("the return was taken back", "no_order"),
    "all": Refused("the shop does not show the return"),
}


def came_back(order: wire.WorkOrder | None, name: str) -> CameBack:
    """What the warehouse has taken in of the return of this name."""
    found = _named(order, name) if order else None
    if found is None or found.status in OVER:
        return "gone"
    lines = [line for back in found.reverse_fulfillment_orders.nodes for line in back.line_items.nodes]
    seen: Counter[str] = Counter()
    for line in lines:
        for each in line.dispositions:
            seen["in" if each.type in _TAKEN_IN else each.type] += each.quantity
    wanted = sum(line.total_quantity for line in lines)
    if seen["in"] + seen[_MISSING] < wanted or not wanted:
        return "not_yet"
    return "incomplete" if seen[_MISSING] else "all"


def paid(action: c.Refund, order: wire.WorkOrder, mark: Mark) -> str:
    """The reference of the refund, when all that was agreed to has been paid; empty otherwise."""
    refunds = _refunds(action, order, mark)
    if not refunds or _sum(refunds) < Decimal(action.amount):
        return ""
    return refunds[-1].legacy_resource_id


async def pay(client: ShopifyClient, action: c.Refund, order: wire.WorkOrder, mark: Mark) -> Refused | None:
    """What is still owed: nothing before all of it is here, and never more than was agreed to."""
    found, state = _named(order, action.of_return), came_back(order, action.of_return)
    if found is None or state != "all":
        return _NOT_BACK[state]
    owed = possible(str(Decimal(action.amount) - _sum(_refunds(action, order, mark))), action.currency, order)
    payment = payment_of(order)
    if isinstance(owed, Refused) or payment is None:
        return owed if isinstance(owed, Refused) else Refused("the order has no payment to refund")
    if problem := _unclear(order, found):
        return problem
    rows = [row for row in found.return_line_items.nodes if row.processable_quantity > 0]
    if not rows:
        return await _rest(client, order, payment, owed, mark)
    money = {"amount": f"{owed:.2f}", "currencyCode": order.currency_code}
    wish = {
        "returnId": found.id,
        "returnLineItems": [{"id": row.id, "quantity": row.processable_quantity} for row in rows],
        "financialTransfer": {
            "issueRefund": {"orderTransactions": [{"transactionAmount": money, "parentId": payment.id}]}
        },
        "note": mark.text,
        "notifyCustomer": True,
    }
    return await ask(client, PROCESS, input=wish)


async def _rest(
    client: ShopifyClient, order: wire.WorkOrder, payment: wire.Payment, owed: Decimal, mark: Mark
) -> Refused | None:
    """The return was processed without (all of) its money."""
    transaction = {
        "orderId": order.id,
        "gateway": payment.gateway or "",
        "kind": "REFUND",
        "amount": f"{min(owed, left_of(order)):.2f}",
        "parentId": payment.id,
    }
    wish = {"orderId": order.id, "note": mark.text, "notify": True, "transactions": [transaction]}
    return await ask(client, REFUND, input=wish, key=str(mark.key))


def _named(order: wire.WorkOrder, name: str) -> wire.WorkReturn | None:
    return next((row for row in order.returns.nodes if row.name == name), None)


def _refunds(action: c.Refund, order: wire.WorkOrder, mark: Mark) -> list[Refund]:
    """What was paid for this return, by whomever, and what we paid of the rest."""
    found = _named(order, action.of_return)
    with_it = {row.legacy_resource_id: row for row in found.refunds.nodes} if found else {}
    ours = {row.legacy_resource_id: row for row in order.refunds if mark.text in (row.note or "")}
    return list((with_it | ours).values())


def _sum(refunds: list[Refund]) -> Decimal:
    return sum((value_of(row.total_refunded_set) for row in refunds if row.total_refunded_set), Decimal(0))


def _unclear(order: wire.WorkOrder, found: wire.WorkReturn) -> Refused | None:
    """What makes the amount that was agreed to another one: a person has to look."""
    parts = {part.id for p in order.fulfillments for part in p.fulfillment_line_items.nodes}
    lines = [row.fulfillment_line_item for row in found.return_line_items.nodes]
    if not all(line is not None and line.id in parts for line in lines):
        return Refused(f"return {found.name} holds items that are of no line of the order")
    if short := _paid_elsewhere(order, found):
        return Refused(f"refunded already, beside return {found.name}: {short}", "already_paid")
    if beside := _given_beside(order, found):
        why = f"{beside:.2f} {order.currency_code} were paid back beside {found.name} since it was opened"
        return Refused(f"{why}: see what is still owed, and refund it in the shop's admin", "already_paid")
    return None


def _given_beside(order: wire.WorkOrder, found: wire.WorkReturn) -> Decimal:
    """Money of the shop's admin since the return was opened, with no return, which may have been for it."""
    with_returns = {row.legacy_resource_id for sent in order.returns.nodes for row in sent.refunds.nodes}
    beside = [
        row
        for row in order.refunds
        if row.legacy_resource_id not in with_returns
        and not is_ours(row.note)
        and (row.created_at or "") >= found.created_at
    ]
    return _sum(beside)


def _paid_elsewhere(order: wire.WorkOrder, found: wire.WorkReturn) -> str:
    """The SKUs of this return that were refunded by themselves meanwhile."""
    parts = {part.id: part.line_item for p in order.fulfillments for part in p.fulfillment_line_items.nodes}
    left = {line.id: line.refundable_quantity for line in order.line_items.nodes}
    wanted: Counter[str] = Counter()
    skus: dict[str, str] = {}
    for row in found.return_line_items.nodes:
        if row.fulfillment_line_item is None:
            continue
        line = parts[row.fulfillment_line_item.id]
        wanted[line.id] += row.processable_quantity
        skus[line.id] = line.sku or ""
    return ", ".join(sorted(skus[line] for line, count in wanted.items() if left.get(line, 0) < count))
