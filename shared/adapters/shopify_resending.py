"""Sends items of an order once more at Shopify: a draft order for nothing, which then becomes an order.

The mark is a tag of both. Two attempts at once may leave two drafts; only the oldest becomes an order.
"""

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_mutations import DRAFT, DRAFT_COMPLETE


async def resent(client: ShopifyClient, mark: Mark) -> tuple[str, tuple[str, ...]]:
    """The name of the new order, and the drafts that wait to become one, the oldest first."""
    found = await client.once(queries.RESENT, wire.ResentFound, search=f"tag:{mark.tag}")
    name = next((row.name for row in found.orders.nodes if mark.tag in row.tags), "")
    waiting = (row for row in found.draft_orders.nodes if mark.tag in row.tags and row.status != "COMPLETED")
    return name, tuple(sorted(row.id for row in waiting))


async def resend(
    client: ShopifyClient, action: c.Resend, order: wire.WorkOrder, mark: Mark
) -> Refused | None:
    """Draft it, unless an earlier attempt has, then place it."""
    name, drafts = await resent(client, mark)
    if name:
        return None
    if not drafts:
        wish = _wish(action, order, mark)
        problem = wish if isinstance(wish, Refused) else await ask(client, DRAFT, input=wish)
        if problem is not None:
            return problem
        name, drafts = await resent(client, mark)
    return await ask(client, DRAFT_COMPLETE, id=drafts[0]) if drafts and not name else None


def _wish(action: c.Resend, order: wire.WorkOrder, mark: Mark) -> "dict[str, object] | Refused":
    if order.cancelled_at:
        return Refused("the order is cancelled")
    if order.customer is None:
        return Refused("the order has no customer")
    lines = [row for row in order.line_items.nodes if not action.items or row.sku in action.items]
    if missing := set(action.items) - {row.sku for row in lines}:
        return Refused(f"not part of the order: {', '.join(sorted(missing))}")
    rows = [(line.variant, line.current_quantity) for line in lines if line.current_quantity > 0]
    if not rows or any(variant is None for variant, _ in rows):
        return Refused("an item of the order is no longer sold")
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
        "tags": [mark.tag],
    }
