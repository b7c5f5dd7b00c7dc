"""Finds where Shopify packs lines that have not left, for there their stock is counted up again.

`refundCreate` restocks at the place it is told, and at a wrong one the shop sells what is not there: a line
whose place is not certain is left to a person.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_packing as packing
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Refused, by_hand
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_wire_base import Nodes

_OVER = {"CANCELLED", "CLOSED"}


async def restocked(
    client: ShopifyClient, order: wire.WorkOrder, lines: Sequence[wire.WorkLine]
) -> "list[dict[str, object]] | Refused":
    """The rows of a refund that takes these lines out of the order, back to where they would be packed."""
    found = (await client.once(queries.PACKED_AT, packing.PackedFound, id=order.id)).order
    orders = found.fulfillment_orders if found else Nodes[packing.Packing]([])
    if orders.cut or any(one.line_items.cut for one in orders.nodes):
        return by_hand("the order is packed in more parts than are read at once")
    where = _waiting(orders.nodes)
    # Fulfillment orders we may not read are left out without a word ("FulfillmentOrder": API access scopes).
    if hidden := [line for line in lines if where[line.id].total() < line.refundable_quantity]:
        return by_hand(f"the shop does not show where {_skus(hidden)} is packed")
    if split := [line for line in lines if len(where[line.id]) > 1]:
        return by_hand(f"{_skus(split)} is packed at several places")
    return [
        # "Use this when restocking unfulfilled line items" (RefundLineItemRestockType).
        {"lineItemId": line.id, "quantity": line.refundable_quantity, "restockType": "CANCEL"}
        | {"locationId": next(iter(where[line.id]))}
        for line in lines
    ]


def _waiting(orders: Sequence[packing.Packing]) -> defaultdict[str, Counter[str]]:
    """How many of each line wait at each place."""
    where: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in orders:
        place = one.assigned_location.location
        if place is None or one.status in _OVER:
            continue
        for row in one.line_items.nodes:
            if row.remaining_quantity > 0:
                where[row.line_item.id][place.id] += row.remaining_quantity
    return where


def _skus(lines: Sequence[wire.WorkLine]) -> str:
    return ", ".join(sorted({line.sku or line.id for line in lines}))
