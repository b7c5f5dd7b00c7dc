"""The mock Shopify's warehouse: takes parcels back in, and processes the returns they belong to.

Wire forms: "returnProcess", "ReverseFulfillmentOrder" (shopify.dev/docs/api/admin-graphql/2026-10), "Manage
reverse fulfillment orders" (shopify.dev/docs/apps/build/orders-fulfillment/returns-apps).
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_apis.shop_orders import cents, gid, money, to_cents
from mock_apis.shopify_paging import Desk, Doc, Info, page
from mock_apis.shopify_refunds import add_refund, left, restock, stamp
from mock_apis.shopify_returns import no, return_of, shown_delivery, shown_return
from mock_apis.store import Store

PARCEL_PATH = "/__mock__/parcel"
"""`POST` {order, return, condition, items} takes the parcel of a return in, as staff of the warehouse do."""
_CONDITIONS = ("RESTOCKED", "NOT_RESTOCKED", "PROCESSING_REQUIRED", "MISSING")


def parcel_route(desk: Desk) -> Route:
    """`POST /__mock__/parcel`: `order` is its number, `return` a name (the newest open one when left out)."""

    async def by_hand(request: Request) -> Response:
        try:
            wish = await request.json()
            return JSONResponse(take_in(desk, wish if isinstance(wish, dict) else {}), status_code=201)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route(PARCEL_PATH, by_hand, methods=["POST"])


def take_in(desk: Desk, wish: Mapping[str, Any]) -> Doc:
    """Dispose of every line that was not, and tell; what was done.

    Raises `ValueError` naming what is wrong with the wish.
    """
    condition = str(wish.get("condition", "RESTOCKED"))
    if condition not in _CONDITIONS:
        raise ValueError(f"condition {condition!r} is none of {', '.join(_CONDITIONS)}")
    skus, now = wish.get("items"), desk.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    with desk.store.writing():
        order = desk.store.named("order", f"#{wish.get('order')}")
        if order is None:
            raise ValueError(f"there is no order {wish.get('order')!r}")
        waiting = [row for row in order["returns"] if row["status"] == "OPEN"]
        found = next((r for r in reversed(waiting) if wish.get("return") in {None, r["name"]}), None)
        if found is None:
            raise ValueError(
                f"order {wish.get('order')} has no open return {wish.get('return') or ''}".strip()
            )
        for row in found["returnLineItems"]:
            line = _line(order, row)
            done = sum(each["quantity"] for each in _settled(row))
            if row["quantity"] <= done or (skus and line["sku"] not in skus):
                continue
            count = row["quantity"] - done
            if condition == "RESTOCKED":
                restock(desk.store, line, count)
            nth = len(row.setdefault("dispositions", []))
            row["dispositions"] = _settled(row)
            row["dispositions"].append(
                {"id": f"gid://shopify/ReverseFulfillmentOrderDisposition/{_number(row['id'])}{nth}",
                 "type": condition, "quantity": count, "createdAt": now}
            )  # fmt: skip
        order["updatedAt"] = now
        desk.store.change("order", order["id"], order)
    told = desk.announcer.tell("reverse_fulfillment_orders/dispose", lambda: parcel_payload(found))
    return {"return": found["name"], "condition": condition, "sent": told}


def _settled(row: Doc) -> list[Doc]:
    """Dispositions that last: what needs another look is disposed of again."""
    return [each for each in row.get("dispositions", []) if each["type"] != "PROCESSING_REQUIRED"]


def parcel_payload(found: Doc) -> Doc:
    """A reverse fulfillment order as its webhook shows it: neither the order nor the customer."""
    each = [one for row in found["returnLineItems"] for one in row.get("dispositions", [])]
    number = _number(found["id"])
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/ReverseFulfillmentOrder/{number}",
        "total_dispositions": len(each),
        "dispositions": [
            {"id": n + 1, "quantity": one["quantity"], "disposition_type": one["type"].lower()}
            for n, one in enumerate(each)
        ],
    }


def return_process(_: object, info: Info, **args: Doc) -> Doc:
    """`returnProcess`: confirms lines of a return, each no more than once, and issues their refund."""
    wish, store, now = args["input"], info.context.store, stamp(info)
    with store.writing():
        order, found = return_of(store, wish["returnId"])
        if order is None or found is None:
            return {"return": None, "userErrors": [no("NOT_FOUND", "returnId", "Return does not exist")]}
        problem = _problem(order, found, wish)
        if problem:
            return {"return": shown_return(found, order), "userErrors": [problem]}
        for row in wish.get("returnLineItems") or []:
            part = _part(found, row["id"])
            part["processedQuantity"] = part.get("processedQuantity", 0) + row["quantity"]
            line = _line(order, part)
            line["refundableQuantity"] -= row["quantity"]
            line["currentQuantity"] -= row["quantity"]
        if amount := _paid(wish):
            refund = add_refund(order, amount, [], None, now)
            refund["returnId"] = found["id"]
        if not any(processable(part) for part in found["returnLineItems"]):
            found |= {"status": "CLOSED", "closedAt": now}
        open_still = any(row["status"] in {"OPEN", "REQUESTED"} for row in order["returns"])
        order |= {"returnStatus": "IN_PROGRESS" if open_still else "RETURNED", "updatedAt": now}
        store.change("order", order["id"], order)
    info.context.announcer.order("orders/updated", order)
    return {"return": shown_return(found, order), "userErrors": []}


def processable(part: Doc) -> int:
    """How many of a line of a return are still to be confirmed."""
    return int(part["quantity"]) - int(part.get("processedQuantity", 0))


def _problem(order: Doc, found: Doc, wish: Doc) -> Doc | None:
    if found["status"] not in {"OPEN", "CLOSED"}:
        return no("INVALID_STATE", "returnId", "Return is not open")
    for row in wish.get("returnLineItems") or []:
        part = _part(found, row["id"])
        if not part:
            return no("NOT_FOUND", "returnLineItems", "Return line item does not exist")
        if not 0 < row["quantity"] <= processable(part):
            return no("INVALID", "returnLineItems", "Quantity is greater than the processable quantity")
    payments = {row["id"] for row in order["transactions"] if row["kind"] == "SALE"}
    if any(row["parentId"] not in payments for row in _transactions(wish)):
        return no("INVALID", "financialTransfer", "Transaction must be a refund of a payment of this order")
    if _paid(wish) > left(order):
        return no("INVALID", "financialTransfer", "Refund amount is more than what can be refunded")
    return None


def _transactions(wish: Doc) -> list[Doc]:
    issue = (wish.get("financialTransfer") or {}).get("issueRefund") or {}
    return list(issue.get("orderTransactions") or [])


def _paid(wish: Doc) -> int:
    return sum(to_cents(str(row["transactionAmount"]["amount"])) for row in _transactions(wish))


def _part(found: Doc, id_: str) -> Doc:
    return next((row for row in found["returnLineItems"] if row["id"] == id_), {})


def _line(order: Doc, part: Doc) -> Doc:
    parts = {row["id"]: row for parcel in order["fulfillments"] for row in parcel["fulfillmentLineItems"]}
    wanted = parts[part["fulfillmentLineItemId"]]["lineItemId"]
    return next(line for line in order["lineItems"] if line["id"] == wanted)


def _number(id_: str) -> int:
    return int(id_.rpartition("/")[2])


def reverse_orders(sent_back: Doc, _: Info, **paging: Any) -> Doc:
    """`Return.reverseFulfillmentOrders`: each has one, what has to be taken in again."""
    return page([_reverse(sent_back, sent_back["order"])], paging.get("first"), paging.get("after"))


def reverse_order(_: object, info: Info, **args: str) -> Doc | None:
    """`reverseFulfillmentOrder`, by id."""
    order, found = return_of(_store(info), args["id"].replace("ReverseFulfillmentOrder", "Return"))
    return _reverse(found, order) if order and found else None


def _reverse(found: Doc, order: Doc) -> Doc:
    return {
        "id": found["id"].replace("/Return/", "/ReverseFulfillmentOrder/"),
        "order": order,
        "lines": [
            {
                "id": row["id"].replace("/ReturnLineItem/", "/ReverseFulfillmentOrderLineItem/"),
                "totalQuantity": row["quantity"],
                "dispositions": row.get("dispositions", []),
            }
            for row in found["returnLineItems"]
        ],
        "deliveries": [shown_delivery(row) for row in found.get("reverseDeliveries") or []],
    }


def refunds_of(sent_back: Doc, _: Info, **paging: Any) -> Doc:
    """`Return.refunds`."""
    order = sent_back["order"]
    rows = [{**row, "_order": order} for row in order["refunds"] if row.get("returnId") == sent_back["id"]]
    return page(rows, paging.get("first"), paging.get("after"))


def fees_of(sent_back: Doc, _: Info) -> list[Doc]:
    """`Return.returnShippingFees`."""
    fee = sent_back.get("shippingFee")
    if not fee:
        return []
    id_ = gid("ReturnLineItem", sent_back["order"]["number"]).replace("ReturnLineItem", "ReturnShippingFee")
    return [{"id": id_, "amountSet": money(cents({"shopMoney": fee}))}]


def _store(info: Info) -> Store:
    desk: Desk = info.context
    return desk.store
