"""Makes orders for customers: the mock Shopify's draft orders."""

from typing import Any

from mock_apis.shop_orders import Plan, money, order
from mock_apis.shopify_paging import Doc, Info, page
from mock_apis.shopify_refunds import no, stamp
from mock_apis.shopify_search import Reader, parse, score
from mock_apis.shopify_variants import take, variant

_KEYS: dict[str, Reader] = {
    "tag": lambda doc: " ".join(doc["tags"]),
    "status": lambda doc: str(doc["status"]),
}


def create(_: object, info: Info, **args: Doc) -> Doc:
    """`draftOrderCreate`: a draft for a customer; nothing leaves the shelf yet."""
    wish, store = args["input"], info.context.store
    customer = (wish.get("purchasingEntity") or {}).get("customerId") or ""
    with store.writing():
        lines = wish.get("lineItems") or []
        if not lines or not all(variant(store, row.get("variantId") or "") for row in lines):
            return {"draftOrder": None, "userErrors": [no("lineItems", "Add at least 1 product")]}
        if customer and store.get("customer", customer) is None:
            return {"draftOrder": None, "userErrors": [no("purchasingEntity", "Customer does not exist")]}
        nth = store.next_number("draftorder", first=1)
        draft = {
            "id": f"gid://shopify/DraftOrder/{10**12 + nth}",
            "name": f"#D{nth}",
            "status": "OPEN",
            "tags": wish.get("tags") or [],
            "createdAt": stamp(info),
            "orderId": None,
            "wish": wish,
        }
        store.put("draftorder", draft["id"], draft, number=nth)
    return {"draftOrder": shown(draft, info), "userErrors": []}


def complete(_: object, info: Info, **args: Any) -> Doc:
    """`draftOrderComplete`: the draft becomes an order, once."""
    store = info.context.store
    with store.writing():
        draft = store.get("draftorder", args["id"])
        if draft is None:
            return {"draftOrder": None, "userErrors": [no("id", "Draft order does not exist")]}
        if draft["status"] == "COMPLETED":
            return {"draftOrder": None, "userErrors": [no("id", "This order has been paid")]}
        rows = [(variant(store, row["variantId"]), row["quantity"]) for row in draft["wish"]["lineItems"]]
        if any(found is None or found["inventoryQuantity"] < count for found, count in rows):
            return {"draftOrder": None, "userErrors": [no("lineItems", "Some items are no longer available")]}
        made = _order(info, draft, [(found, count) for found, count in rows if found is not None])
        for found, count in rows:
            if found is not None:
                take(store, found["id"], count)
        store.put(
            "order", made["id"], made, number=made["number"], name=made["name"], owner=made["customerId"]
        )
        draft |= {"status": "COMPLETED", "orderId": made["id"]}
        store.change("draftorder", draft["id"], draft)
    info.context.announcer.order("orders/create", made)
    return {"draftOrder": shown(draft, info), "userErrors": []}


def _order(info: Info, draft: Doc, rows: list[tuple[Doc, int]]) -> Doc:
    store, wish = info.context.store, draft["wish"]
    customer = store.need("customer", wish["purchasingEntity"]["customerId"])
    plan = Plan(
        number=store.next_number("order", first=1001),
        lines=[(found["product"], found, count) for found, count in rows],
        placed=0,
        note=wish.get("note"),
    )
    made = order(plan, customer, info.context.now().date())
    made["tags"] = draft["tags"]
    if (wish.get("appliedDiscount") or {}).get("value") == 100:
        for name in ("totalPriceSet", "currentTotalPriceSet", "subtotalPriceSet", "totalShippingPriceSet"):
            made[name] = money(0)
        made["transactions"] = []
    return made


def delete(_: object, info: Info, **args: Doc) -> Doc:
    """`draftOrderDelete`: only of one that is no order yet."""
    store = info.context.store
    with store.writing():
        draft = store.get("draftorder", args["input"]["id"])
        if draft is None or draft["status"] == "COMPLETED":
            return {"deletedId": None, "userErrors": [no("id", "Draft order does not exist")]}
        store.sql("DELETE FROM doc WHERE kind = 'draftorder' AND id = ?", draft["id"])
    return {"deletedId": draft["id"], "userErrors": []}


def draft_orders(
    _: object, info: Info, *, first: int | None = None, after: str | None = None,
    query: str | None = None, reverse: bool = False,
) -> Doc:  # fmt: skip
    """`draftOrders`, the oldest first."""
    groups = parse(query or "")
    found = list(info.context.store.all("draftorder", reverse=reverse))
    chosen = [doc for doc in found if not groups or score(doc, groups, _KEYS, lambda _: "")]
    return page([shown(doc, info) for doc in chosen], first, after)


def shown(draft: Doc, info: Info) -> Doc:
    """A draft with the order it has become."""
    made = info.context.store.get("order", draft["orderId"]) if draft["orderId"] else None
    return {**draft, "order": made}
