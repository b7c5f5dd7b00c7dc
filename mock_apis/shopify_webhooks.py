"""Tells registered addresses what happened in the mock Shopify, in the payloads of its REST API.

Sources: "Webhooks" (shopify.dev/docs/api/webhooks: topics, payloads), "webhookSubscriptionCreate"
(shopify.dev/docs/api/admin-graphql), "Privacy law compliance" (shopify.dev/docs/apps/build).
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mock_apis import shopify_happenings as happenings
from mock_apis.store import Store
from mock_apis.webhooks import SHOPIFY, Sender, signature

Doc = dict[str, Any]
SECRET = "shpss_demo_webhook_secret"  # noqa: S105 what the mock signs with; no secret of anyone
DOMAIN = "harbor-and-pine.example.com"
_SHOP = 954889
COMPLIANCE = ("customers/redact", "customers/data_request", "shop/redact")
LOCATION = 24826418
"""Where the shop has its stock, and packs."""


def topic_of(name: str) -> str:
    """`ORDERS_CREATE` as the header writes it: `orders/create`."""
    resource, _, action = name.lower().rpartition("_")
    return f"{resource}/{action}"


def register(store: Store, topic: str, address: str, now: str) -> Doc:
    """A new subscription; call it inside `writing()`. Raises `ValueError` for one that is there."""
    if any((hook["topic"], hook["uri"]) == (topic, address) for hook in store.all("webhook")):
        raise ValueError("Address for this topic has already been taken")
    number = store.next_number("webhook", first=892403750)
    hook = {"id": f"gid://shopify/WebhookSubscription/{number}", "topic": topic, "uri": address}
    hook |= {"format": "JSON", "createdAt": now}
    store.put("webhook", hook["id"], hook, number=number)
    return hook


@dataclass(frozen=True)
class Announcer:
    """Sends what happened to whoever registered for it."""

    store: Store
    sender: Sender
    now: Callable[[], datetime]
    secret: str = SECRET

    def tell(self, topic: str, payload: Callable[[], Doc]) -> int:
        """Send to each address of this topic, in the background; how many. Compliance topics go to all."""
        hooks = self.store.all("webhook")
        wanted = [h["uri"] for h in hooks if topic in COMPLIANCE or topic_of(h["topic"]) == topic]
        if not wanted:
            return 0
        body = json.dumps(payload(), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature(self.secret, body),
            "X-Shopify-Shop-Domain": DOMAIN,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Event-Id": str(uuid.uuid4()),
            "X-Shopify-Triggered-At": self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        addresses = list(dict.fromkeys(wanted))
        for address in addresses:
            mine = headers | {"X-Shopify-Webhook-Id": str(uuid.uuid4())}
            self.sender.send(address, body, rules=SHOPIFY, sign=partial(dict, mine))
        return len(addresses)

    def order(self, topic: str, order: Doc) -> int:
        """Tell of an order."""
        owner = self.store.get("customer", order["customerId"])
        return self.tell(topic, lambda: order_payload(order, owner))

    def stock(self, variant: Doc) -> int:
        """Tell how many of a variant there are."""
        return self.tell(
            "inventory_levels/update",
            lambda: {
                "inventory_item_id": int(variant["id"].rpartition("/")[2]),
                "location_id": LOCATION,
                "available": variant["inventoryQuantity"],
                "updated_at": self.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        )

    def trigger(self, wish: Mapping[str, Any]) -> int:
        """Send a topic about an `order` (number), `customer` (id) or `sku`: `shopify app webhook trigger`.

        What else the wish says happens first: a parcel's `state`, `available` of a SKU, a customer's `email`.
        Raises `ValueError` naming what is wrong with the wish.
        """
        topic = str(wish.get("topic", ""))
        just_now = {"updatedAt": self.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        if topic == "shop/redact":
            return self.tell(topic, lambda: {"shop_id": _SHOP, "shop_domain": DOMAIN})
        if topic == "inventory_levels/update":
            available = int(wish.get("available", 1))
            return self.stock(happenings.stock(self.store, str(wish.get("sku")), available))
        if topic.startswith(("orders/", "fulfillments/")):
            order = self.store.named("order", f"#{wish.get('order')}")
            if order is None:
                raise ValueError(f"there is no order {wish.get('order')!r}")
            if "state" in wish or topic.startswith("fulfillments/"):
                order = happenings.ship(self.store, order, self.now(), str(wish.get("state", "in_transit")))
            if topic.startswith("fulfillments/"):
                parcel = happenings.parcel_payload(order, just_now["updatedAt"])
                return self.tell(topic, lambda: parcel)
            return self.order(topic, order | just_now)
        customer = self.store.get("customer", f"gid://shopify/Customer/{wish.get('customer')}")
        if customer is None:
            raise ValueError(f"there is no customer {wish.get('customer')!r}; topic {topic!r} is about one")
        changed = happenings.person(self.store, customer, wish)
        return self.tell(topic, lambda: _about(topic, changed | just_now))


def order_payload(order: Doc, customer: Doc | None) -> Doc:
    """An order as webhooks show it."""
    number = int(order["legacyResourceId"])
    state = order["displayFulfillmentStatus"]
    return {
        "id": number,
        "admin_graphql_api_id": order["id"],
        "name": order["name"],
        "order_number": order["number"],
        "email": order["email"],
        "note": order["note"],
        "created_at": order["createdAt"],
        "updated_at": order["updatedAt"],
        "cancelled_at": order["cancelledAt"],
        "cancel_reason": (order["cancelReason"] or "").lower() or None,
        "financial_status": order["displayFinancialStatus"].lower(),
        "fulfillment_status": {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}.get(state),
        "currency": order["currencyCode"],
        "total_price": order["totalPriceSet"]["shopMoney"]["amount"],
        "customer": customer_payload(customer) if customer else None,
        "shipping_address": _address(order["shippingAddress"]),
        "line_items": [
            {"id": int(line["id"].rpartition("/")[2]), "title": line["title"], "sku": line["sku"]}
            | {"quantity": line["quantity"], "price": line["originalUnitPriceSet"]["shopMoney"]["amount"]}
            for line in order["lineItems"]
        ],
    }


def customer_payload(customer: Doc) -> Doc:
    """A customer as webhooks show them."""
    return {
        "id": int(customer["legacyResourceId"]),
        "admin_graphql_api_id": customer["id"],
        "email": customer["email"],
        "first_name": customer["firstName"],
        "last_name": customer["lastName"],
        "phone": customer["phone"],
        "note": customer["note"],
        "created_at": customer["createdAt"],
        "updated_at": customer["updatedAt"],
        "default_address": _address(customer["defaultAddress"]),
    }


def _about(topic: str, customer: Doc) -> Doc:
    person = {"id": int(customer["legacyResourceId"]), "email": customer["email"], "phone": customer["phone"]}
    asked: Doc = {"shop_id": _SHOP, "shop_domain": DOMAIN, "customer": person}
    if topic == "customers/redact":
        return asked | {"orders_to_redact": []}
    if topic == "customers/data_request":
        return asked | {"orders_requested": [], "data_request": {"id": 9999}}
    if topic == "customers/delete":
        return {"id": person["id"], "phone": None, "addresses": [], "tax_exemptions": []}
    return customer_payload(customer)


def _address(address: Doc | None) -> Doc | None:
    names = ("name", "address1", "address2", "city", "province", "zip", "country", "phone")
    return {name: address.get(name) for name in names} if address else None
