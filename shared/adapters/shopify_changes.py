"""Changes an order at Shopify before it is sent: where it goes, what is in it, or that it is cancelled.

Each looks at the state that is wished for: who finds it there has nothing to do, however it came about.
"""

from collections.abc import Sequence

from shared import contracts as c
from shared.adapters import shopify_mutations as mutations
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_address import parts_of, same
from shared.adapters.shopify_asking import Mark, Refused, ask, change, refusal, variant_of
from shared.adapters.shopify_client import ShopifyClient


def cancelled(order: wire.WorkOrder, mark: Mark) -> bool:
    """By us."""
    note = order.cancellation.staff_note if order.cancellation else None
    return bool(order.cancelled_at) and mark.text in (note or "")


async def cancel(client: ShopifyClient, order: wire.WorkOrder, mark: Mark) -> Refused | None:
    """The whole order, paid back and restocked."""
    if order.cancelled_at:
        return Refused("the order is cancelled already", "cancelled")
    if any(parcel.status != "CANCELLED" for parcel in order.fulfillments):
        return Refused("the order has fulfillments: it has been packed or shipped", "shipped")
    return await ask(client, mutations.CANCEL, order=order.id, note=mark.text)


def goes_there(order: wire.WorkOrder, address: str) -> bool:
    """Whether the order goes to this address, in plain words."""
    parts = parts_of(address, like=order.shipping_address)
    return parts is not None and same(parts, order.shipping_address)


async def send_to(client: ShopifyClient, order: wire.WorkOrder, address: str) -> Refused | None:
    """Another address for what has not left."""
    if problem := closed(order):
        return problem
    parts = parts_of(address, like=order.shipping_address)
    if parts is None:
        return Refused("the address could not be read: street, town and postal code are needed", "address")
    return await ask(client, mutations.ADDRESS, input={"id": order.id, "shippingAddress": parts})


def holds(action: c.ChangeItem, order: wire.WorkOrder) -> bool:
    """Whether the old item is out of the order and the new one in it."""
    old = [line for line in order.line_items.nodes if line.sku == action.item]
    new = [line for line in order.line_items.nodes if line.sku == action.wanted and line.current_quantity > 0]
    return bool(old) and not any(line.current_quantity for line in old) and bool(new or not action.wanted)


async def swap(
    client: ShopifyClient, action: c.ChangeItem, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """Both in one edit, which is committed whole or not at all."""
    if problem := closed(order):
        return problem
    lines = [row for row in order.line_items.nodes if row.sku == action.item and row.current_quantity > 0]
    if not lines:
        return Refused(f"the order has no item {action.item}", "not_in_order")
    variant = await variant_of(client, action.wanted) if action.wanted else ""
    if action.wanted and not variant:
        return Refused(f"the shop has no item {action.wanted}", "sold_out")
    begun = await change(client, mutations.EDIT_BEGIN, order=order.id)
    if begun.edit is None:
        return refusal(begun) or Refused("the order cannot be edited")
    return await _stage(client, begun.edit.id, lines, variant) or await ask(
        client, mutations.EDIT_COMMIT, id=begun.edit.id, note=mark.text
    )


async def _stage(
    client: ShopifyClient, edit: str, lines: Sequence[wire.WorkLine], variant: str
) -> Refused | None:
    if variant:
        count = sum(line.current_quantity for line in lines)
        if problem := await ask(client, mutations.EDIT_ADD, id=edit, variant=variant, quantity=count):
            return problem
    for line in lines:
        if problem := await ask(client, mutations.EDIT_QUANTITY, id=edit, line=line.id, quantity=0):
            return problem
    return None


def closed(order: wire.WorkOrder) -> Refused | None:
    """Why nothing of the order can be changed any more."""
    if order.cancelled_at:
        return Refused("the order is cancelled", "cancelled")
    if any(parcel.status != "CANCELLED" for parcel in order.fulfillments):
        return Refused("the order has been packed or shipped", "shipped")
    return None
