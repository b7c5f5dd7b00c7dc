"""Pays back: the mock Shopify's `refundCreate` and the refund inside a cancellation.

What is restocked needs its place: "location_id [...] is required when the value of restock_type is return or
cancel" ("Refund", shopify.dev/docs/api/admin-rest/2024-10/resources/refund); GraphQL names it `locationId`
("RefundLineItemInput", shopify.dev/docs/api/admin-graphql/2026-10/input-objects).
"""

import hashlib
import json

from graphql import GraphQLError
from graphql.execution.values import get_directive_values

from mock_apis.shop_orders import cents, gid, money, to_cents
from mock_apis.shopify_packing import LOCATION_ID
from mock_apis.shopify_paging import Doc, Info
from mock_apis.store import Store

_RESTOCKED = {"RETURN", "CANCEL"}
_KEEP_KEYS_S = 24 * 3600  # shopify.dev/docs/api/usage/implementing-idempotency


def refund_create(_: object, info: Info, **args: Doc) -> Doc:
    """`refundCreate`: pays back over the order's own payment, once per `@idempotent` key."""
    wish = args["input"]
    store, now = info.context.store, stamp(info)
    key = f"refundCreate:{_idempotency_key(info)}"
    fingerprint = hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()
    with store.writing():
        known = store.remembered(key)
        if known and info.context.now().timestamp() - known[2] < _KEEP_KEYS_S:
            return _replayed(store, known, fingerprint, wish["orderId"])
        order = store.get("order", wish["orderId"])
        errors = [no("orderId", "Order does not exist")] if order is None else _refund_errors(order, wish)
        if order is None or errors:
            return {"order": order, "refund": None, "userErrors": errors}
        rows = wish.get("refundLineItems") or []
        lines = {line["id"]: line for line in order["lineItems"]}
        for row in rows:
            line = lines[row["lineItemId"]]
            line["refundableQuantity"] -= row["quantity"]
            line["currentQuantity"] -= row["quantity"]
            if row.get("restockType") == "CANCEL":
                line["unfulfilledQuantity"] -= row["quantity"]
            if row.get("restockType") in _RESTOCKED:
                restock(store, line, row["quantity"])
        paid_back = sum(to_cents(str(row["amount"])) for row in wish.get("transactions") or [])
        credited = in_credit(wish)
        if credited:
            add_credit(store, order["customerId"], credited)
        paid_back += credited
        refund = add_refund(order, paid_back, rows, wish.get("note"), now)
        store.change("order", order["id"], order)
        store.remember(key, fingerprint, refund["id"], info.context.now().timestamp())
    info.context.announcer.order("orders/updated", order)
    tell_stock(info, order)
    return {"order": order, "refund": {**refund, "_order": order}, "userErrors": []}


def _replayed(store: Store, known: tuple[str, str, float], fingerprint: str, order_id: str) -> Doc:
    if known[0] != fingerprint:
        message = "The same idempotency key cannot be used with different operation parameters."
        return {"order": None, "refund": None, "userErrors": [{"field": None, "message": message}]}
    order = store.need("order", order_id)
    refund = next(row for row in order["refunds"] if row["id"] == known[1])
    return {"order": order, "refund": {**refund, "_order": order}, "userErrors": []}


def _refund_errors(order: Doc, wish: Doc) -> list[Doc]:
    lines = {line["id"]: line for line in order["lineItems"]}
    payments = {row["id"] for row in order["transactions"] if row["kind"] == "SALE"}
    for n, row in enumerate(wish.get("refundLineItems") or []):
        if problem := _line_problem(lines.get(row["lineItemId"]), row):
            return [no("refundLineItems", problem)]
        if problem := _place_problem(row):
            return [{"field": ["refundLineItems", str(n), "locationId"], "message": problem}]
    wanted = wish.get("transactions") or []
    for row in wanted:
        if row["kind"] != "REFUND" or row.get("parentId") not in payments:
            return [no("transactions", "Transaction must be a refund of a payment of this order")]
    if sum(to_cents(str(row["amount"])) for row in wanted) + in_credit(wish) > left(order):
        return [no("transactions", "Refund amount is more than the amount that can be refunded")]
    return []


def _line_problem(line: Doc | None, row: Doc) -> str:
    if line is None:
        return "Line item does not belong to the order"
    if not 0 < row["quantity"] <= line["refundableQuantity"]:
        return "Quantity cannot refund more items than were purchased"
    if row.get("restockType") == "CANCEL" and row["quantity"] > line["unfulfilledQuantity"]:
        return "Quantity cannot cancel more items than are unfulfilled"
    return ""


def _place_problem(row: Doc) -> str:
    if row.get("restockType") not in _RESTOCKED or row.get("locationId") == LOCATION_ID:
        return ""
    return "Location does not exist" if row.get("locationId") else "Location must be given to restock"


def _idempotency_key(info: Info) -> str:
    directive = info.schema.get_directive("idempotent")
    if directive is None:
        raise LookupError("the schema has no @idempotent directive")
    found = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if not found:
        raise GraphQLError(
            "The @idempotent directive is required for this mutation but was not provided.",
            extensions={"code": "BAD_REQUEST"},
        )
    return str(found["key"])


def add_refund(order: Doc, amount: int, rows: list[Doc], note: str | None, now: str) -> Doc:
    """Write a refund of `amount` cents and these lines into the order."""
    nth = len(order["refunds"])
    refund = {
        "id": gid("Refund", order["number"], nth),
        "legacyResourceId": gid("Refund", order["number"], nth).rpartition("/")[2],
        "createdAt": now,
        "processedAt": now,
        "note": note,
        "totalRefundedSet": money(amount),
        "refundLineItems": [
            {
                "id": gid("RefundLineItem", order["number"], 10 * nth + k),
                "quantity": row["quantity"],
                "restockType": row.get("restockType") or "NO_RESTOCK",
                "lineItemId": row["lineItemId"],
            }
            for k, row in enumerate(rows)
        ],
    }
    order["refunds"].append(refund)
    back = cents(order["totalRefundedSet"]) + amount
    order["transactions"].append(
        {
            "id": gid("OrderTransaction", order["number"], len(order["transactions"])),
            "kind": "REFUND",
            "status": "SUCCESS",
            "gateway": order["transactions"][0]["gateway"],
            "amountSet": money(amount),
            "processedAt": now,
        }
    )
    whole = cents(order["totalPriceSet"])
    order |= {
        "totalRefundedSet": money(back),
        "currentTotalPriceSet": money(whole - back),
        "updatedAt": now,
    }
    if back:
        order["displayFinancialStatus"] = "REFUNDED" if back >= whole else "PARTIALLY_REFUNDED"
    return refund


def in_credit(wish: Doc) -> int:
    """Cents of a refund that become store credit (`refundMethods`)."""
    methods = [row.get("storeCreditRefund") for row in wish.get("refundMethods") or []]
    return sum(to_cents(str(row["amount"]["amount"])) for row in methods if row)


def add_credit(store: Store, customer_id: str, amount: int) -> None:
    """So many cents more on the customer's account; called inside `writing()`."""
    customer = store.need("customer", customer_id)
    customer["storeCreditCents"] = customer.get("storeCreditCents", 0) + amount
    store.change("customer", customer_id, customer)


def left(order: Doc) -> int:
    """Cents that can still be paid back."""
    return cents(order["totalPriceSet"]) - cents(order["totalRefundedSet"])


def restock(store: Store, line: Doc, count: int) -> None:
    """Put items back on the shelf."""
    product = store.need("product", line["productId"])
    for variant in product["variants"]:
        if variant["sku"] == line["sku"]:
            variant["inventoryQuantity"] += count
    store.change("product", product["id"], product)


def tell_stock(info: Info, order: Doc) -> None:
    """Tell of the stock of what an order holds, which may be more now."""
    for line in order["lineItems"]:
        product = info.context.store.need("product", line["productId"])
        for variant in product["variants"]:
            if variant["sku"] == line["sku"]:
                info.context.announcer.stock(variant)


def stamp(info: Info) -> str:
    """Now, as the vendor writes it."""
    return str(info.context.now().strftime("%Y-%m-%dT%H:%M:%SZ"))


def no(field: str, message: str) -> Doc:
    """A user error about one field."""
    return {"field": [field], "message": message}
