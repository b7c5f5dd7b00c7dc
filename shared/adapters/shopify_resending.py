"""Sends items of an order once more at Shopify: a draft order for nothing, which then becomes an order.

The mark is a tag of both. Two attempts at once may leave two drafts; only the oldest becomes an order. The
search shows what was made only after a while, so the answers to the two mutations are believed before it
(shopify.dev, GraphQL Admin: "draftOrderCreate", "draftOrderComplete", "DraftOrder").
"""

from collections.abc import Iterable

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, change, receipt, refusal
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.adapters.shopify_mutations import DRAFT, DRAFT_COMPLETE
from shared.adapters.shopify_queries import RESEND_TAG
from shared.errors import VendorDown

_PLACED = "COMPLETED"


async def resent(client: ShopifyClient, mark: Mark) -> tuple[str, tuple[str, ...]]:
    """The name of the new order, and the drafts that wait to become one, the oldest first.

    Raises `VendorDown` while a draft has been placed whose order does not show.
    """
    found = await client.once(queries.RESENT, wire.ResentFound, search=f"tag:{mark.tag}")
    drafts = [row for row in found.draft_orders.nodes if mark.tag in row.tags]
    orders = [row.name for row in found.orders.nodes if mark.tag in row.tags]
    orders += [row.order.name for row in drafts if row.order is not None]
    waiting = [row.id for row in drafts if row.status != _PLACED]
    if not orders and len(waiting) < len(drafts):
        raise VendorDown(VENDOR, "placed the order but does not show it yet")
    return next(iter(orders), ""), _oldest_first(waiting)


async def resend(
    client: ShopifyClient, action: c.Resend, order: wire.WorkOrder, mark: Mark
) -> Refused | c.Receipt | None:
    """Draft it, unless an earlier attempt has, then place it. None: the search knows how it ended."""
    name, drafts = await resent(client, mark)
    if name:
        return None
    if not drafts:
        wish = _wish(action, order, mark)
        if isinstance(wish, Refused):
            return wish
        made = await change(client, DRAFT, input=wish)
        if made.problems or made.draft is None:
            return refusal(made)
        # Whoever drafted it at the same time may have placed theirs by now.
        name, drafts = await resent(client, mark)
        if name:
            return None
        drafts = _oldest_first({*drafts, made.draft.id})
    placed = await change(client, DRAFT_COMPLETE, id=drafts[0])
    if placed.draft is not None and placed.draft.order is not None:
        return receipt(action, placed.draft.order.name)
    return refusal(placed)


def _oldest_first(drafts: Iterable[str]) -> tuple[str, ...]:
    """By the number that ends a gid: as text, the thousandth would come before the second."""
    return tuple(sorted(drafts, key=lambda gid: int(gid.rpartition("/")[2])))


def _wish(action: c.Resend, order: wire.WorkOrder, mark: Mark) -> "dict[str, object] | Refused":
    if order.cancelled_at:
        return Refused("the order is cancelled", "cancelled")
    if order.customer is None:
        return Refused("the order has no customer")
    lines = [row for row in order.line_items.nodes if not action.items or row.sku in action.items]
    if missing := set(action.items) - {row.sku for row in lines}:
        return Refused(f"not part of the order: {', '.join(sorted(missing))}", "not_in_order")
    rows = [(line.variant, line.current_quantity) for line in lines if line.current_quantity > 0]
    if not rows or any(variant is None for variant, _ in rows):
        return Refused("an item of the order is no longer sold", "sold_out")
    there = order.shipping_address
    address = {} if there is None else {
        "firstName": there.first_name, "lastName": there.last_name, "phone": there.phone,
        "address1": there.address1, "address2": there.address2, "city": there.city, "zip": there.zip,
        "provinceCode": there.province_code, "countryCode": there.country_code_v2,
    }  # fmt: skip
    return {
        "lineItems": [{"variantId": variant.id, "quantity": count} for variant, count in rows if variant],
        "purchasingEntity": {"customerId": order.customer.id},
        "shippingAddress": {name: value for name, value in address.items() if value},
        "appliedDiscount": {"value": 100.0, "valueType": "PERCENTAGE", "title": f"Resend of {order.name}"},
        "note": f"Resend of {order.name}",
        "tags": [mark.tag, RESEND_TAG],
    }
