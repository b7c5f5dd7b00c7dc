"""Lists the mock Shopify's mutations, and carries out those of a whole order."""

import uuid
from collections.abc import Callable
from typing import Any

from mock_apis import shopify_customers as customers
from mock_apis import shopify_drafts as drafts
from mock_apis import shopify_edits as edits
from mock_apis import shopify_refunds as refunds
from mock_apis import shopify_returns as returns
from mock_apis import shopify_warehouse as warehouse
from mock_apis import shopify_webhooks as webhooks
from mock_apis.shop_orders import money
from mock_apis.shopify_paging import Doc, Info
from mock_apis.shopify_refunds import add_refund, left, no, restock, stamp, tell_stock


def order_cancel(_: object, info: Info, **wish: Any) -> Doc:
    """`orderCancel`: allowed while nothing has been shipped; refunds and restocks when asked to."""
    store, now = info.context.store, stamp(info)
    with store.writing():
        order = store.get("order", wish["orderId"])
        problem = _cancel_problem(order)
        if order is None or problem:
            errors = [{"code": problem[0], "field": ["orderId"], "message": problem[1]}] if problem else []
            return {"job": None, "orderCancelUserErrors": errors, "userErrors": errors}
        order |= {
            "cancelledAt": now,
            "cancelReason": wish["reason"],
            "updatedAt": now,
            "closedAt": now,
        }
        order["cancellation"] = {"staffNote": wish.get("staffNote")}
        for line in order["lineItems"]:
            if wish["restock"]:
                restock(store, line, line["currentQuantity"])
            line |= {"currentQuantity": 0, "refundableQuantity": 0, "unfulfilledQuantity": 0}
        if (wish.get("refundMethod") or {}).get("originalPaymentMethodsRefund"):
            add_refund(order, left(order), [], None, now)
        order["currentTotalPriceSet"] = money(0)
        store.change("order", order["id"], order)
        job = {"id": f"gid://shopify/Job/{uuid.uuid4()}", "done": True}
        store.put("job", job["id"], job, number=store.next_number("job", first=1))
    info.context.announcer.order("orders/cancelled", order)
    if wish["restock"]:
        tell_stock(info, order)
    return {"job": job, "orderCancelUserErrors": [], "userErrors": []}


def _cancel_problem(order: Doc | None) -> tuple[str, str] | None:
    if order is None:
        return "NOT_FOUND", "Order does not exist"
    if order["cancelledAt"]:
        return "INVALID", "Cannot cancel an order that has already been canceled"
    if any(parcel["status"] == "SUCCESS" for parcel in order["fulfillments"]):
        return "INVALID", "Cannot cancel an order that has fulfillments"
    if any(row["status"] in {"OPEN", "REQUESTED"} for row in order["returns"]):
        return "INVALID", "Cannot cancel an order that has a return in progress"
    return None


def order_update(_: object, info: Info, **args: Doc) -> Doc:
    """`orderUpdate`: note, tags and shipping address of an order."""
    wish = args["input"]
    store, now = info.context.store, stamp(info)
    with store.writing():
        order = store.get("order", wish["id"])
        if order is None:
            return {"order": None, "userErrors": [no("id", "Order does not exist")]}
        order |= {name: wish[name] for name in ("note", "tags") if wish.get(name) is not None}
        if address := wish.get("shippingAddress"):
            kept = dict(order["shippingAddress"] or {})
            kept |= {name: value for name, value in address.items() if name != "countryCode"}
            kept["countryCodeV2"] = address.get("countryCode", kept.get("countryCodeV2"))
            kept["name"] = " ".join(p for p in (kept.get("firstName"), kept.get("lastName")) if p)
            order["shippingAddress"] = kept
        order["updatedAt"] = now
        store.change("order", order["id"], order)
    info.context.announcer.order("orders/updated", order)
    return {"order": order, "userErrors": []}


def webhook_subscription_create(_: object, info: Info, *, topic: str, webhookSubscription: Doc) -> Doc:  # noqa: N803
    """`webhookSubscriptionCreate`: who is told of a topic; the mock also takes http, for this machine."""
    address = str(webhookSubscription.get("uri") or "")
    field = ["webhookSubscription", "uri"]
    if not address.startswith(("https://", "http://")):
        message = "Address is not a valid URL" if address else "Address can't be blank"
        return {"webhookSubscription": None, "userErrors": [{"field": field, "message": message}]}
    try:
        with info.context.store.writing():
            hook = webhooks.register(info.context.store, topic, address, stamp(info))
    except ValueError as error:
        return {"webhookSubscription": None, "userErrors": [{"field": field, "message": str(error)}]}
    return {"webhookSubscription": hook, "userErrors": []}


MUTATIONS: dict[str, Callable[..., Doc]] = {
    "orderCancel": order_cancel,
    "refundCreate": refunds.refund_create,
    "returnCreate": returns.return_create,
    "returnCancel": returns.return_cancel,
    "returnProcess": warehouse.return_process,
    "reverseDeliveryCreateWithShipping": returns.reverse_delivery_create_with_shipping,
    "orderEditBegin": edits.begin,
    "orderEditAddVariant": edits.add_variant,
    "orderEditSetQuantity": edits.set_quantity,
    "orderEditCommit": edits.commit,
    "draftOrderCreate": drafts.create,
    "draftOrderComplete": drafts.complete,
    "draftOrderDelete": drafts.delete,
    "customerEmailMarketingConsentUpdate": customers.email_consent,
    "metafieldsSet": customers.metafields_set,
    "orderUpdate": order_update,
    "webhookSubscriptionCreate": webhook_subscription_create,
}
