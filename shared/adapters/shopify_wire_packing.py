"""The shapes of Shopify's fulfillment orders, as `PACKED_AT` asks for them."""

from shared.adapters.shopify_wire_base import Nodes, Ref, Wire


class Place(Wire, frozen=True, kw_only=True):
    """Where a fulfillment order is assigned to; a place that was deleted has no location."""

    location: Ref | None = None


class PackedLine(Wire, frozen=True, kw_only=True):
    """So many of an order's line that wait there."""

    remaining_quantity: int
    line_item: Ref


class Packing(Wire, frozen=True, kw_only=True):
    """What is packed at one place."""

    status: str
    assigned_location: Place
    line_items: Nodes[PackedLine]


class PackedOrder(Wire, frozen=True, kw_only=True):
    """An order, only for its fulfillment orders."""

    fulfillment_orders: Nodes[Packing]


class PackedFound(Wire, frozen=True, kw_only=True):
    """The answer of `PACKED_AT`."""

    order: PackedOrder | None
