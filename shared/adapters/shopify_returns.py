"""Takes items back at Shopify, with a label and, for an exchange, with the new item.

The vendor makes a return with its exchange lines in one step, and the label in a second one. When the label
is refused the return is taken back: nobody is left with half of what was promised.
"""

from collections import Counter
from decimal import Decimal
from typing import TypeGuard

from shared import contracts as c
from shared.adapters import shopify_mutations as mutations
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask, receipt, refused, variant_of
from shared.adapters.shopify_client import ShopifyClient

OVER = {"CANCELED", "DECLINED"}
_UNDONE = Refused("its label could not be made, so the return was taken back")
SendsBack = c.Return | c.Exchange | c.Refund


def sends_back(action: c.Action) -> TypeGuard[SendsBack]:
    """Whether it opens a return; a refund does whose goods are to come back first."""
    if isinstance(action, c.Refund):
        return action.goods_back and not action.of_return
    return isinstance(action, c.Return | c.Exchange)


def on_their_way(order: wire.WorkOrder) -> Counter[str]:
    """How many of each shipped line are in a return that stands."""
    back: Counter[str] = Counter()
    for sent in order.returns.nodes:
        if sent.status not in OVER:
            for row in sent.return_line_items.nodes:
                if row.fulfillment_line_item is not None:
                    back[row.fulfillment_line_item.id] += row.quantity
    return back


def sent_back(action: SendsBack, order: wire.WorkOrder, mark: Mark) -> c.Receipt | None:
    """How this very action ended earlier; None while it is not begun or lacks its label."""
    found = marked(order, mark)
    if found is None:
        return None
    if found.status in OVER:
        return refused(action, _UNDONE)
    if action.label and not found.label:
        return None
    return receipt(action, found.name, label=found.label)


def marked(order: wire.WorkOrder, mark: Mark) -> wire.WorkReturn | None:
    """The return with this mark."""
    return next(
        (
            sent
            for sent in order.returns.nodes
            if any(mark.text in line.return_reason_note for line in sent.return_line_items.nodes)
        ),
        None,
    )


async def begin(
    client: ShopifyClient, action: SendsBack, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """Open the return, if an earlier attempt has not."""
    if marked(order, mark) is not None:
        return None
    if isinstance(action, c.Refund) and action.amount and Decimal(action.amount) <= 0:
        return Refused("nothing would be paid for it: the label costs as much as the items")
    rows = _rows(action, order, mark)
    if isinstance(rows, Refused):
        return rows
    wish: dict[str, object] = {"orderId": order.id, "returnLineItems": rows}
    if not isinstance(action, c.Exchange) and Decimal(action.label_cost or 0):
        fee = {"amount": action.label_cost, "currencyCode": order.currency_code}
        wish["returnShippingFee"] = {"amount": fee}
    if isinstance(action, c.Exchange):
        variant = await variant_of(client, action.wanted)
        if not variant:
            return Refused(f"the shop has no item {action.wanted}", "sold_out")
        wish["exchangeLineItems"] = [{"variantId": variant, "quantity": action.quantity}]
    return await ask(client, mutations.RETURN, input=wish)


async def print_label(
    client: ShopifyClient, action: SendsBack, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """The label of the return that has been opened."""
    found = marked(order, mark)
    if found is None or not action.label or found.label or found.status in OVER:
        return None
    back = next(iter(found.reverse_fulfillment_orders.nodes), None)
    if back is None:
        return Refused("the return has nothing to be sent")
    url = action.label.replace("{return}", found.name.removeprefix("#"))
    return await ask(client, mutations.LABEL, id=back.id, url=url)


async def take_back(client: ShopifyClient, order: wire.WorkOrder, mark: Mark) -> Refused | None:
    """Cancel the return whose label was refused; a refusal of that is half an action."""
    found = marked(order, mark)
    if found is None or found.label or found.status in OVER:
        return None  # somebody else, with the same key, has come further
    problem = await ask(client, mutations.RETURN_CANCEL, id=found.id)
    if problem is None:
        return None
    return Refused(f"return {found.name} is open, but has no label: {problem.why}", half=True)


def _rows(action: SendsBack, order: wire.WorkOrder, mark: Mark) -> "list[dict[str, object]] | Refused":
    """What can go back of the wished items: shipped, returnable, not on its way back already.

    All that is left of them or none: what is paid later is the price of all. Of an exchange as many as are
    sent for them, out of several parcels if need be.
    """
    items = (action.item,) if isinstance(action, c.Exchange) else action.items
    wished = action.quantity if isinstance(action, c.Exchange) else None
    lines = {line.id: line for line in order.line_items.nodes}
    chosen = {id_: line for id_, line in lines.items() if not items or line.sku in items}
    if unknown := set(items) - {line.sku for line in chosen.values()}:
        return Refused(f"cannot be sent back: {', '.join(sorted(unknown))}", "not_in_order")
    back, free = on_their_way(order), _free(order)
    rows: list[dict[str, object]] = []
    taken: Counter[str] = Counter()
    for parcel in order.fulfillments:
        for part in parcel.fulfillment_line_items.nodes if parcel.status != "CANCELLED" else ():
            line = chosen.get(part.line_item.id)
            if line is None or not line.returnable:
                continue
            count = min(part.quantity - back[part.id], free[line.id] - taken[line.id])
            count = count if wished is None else min(count, wished - taken.total())
            if count > 0:
                rows.append(
                    {"fulfillmentLineItemId": part.id, "quantity": count, "returnReasonNote": mark.text}
                )
                taken[line.id] += count
    if wished is not None and taken and taken.total() < wished:
        return Refused(f"{taken.total()} of {items[0]} can be sent back, not {wished}", "already_back")
    if wished is None and (stays := [line for line in chosen.values() if taken[line.id] < free[line.id]]):
        return Refused(f"cannot be sent back: {_skus(stays)}", _why_not(order, stays))
    skus = {line.sku for line in chosen.values() if taken[line.id]}
    if gone := [line for line in chosen.values() if items and line.sku not in skus]:
        return Refused(f"cannot be sent back: {_skus(gone)}", _why_not(order, gone))
    return rows or Refused("nothing of this order can be sent back", _why_not(order, list(chosen.values())))


def _free(order: wire.WorkOrder) -> Counter[str]:
    """How many of each line of the order are neither gone nor wait in a return for their money."""
    line_of = {
        part.id: part.line_item.id for p in order.fulfillments for part in p.fulfillment_line_items.nodes
    }
    free = Counter({line.id: line.refundable_quantity for line in order.line_items.nodes})
    for sent in order.returns.nodes:
        for row in sent.return_line_items.nodes if sent.status not in OVER else ():
            if row.fulfillment_line_item is not None and row.fulfillment_line_item.id in line_of:
                free[line_of[row.fulfillment_line_item.id]] -= row.processable_quantity
    return free


def _skus(lines: "list[wire.WorkLine]") -> str:
    return ", ".join(sorted({line.sku or line.id for line in lines}))


def _why_not(order: wire.WorkOrder, lines: "list[wire.WorkLine]") -> c.Refusal:
    """Why these lines cannot be sent back; what has not left cannot be, and what was sold for good never."""
    if order.cancelled_at:
        return "cancelled"
    parcels = [parcel for parcel in order.fulfillments if parcel.status != "CANCELLED"]
    shipped = {part.line_item.id for p in parcels for part in p.fulfillment_line_items.nodes}
    if not all(line.id in shipped for line in lines):
        return "not_arrived"
    return "already_back" if all(line.returnable or line.gone for line in lines) else "other"
