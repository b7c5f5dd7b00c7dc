"""The mock Shopify's fulfillment orders: what of an order is to be packed, and where.

Wire forms: "FulfillmentOrder", "FulfillmentOrderAssignedLocation", "FulfillmentOrderLineItem"
(shopify.dev/docs/api/admin-graphql/2026-10/objects). The shop has one place, so an order has one of them.
"""

from typing import Any

from mock_apis.shop_orders import gid
from mock_apis.shopify_paging import Doc, Info, page
from mock_apis.shopify_webhooks import LOCATION

LOCATION_ID = f"gid://shopify/Location/{LOCATION}"


def fulfillment_orders(order: Doc, _: Info, **paging: Any) -> Doc:
    """`Order.fulfillmentOrders`: read off the lines, so it cannot say otherwise than they do."""
    number = order["number"]
    one = {
        "id": gid("FulfillmentOrder", number),
        "status": _status(order),
        "assignedLocation": {"location": {"id": LOCATION_ID}},
        "lines": [
            {
                "id": gid("FulfillmentOrderLineItem", number, n),
                "totalQuantity": line["quantity"],
                "remainingQuantity": line["unfulfilledQuantity"],
                "lineItem": line,
            }
            for n, line in enumerate(order["lineItems"])
        ],
    }
    return page([one], paging.get("first"), paging.get("after"))


def _status(order: Doc) -> str:
    if order["cancelledAt"]:
        return "CANCELLED"
    if not any(line["unfulfilledQuantity"] for line in order["lineItems"]):
        return "CLOSED"
    if order["displayFulfillmentStatus"] == "ON_HOLD":
        return "ON_HOLD"
    return "IN_PROGRESS" if order["fulfillments"] else "OPEN"
