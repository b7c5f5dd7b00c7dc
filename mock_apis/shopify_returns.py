"""Takes things back: the mock Shopify's returns, exchanges and return labels."""

from mock_apis.shop_orders import gid
from mock_apis.shopify_paging import Doc, Info
from mock_apis.shopify_refunds import stamp
from mock_apis.shopify_variants import take, variant
from mock_apis.store import Store

_OVER = {"CANCELED", "DECLINED"}


def shown_return(row: Doc, order: Doc) -> Doc:
    """A return with the order it belongs to."""
    return {**row, "order": order}


def return_create(_: object, info: Info, *, returnInput: Doc) -> Doc:  # noqa: N803
    """`returnCreate`: opens an approved return of shipped items."""
    store, now = info.context.store, stamp(info)
    with store.writing():
        order = store.get("order", returnInput["orderId"])
        errors = _return_errors(order, returnInput["returnLineItems"])
        errors = errors or _exchange_errors(store, returnInput.get("exchangeLineItems") or [])
        if order is None or errors:
            return {"return": None, "userErrors": errors}
        nth = len(order["returns"])
        found = {
            "id": gid("Return", order["number"], nth),
            "name": f"{order['name']}-R{nth + 1}",
            "status": "OPEN",
            "createdAt": now,
            "closedAt": None,
            "returnLineItems": [
                {
                    "id": gid("ReturnLineItem", order["number"], 10 * nth + k),
                    "quantity": row["quantity"],
                    "returnReason": row.get("returnReason") or "UNKNOWN",
                    "returnReasonNote": row.get("returnReasonNote") or "",
                    "fulfillmentLineItemId": row["fulfillmentLineItemId"],
                }
                for k, row in enumerate(returnInput["returnLineItems"])
            ],
            "exchangeLineItems": [
                {"id": gid("ExchangeLineItem", order["number"], 10 * nth + k), **row}
                for k, row in enumerate(returnInput.get("exchangeLineItems") or [])
            ],
            "reverseDeliveries": [],
            "shippingFee": (returnInput.get("returnShippingFee") or {}).get("amount"),
        }
        for row in returnInput.get("exchangeLineItems") or []:
            take(store, row["variantId"], row["quantity"])
        order["returns"].append(found)
        order |= {"returnStatus": "IN_PROGRESS", "updatedAt": now}
        store.change("order", order["id"], order)
    return {"return": shown_return(found, order), "userErrors": []}


def _return_errors(order: Doc | None, rows: list[Doc]) -> list[Doc]:
    if order is None:
        return [
            {
                "code": "NOT_FOUND",
                "field": ["returnInput", "orderId"],
                "message": "Order does not exist",
            }
        ]
    left = {row["id"]: row["quantity"] for p in order["fulfillments"] for row in p["fulfillmentLineItems"]}
    for sent_back in order["returns"]:
        if sent_back["status"] not in _OVER:
            for row in sent_back["returnLineItems"]:
                left[row["fulfillmentLineItemId"]] -= row["quantity"]
    field = ["returnInput", "returnLineItems"]
    if not rows:
        return [{"code": "INVALID", "field": field, "message": "Return line items can't be blank"}]
    for row in rows:
        if row["fulfillmentLineItemId"] not in left:
            return [
                {
                    "code": "NOT_FOUND",
                    "field": field,
                    "message": "Fulfillment line item does not exist",
                }
            ]
        if not 0 < row["quantity"] <= left[row["fulfillmentLineItemId"]]:
            return [
                {
                    "code": "INVALID",
                    "field": field,
                    "message": "Quantity is not available for return",
                }
            ]
        if len(row.get("returnReasonNote") or "") > 255:
            return [{"code": "INVALID", "field": field, "message": "Return reason note is too long"}]
    return []


def _exchange_errors(store: Store, rows: list[Doc]) -> list[Doc]:
    for row in rows:
        found = variant(store, row.get("variantId") or "")
        if found is None or found["inventoryQuantity"] < row["quantity"]:
            message = "Exchange line item variant is not available"
            return [{"code": "INVALID", "field": ["returnInput", "exchangeLineItems"], "message": message}]
    return []


def return_cancel(_: object, info: Info, **wish: str) -> Doc:
    """`returnCancel`: possible while nothing has come back; the new item of an exchange is free again."""
    store, now = info.context.store, stamp(info)
    with store.writing():
        order, found = return_of(store, wish["id"])
        if order is None or found is None:
            return {"return": None, "userErrors": [no("NOT_FOUND", "id", "Return does not exist")]}
        if found["status"] not in {"OPEN", "REQUESTED"}:
            problem = no("INVALID_STATE", "id", "Return is not cancelable")
            return {"return": shown_return(found, order), "userErrors": [problem]}
        found |= {"status": "CANCELED", "closedAt": now}
        for row in found.get("exchangeLineItems") or []:
            take(store, row["variantId"], -row["quantity"])
        open_still = any(row["status"] in {"OPEN", "REQUESTED"} for row in order["returns"])
        order |= {"returnStatus": "IN_PROGRESS" if open_still else "NO_RETURN", "updatedAt": now}
        store.change("order", order["id"], order)
    return {"return": shown_return(found, order), "userErrors": []}


def reverse_delivery_create_with_shipping(_: object, info: Info, **wish: object) -> Doc:
    """`reverseDeliveryCreateWithShipping`: the label of a return; the file is the shop's own."""
    store, now = info.context.store, stamp(info)
    label = wish.get("labelInput")
    url = str(label["fileUrl"]) if isinstance(label, dict) else ""
    with store.writing():
        id_ = str(wish["reverseFulfillmentOrderId"])
        order, found = return_of(store, id_.replace("ReverseFulfillmentOrder", "Return"))
        if order is None or found is None:
            problem = no("NOT_FOUND", "reverseFulfillmentOrderId", "Reverse fulfillment order does not exist")
            return {"reverseDelivery": None, "userErrors": [problem]}
        if found["status"] != "OPEN":
            problem = no("INVALID_STATE", "reverseFulfillmentOrderId", "Return is not open")
            return {"reverseDelivery": None, "userErrors": [problem]}
        if not url.startswith("https://"):
            problem = no("INVALID", "labelInput", "Label file url is invalid")
            return {"reverseDelivery": None, "userErrors": [problem]}
        made = {
            "id": f"gid://shopify/ReverseDelivery/{found['id'].rpartition('/')[2]}",
            "label": {"publicFileUrl": url, "createdAt": now, "updatedAt": now},
        }
        found["reverseDeliveries"] = [*(found.get("reverseDeliveries") or []), made]
        store.change("order", order["id"], order)
    return {"reverseDelivery": shown_delivery(made), "userErrors": []}


def shown_delivery(row: Doc) -> Doc:
    """A reverse delivery as the schema has it."""
    deliverable = {
        "__typename": "ReverseDeliveryShippingDeliverable",
        "label": row["label"],
        "tracking": None,
    }
    return {"id": row["id"], "deliverable": deliverable}


def return_of(store: Store, id_: str) -> tuple[Doc | None, Doc | None]:
    """The order and, inside it, the return of this id, which carries the order's number."""
    number = id_.rpartition("/")[2]
    if not number.isdigit():
        return None, None
    order = store.named("order", f"#{int(number) % 10**12 // 100}")
    found = next((row for row in order["returns"] if row["id"] == id_), None) if order else None
    return order, found


def no(code: str, field: str, message: str) -> Doc:
    """A user error of a return about one field."""
    return {"code": code, "field": [field], "message": message}
