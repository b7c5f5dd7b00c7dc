"""The mock Shopify changes orders like the vendor."""

from pathlib import Path
from typing import Any

import httpx

from mock_apis import shopify

from .conftest import NOW, Ask

CANCEL = """mutation($id: ID!, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,
  refundMethod: {originalPaymentMethodsRefund: true}, staffNote: $note) {
  job { id done } orderCancelUserErrors { code field message } } }"""
REFUND = """mutation($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
  refund { id note totalRefundedSet { shopMoney { amount } } } userErrors { field message } } }"""
RETURN = """mutation($input: ReturnInput!) { returnCreate(returnInput: $input) {
  return { id name status returnLineItems(first: 5) { nodes { quantity returnReasonNote } } }
  userErrors { code field message } } }"""
PACKING = """query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 2) { nodes {
  id status assignedLocation { location { id } }
  lineItems(first: 5) { nodes { remainingQuantity lineItem { id } } } } } } }"""
STATE = """query($id: ID!) { order(id: $id) { cancelledAt displayFinancialStatus returnStatus note
  cancellation { staffNote } totalRefundedSet { shopMoney { amount } }
  lineItems(first: 5) { nodes { id refundableQuantity } } transactions(first: 5) { id kind }
  shippingAddress { address1 city countryCodeV2 }
  fulfillments { fulfillmentLineItems(first: 5) { nodes { id quantity } } } } }"""


def gid(number: int) -> str:
    """The id of a demo order."""
    return f"gid://shopify/Order/{6_000_000_000_000 + number}"


async def _state(graphql: Ask, number: int) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql(STATE, id=gid(number)))["data"]["order"]
    return found


def _refund(state: dict[str, Any], number: int, amount: str) -> dict[str, Any]:
    sale = next(row for row in state["transactions"] if row["kind"] == "SALE")
    payment = {"orderId": gid(number), "gateway": "harbor_payments", "kind": "REFUND", "amount": amount}
    return {"orderId": gid(number), "note": "n", "transactions": [payment | {"parentId": sale["id"]}]}


async def test_cancels_an_unshipped_order(graphql: Ask) -> None:
    """Cancelling marks the order, keeps the staff note, restocks, and pays back the whole total."""
    stock = '{ products(first: 1, query: "handle:cairn-low-hiker") { nodes { totalInventory } } }'
    before = (await graphql(stock))["data"]["products"]["nodes"][0]["totalInventory"]
    body = await graphql(CANCEL, id=gid(1003), note="why")
    assert body["data"]["orderCancel"]["orderCancelUserErrors"] == []
    job = body["data"]["orderCancel"]["job"]
    assert (await graphql("query($id: ID!) { job(id: $id) { done } }", id=job["id"]))["data"]["job"]["done"]
    state = await _state(graphql, 1003)
    assert state["cancelledAt"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert state["cancellation"] == {"staffNote": "why"}
    assert state["displayFinancialStatus"] == "REFUNDED"
    assert state["totalRefundedSet"]["shopMoney"]["amount"] == "158.95"
    after = (await graphql(stock))["data"]["products"]["nodes"][0]["totalInventory"]
    assert after == before + 1


async def test_refuses_to_cancel(graphql: Ask) -> None:
    """A shipped, a cancelled and an unknown order cannot be cancelled, each with its reason."""
    for number, code, words in (
        (1001, "INVALID", "has fulfillments"),
        (1006, "INVALID", "already been canceled"),
        (99999, "NOT_FOUND", "does not exist"),
    ):
        (error,) = (await graphql(CANCEL, id=gid(number)))["data"]["orderCancel"]["orderCancelUserErrors"]
        assert (error["code"], words in error["message"]) == (code, True)


async def test_refunds_once_per_key(graphql: Ask) -> None:
    """The same refund with the same key is one refund; the same key for another refund is refused."""
    wish = _refund(await _state(graphql, 1002), 1002, "10.00")
    first, second = [(await graphql(REFUND, input=wish, key="k1"))["data"]["refundCreate"] for _ in range(2)]
    assert first["refund"]["id"] == second["refund"]["id"]
    assert (await _state(graphql, 1002))["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert (await _state(graphql, 1002))["totalRefundedSet"]["shopMoney"]["amount"] == "10.00"
    other = (await graphql(REFUND, input=wish | {"note": "m"}, key="k1"))["data"]["refundCreate"]
    assert "idempotency key" in other["userErrors"][0]["message"]


async def test_refund_needs_the_directive(graphql: Ask) -> None:
    """Since 2026-04 a refund without an idempotency key is an error."""
    plain = REFUND.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    body = await graphql(plain, input=_refund(await _state(graphql, 1002), 1002, "1.00"))
    assert "@idempotent directive is required" in body["errors"][0]["message"]


async def test_refuses_to_refund(graphql: Ask) -> None:
    """More money than was paid, more items than were bought, and strange payments are refused."""
    state = await _state(graphql, 1002)
    line = state["lineItems"]["nodes"][0]["id"]
    good = _refund(state, 1002, "5.00")
    for n, wrong in enumerate(
        (
            _refund(state, 1002, "9999.00"),
            good | {"refundLineItems": [{"lineItemId": line, "quantity": 7}]},
            good | {"refundLineItems": [{"lineItemId": "gid://shopify/LineItem/1", "quantity": 1}]},
            good | {"transactions": [good["transactions"][0] | {"parentId": "gid://x/1"}]},
        )
    ):
        body = (await graphql(REFUND, input=wrong, key=f"w{n}"))["data"]["refundCreate"]
        assert body["refund"] is None
        assert body["userErrors"]
    assert (await _state(graphql, 1002))["totalRefundedSet"]["shopMoney"]["amount"] == "0.00"


async def test_refunds_items(graphql: Ask) -> None:
    """Refunded items cannot be refunded again."""
    state = await _state(graphql, 1002)
    line = state["lineItems"]["nodes"][0]
    wish = _refund(state, 1002, "22.00") | {"refundLineItems": [{"lineItemId": line["id"], "quantity": 1}]}
    assert (await graphql(REFUND, input=wish, key="a"))["data"]["refundCreate"]["refund"]
    assert (await _state(graphql, 1002))["lineItems"]["nodes"][0]["refundableQuantity"] == 0
    again = (await graphql(REFUND, input=wish, key="b"))["data"]["refundCreate"]
    assert again["refund"] is None


async def test_restocks_where_it_is_told(graphql: Ask) -> None:
    """What is to be packed says where; without that place, or with another one, nothing is restocked."""
    (packed,) = (await graphql(PACKING, id=gid(1003)))["data"]["order"]["fulfillmentOrders"]["nodes"]
    (row,) = packed["lineItems"]["nodes"]
    assert (packed["status"], row["remainingQuantity"]) == ("OPEN", 1)
    line = {"lineItemId": row["lineItem"]["id"], "quantity": 1, "restockType": "CANCEL"}
    wish = _refund(await _state(graphql, 1003), 1003, "10.00")
    for n, (wrong, words) in enumerate(
        (
            (line, "must be given"),
            (line | {"restockType": "RETURN"}, "must be given"),
            (line | {"locationId": "gid://shopify/Location/1"}, "does not exist"),
        )
    ):
        body = (await graphql(REFUND, input=wish | {"refundLineItems": [wrong]}, key=f"r{n}"))["data"]
        (error,) = body["refundCreate"]["userErrors"]
        assert (error["field"], words in error["message"]) == (["refundLineItems", "0", "locationId"], True)
    right = line | {"locationId": packed["assignedLocation"]["location"]["id"]}
    done = (await graphql(REFUND, input=wish | {"refundLineItems": [right]}, key="r"))["data"]
    assert done["refundCreate"]["refund"]
    (packed,) = (await graphql(PACKING, id=gid(1003)))["data"]["order"]["fulfillmentOrders"]["nodes"]
    assert (packed["status"], packed["lineItems"]["nodes"][0]["remainingQuantity"]) == ("CLOSED", 0)


async def test_what_is_packed_follows_the_order(graphql: Ask) -> None:
    """Nothing waits of an order that is sent or cancelled."""
    for number, status in ((1001, "CLOSED"), (1006, "CANCELLED")):
        (packed,) = (await graphql(PACKING, id=gid(number)))["data"]["order"]["fulfillmentOrders"]["nodes"]
        assert packed["status"] == status
        assert {row["remainingQuantity"] for row in packed["lineItems"]["nodes"]} == {0}


async def test_opens_a_return(graphql: Ask) -> None:
    """A return of shipped items opens under the order's name, and the same items cannot go back twice."""
    part = (await _state(graphql, 1005))["fulfillments"][0]["fulfillmentLineItems"]["nodes"][0]
    row = {"fulfillmentLineItemId": part["id"], "quantity": 1, "returnReason": "SIZE_TOO_SMALL"}
    wish = {"orderId": gid(1005), "returnLineItems": [row | {"returnReasonNote": "tight"}]}
    made = (await graphql(RETURN, input=wish))["data"]["returnCreate"]
    assert (made["return"]["name"], made["return"]["status"]) == ("#1005-R1", "OPEN")
    assert made["return"]["returnLineItems"]["nodes"] == [{"quantity": 1, "returnReasonNote": "tight"}]
    assert (await _state(graphql, 1005))["returnStatus"] == "IN_PROGRESS"
    again = (await graphql(RETURN, input=wish))["data"]["returnCreate"]
    assert (again["return"], again["userErrors"][0]["code"]) == (None, "INVALID")
    refused = (await graphql(CANCEL, id=gid(1005)))["data"]["orderCancel"]
    assert refused["orderCancelUserErrors"]


async def test_changes_the_address(graphql: Ask) -> None:
    """An address update replaces what it names and keeps the rest."""
    query = "mutation($i: OrderInput!) { orderUpdate(input: $i) { userErrors { message } } }"
    wish = {"id": gid(1003), "note": "ring twice", "shippingAddress": {"address1": "1 quai Neuf"}}
    assert (await graphql(query, i=wish))["data"]["orderUpdate"]["userErrors"] == []
    state = await _state(graphql, 1003)
    assert state["shippingAddress"] == {"address1": "1 quai Neuf", "city": "Lyon", "countryCodeV2": "FR"}
    assert state["note"] == "ring twice"


async def test_changes_survive_a_restart(own_shop: Path) -> None:
    """What was written is there for the next process that opens the file."""
    headers = {"X-Shopify-Access-Token": shopify.TOKEN}

    async def ask(query: str, **variables: object) -> dict[str, Any]:
        transport = httpx.ASGITransport(app=shopify.create_app(own_shop))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://s.test", headers=headers
        ) as client:
            body = {"query": query, "variables": variables}
            answer = await client.post("/admin/api/2026-10/graphql.json", json=body)
            found: dict[str, Any] = answer.json()
            return found

    await ask(CANCEL, id=gid(1003))
    assert (await ask(STATE, id=gid(1003)))["data"]["order"]["cancelledAt"]
