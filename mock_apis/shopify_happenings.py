"""Lets things happen in the mock shop by hand: a parcel leaves or arrives, stock and e-mails change.

Source of the parcel's payload: "Fulfillment" (shopify.dev/docs/api/admin-rest).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mock_apis.shop_orders import tracking_number
from mock_apis.store import Store

Doc = dict[str, Any]
_STATES = {"in_transit": "IN_TRANSIT", "out_for_delivery": "OUT_FOR_DELIVERY", "delivered": "DELIVERED"}


def ship(store: Store, order: Doc, now: datetime, state: str) -> Doc:
    """The order with all of it in one parcel that came so far. Raises `ValueError` for an unknown state."""
    if state not in _STATES:
        raise ValueError(f"state {state!r} is not one of {', '.join(_STATES)}")
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    parcels = order["fulfillments"] or [_parcel(order, stamp)]
    for parcel in parcels:
        parcel |= {"displayStatus": _STATES[state]}
        if state == "delivered":
            parcel["deliveredAt"] = parcel["deliveredAt"] or stamp
    order |= {"fulfillments": parcels, "displayFulfillmentStatus": "FULFILLED", "updatedAt": stamp}
    for line in order["lineItems"]:
        line["unfulfilledQuantity"] = 0
    with store.writing():
        store.change("order", order["id"], order)
    return order


def stock(store: Store, sku: str, available: int) -> Doc:
    """The variant of this SKU, of which there are so many now. Raises `ValueError` when there is none."""
    for product in store.all("product"):
        found = next((row for row in product["variants"] if row["sku"] == sku), None)
        if found is not None:
            found["inventoryQuantity"] = available
            with store.writing():
                store.change("product", product["id"], product)
            return dict(found)
    raise ValueError(f"there is no SKU {sku!r}")


def person(store: Store, customer: Doc, wish: Mapping[str, Any]) -> Doc:
    """The customer with the e-mail of the wish, when it has one."""
    if not wish.get("email"):
        return customer
    changed = customer | {"email": str(wish["email"])}
    with store.writing():
        store.change("customer", customer["id"], changed)
    return changed


def parcel_payload(order: Doc, stamp: str) -> Doc:
    """The order's parcel as webhooks show it."""
    parcel = order["fulfillments"][0]
    track = (parcel["trackingInfo"] or [{}])[0]
    status = str(parcel["displayStatus"]).lower()
    return {
        "id": int(parcel["id"].rpartition("/")[2]),
        "order_id": int(order["legacyResourceId"]),
        "name": parcel["name"],
        "status": "success",
        "created_at": parcel["createdAt"],
        "updated_at": stamp,
        "shipment_status": status if status in _STATES else None,
        "tracking_company": track.get("company"),
        "tracking_number": track.get("number"),
        "email": order["email"],
        "destination": {"name": (order["shippingAddress"] or {}).get("name")},
    }


def _parcel(order: Doc, stamp: str) -> Doc:
    number = order["legacyResourceId"]
    track = tracking_number(order["number"], (order["shippingAddress"] or {}).get("countryCodeV2", "US"))
    return {
        "id": f"gid://shopify/Fulfillment/{number}1",
        "name": f"{order['name']}-F1",
        "status": "SUCCESS",
        "displayStatus": "FULFILLED",
        "createdAt": stamp,
        "updatedAt": stamp,
        "inTransitAt": stamp,
        "estimatedDeliveryAt": None,
        "deliveredAt": None,
        "totalQuantity": sum(line["quantity"] for line in order["lineItems"]),
        "trackingInfo": [
            {"company": "Northway Parcel", "number": track, "url": f"https://track.example.com/{track}"}
        ],
        "fulfillmentLineItems": [
            {"id": f"gid://shopify/FulfillmentLineItem/{number}{n}", "quantity": line["quantity"]}
            | {"lineItemId": line["id"]}
            for n, line in enumerate(order["lineItems"])
        ],
    }
