"""Shows the four demo customers with their orders, read from the shop's own file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mock_apis.shop_people import CUSTOMER_BASE, DEMO
from mock_apis.shopify import open_shop
from mock_apis.store import Store

Doc = dict[str, Any]


def demo_customers(path: Path | None) -> list[Doc]:
    """Id, name, e-mail, locale and orders (newest first) of the demo customers.

    Dates are ISO days or empty; amounts decimal strings; None reads a fresh shop in memory.
    """
    store = open_shop(path, datetime.now(UTC).date())
    try:
        return [_customer(store, CUSTOMER_BASE + n) for n in range(1, len(DEMO) + 1)]
    finally:
        store.close()


def demo_products(path: Path | None) -> list[Doc]:
    """Handle, title, category, description, cheapest price and variants of everything the shop sells."""
    store = open_shop(path, datetime.now(UTC).date())
    try:
        return [_product(doc) for doc in store.all("product")]
    finally:
        store.close()


def _customer(store: Store, number: int) -> Doc:
    gid = f"gid://shopify/Customer/{number}"
    doc = store.get("customer", gid)
    if doc is None:
        raise ValueError(f"the shop's file has no customer {number}: remove it to have it made anew")
    orders = sorted(store.owned("order", gid), key=lambda o: (o["processedAt"], o["number"]), reverse=True)
    return {
        "id": doc["legacyResourceId"],
        "name": doc["displayName"],
        "email": doc["email"],
        "locale": doc["locale"],
        "orders": [_order(order) for order in orders],
    }


def _order(order: Doc) -> Doc:
    parcel = order["fulfillments"][-1] if order["fulfillments"] else {}
    track = (parcel.get("trackingInfo") or [{}])[0]
    return {
        "number": order["name"].removeprefix("#"),
        "status": _status(order, parcel),
        "payment": order["displayFinancialStatus"].lower(),
        "placed": order["processedAt"][:10],
        "shipped": (parcel.get("createdAt") or "")[:10],
        "expected": (parcel.get("estimatedDeliveryAt") or "")[:10],
        "delivered": (parcel.get("deliveredAt") or "")[:10],
        "items": [
            {
                "title": line["title"],
                "variant": line["variantTitle"],
                "sku": line["sku"],
                "quantity": line["quantity"],
                "price": line["originalUnitPriceSet"]["shopMoney"]["amount"],
            }
            for line in order["lineItems"]
        ],
        "total": order["totalPriceSet"]["shopMoney"]["amount"],
        "currency": order["currencyCode"],
        "tracking": {name: track.get(name, "") for name in ("company", "number", "url")},
    }


def _status(order: Doc, parcel: Doc) -> str:
    if order["cancelledAt"]:
        return "cancelled"
    if any(row["status"] in {"OPEN", "REQUESTED"} for row in order["returns"]):
        return "return_in_progress"
    if order["returnStatus"] == "RETURNED":
        return "returned"
    if order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED":
        return "partially_shipped"
    if not parcel:
        return "on_hold" if order["displayFulfillmentStatus"] == "ON_HOLD" else "unfulfilled"
    told = str(parcel["displayStatus"]).lower()
    return told if told in {"delivered", "out_for_delivery", "delayed"} else "shipped"


def _product(doc: Doc) -> Doc:
    prices = sorted((variant["price"] for variant in doc["variants"]), key=float)
    return {
        "handle": doc["handle"],
        "title": doc["title"],
        "category": doc["productType"],
        "description": doc["description"],
        "price": prices[0],
        "currency": "USD",
        "final_sale": "final-sale" in doc["tags"],
        "variants": [
            {name: row[name] for name in ("title", "sku", "price")} | {"inventory": row["inventoryQuantity"]}
            for row in doc["variants"]
        ],
    }
