"""Changes the items of an unshipped order: the mock Shopify's order editing.

An edit is staged on a calculated order and nothing of it is seen before the commit. Shape of the flow:
shopify.dev, "Edit existing orders" and the pages of the four mutations.
"""

import uuid

from mock_apis.shop_orders import cents, gid, money, to_cents
from mock_apis.shopify_paging import Doc, Info
from mock_apis.shopify_refunds import no, restock, stamp
from mock_apis.shopify_variants import take, variant

_KIND = "calculatedorder"


def begin(_: object, info: Info, **wish: str) -> Doc:
    """`orderEditBegin`: open an edit of an order."""
    store = info.context.store
    with store.writing():
        order = store.get("order", wish["id"])
        if order is None or order["cancelledAt"]:
            message = "Order does not exist" if order is None else "The order cannot be edited"
            return {"calculatedOrder": None, "userErrors": [no("id", message)]}
        staged = {
            "id": f"gid://shopify/CalculatedOrder/{uuid.uuid4().int % 10**12}",
            "orderId": order["id"],
            "totalPriceSet": order["currentTotalPriceSet"],
            "changes": [],
        }
        store.put(_KIND, staged["id"], staged, number=store.next_number(_KIND, first=1))
    return {"calculatedOrder": staged, "userErrors": []}


def add_variant(_: object, info: Info, **wish: object) -> Doc:
    """`orderEditAddVariant`: stage a further line."""
    found = variant(info.context.store, str(wish["variantId"]))
    if found is None:
        return {"calculatedOrder": None, "userErrors": [no("variantId", "Variant does not exist")]}
    if found["inventoryQuantity"] < int(str(wish["quantity"])):
        return {"calculatedOrder": None, "userErrors": [no("quantity", "Variant is out of stock")]}
    return _stage(info, str(wish["id"]), {"add": found["id"], "quantity": wish["quantity"]})


def set_quantity(_: object, info: Info, **wish: object) -> Doc:
    """`orderEditSetQuantity`: stage another count of a line; zero takes it out."""
    change = {"line": wish["lineItemId"], "quantity": wish["quantity"], "restock": bool(wish.get("restock"))}
    return _stage(info, str(wish["id"]), change)


def _stage(info: Info, id_: str, change: Doc) -> Doc:
    store = info.context.store
    with store.writing():
        staged = store.get(_KIND, id_)
        if staged is None:
            return {"calculatedOrder": None, "userErrors": [no("id", "The edit session does not exist")]}
        staged["changes"].append(change)
        store.change(_KIND, id_, staged)
    return {"calculatedOrder": staged, "userErrors": []}


def commit(_: object, info: Info, **wish: object) -> Doc:
    """`orderEditCommit`: all staged changes at once; refused when the order has changed meanwhile."""
    store, now = info.context.store, stamp(info)
    with store.writing():
        staged = store.get(_KIND, str(wish["id"]))
        order = store.get("order", staged["orderId"]) if staged else None
        if staged is None or order is None:
            return {"order": None, "userErrors": [no("id", "The edit session does not exist")]}
        lines = {line["id"]: line for line in order["lineItems"]}
        if problem := _commit_problem(order, staged, lines):
            return {"order": None, "userErrors": [no("id", problem)]}
        for change in staged["changes"]:
            if "add" in change:
                _add(info, order, change)
            else:
                _set(info, lines[change["line"]], change)
        total = sum(cents(row["originalUnitPriceSet"]) * row["currentQuantity"] for row in order["lineItems"])
        order |= {
            "currentTotalPriceSet": money(total + cents(order["totalShippingPriceSet"])),
            "edits": [*order.get("edits", ()), staged["id"]],
            "updatedAt": now,
        }
        store.change("order", order["id"], order)
    info.context.announcer.order("orders/updated", order)
    return {"order": order, "successMessages": ["Order updated"], "userErrors": []}


def _commit_problem(order: Doc, staged: Doc, lines: dict[str, Doc]) -> str:
    if order["cancelledAt"]:
        return "The order cannot be edited"
    if staged["id"] in order.get("edits", ()):
        return "The edit session is committed already"
    for change in staged["changes"]:
        line = lines.get(change.get("line", ""))
        if "line" in change and (line is None or line["unfulfilledQuantity"] < line["currentQuantity"]):
            return "Only unfulfilled line items can be edited"
        if line is not None and line["currentQuantity"] == change["quantity"]:
            return "The line item has that quantity already"
    return ""


def _add(info: Info, order: Doc, change: Doc) -> None:
    store = info.context.store
    found = variant(store, change["add"])
    assert found is not None
    take(store, found["id"], change["quantity"])
    order["lineItems"].append(
        {
            "id": gid("LineItem", order["number"], len(order["lineItems"])),
            "title": found["product"]["title"],
            "variantTitle": found["title"],
            "sku": found["sku"],
            "quantity": change["quantity"],
            "currentQuantity": change["quantity"],
            "refundableQuantity": change["quantity"],
            "unfulfilledQuantity": change["quantity"],
            "isGiftCard": found["product"]["isGiftCard"],
            "originalUnitPriceSet": money(to_cents(found["price"])),
            "productId": found["product"]["id"],
        }
    )


def _set(info: Info, line: Doc, change: Doc) -> None:
    gone = line["currentQuantity"] - change["quantity"]
    if change["restock"] and gone > 0:
        restock(info.context.store, line, gone)
    kept = change["quantity"]
    line |= {"currentQuantity": kept, "refundableQuantity": kept, "unfulfilledQuantity": kept}
