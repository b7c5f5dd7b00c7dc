"""A refund whose goods come back, at the shop: a return with its label first, the money once it is there."""

import asyncio
from typing import Any

import httpx
import pytest

from shared import contracts as c
from tests.adapters.test_shopify_kinds import LABEL, _failing

from .till import ANA, MARC, Till

BEANIE = ("HP-WAXWICK-STANDA",)
AGREED: dict[str, Any] = {
    "kind": "refund", "order_number": "1013", "items": BEANIE, "amount": "20.05", "currency": "USD",
}  # fmt: skip
WAITS = AGREED | {"goods_back": True, "label": LABEL, "label_cost": "5.95"}
PEEK = """query { orders(first: 1, query: "name:#%s") { nodes {
  totalRefundedSet { shopMoney { amount } } refunds(first: 9) { id }
  returns(first: 9) { nodes { name returnShippingFees { amountSet { shopMoney { amount } } } } } } } }"""


class Shop:
    """The till, the shop as it is, and its warehouse."""

    def __init__(self, till: Till, http: httpx.AsyncClient) -> None:
        self.till = till
        self.http = http

    async def agreed(self, **changes: Any) -> c.Receipt:
        """The return is opened."""
        return await self.till.act(ANA, key="agreed", **(WAITS | changes))

    async def pay(self, of: str = "#1013-R1", **changes: Any) -> c.Receipt:
        """The time for the money has come."""
        return await self.till.act(ANA, key="pay", **(AGREED | {"of_return": of} | changes))

    async def take_in(self, order: str = "1013", **wish: Any) -> httpx.Response:
        """A parcel at the warehouse."""
        return await self.http.post("/__mock__/parcel", json={"order": order, **wish})

    async def peek(self, order: str = "1013") -> dict[str, Any]:
        """The order as it is."""
        answer = await self.http.post("/admin/api/2026-10/graphql.json", json={"query": PEEK % order})
        found: dict[str, Any] = answer.json()["data"]["orders"]["nodes"][0]
        return found

    async def paid(self, order: str = "1013") -> tuple[str, int]:
        """How much was paid back, in how many refunds."""
        found = await self.peek(order)
        return found["totalRefundedSet"]["shopMoney"]["amount"], len(found["refunds"])


@pytest.fixture
def shop(till: Till, shopify_http: httpx.AsyncClient) -> Shop:
    """A shop in which nothing has happened."""
    return Shop(till, shopify_http)


async def test_the_money_follows_the_goods(shop: Shop) -> None:
    """The yes opens a return that names the label's fee; the parcel brings the money, in one refund."""
    first = await shop.agreed()
    assert (first.kind, first.status, first.reference) == ("return", "done", "#1013-R1")
    assert first.label.endswith("1013-R1.pdf")
    assert await shop.paid() == ("0.00", 0)
    assert {
        (each.sku == BEANIE[0], each.back, each.gone) for each in (await shop.till.order("1013")).items
    } == {
        (True, 1, 0),
        (False, 0, 0),
    }
    (opened,) = (await shop.peek())["returns"]["nodes"]
    assert opened["returnShippingFees"][0]["amountSet"]["shopMoney"]["amount"] == "5.95"
    early = await shop.pay()
    assert (early.status, early.why) == ("refused", "not_arrived")
    assert await shop.till.shop.came_back("1013", reference="#1013-R1") == "not_yet"
    assert (await shop.take_in()).status_code == 201
    assert await shop.till.shop.came_back("1013", reference="#1013-R1") == "all"
    done = await shop.pay()
    assert (done.kind, done.status, done.reference.isdigit()) == ("refund", "done", True)
    assert await shop.pay() == done
    assert await shop.paid() == ("20.05", 1)
    after = await shop.till.order("1013")
    assert after.payment == "partially_refunded"
    assert [(each.back, each.gone) for each in after.items if each.sku == BEANIE[0]] == [(0, 1)]
    assert [each.kind for each in after.given] == ["refund"]


@pytest.mark.parametrize("after", [True, False])
async def test_a_lost_answer_pays_once(shop: Shop, *, after: bool) -> None:
    """Whether the vendor had seen it or not, and however many try at once."""
    await shop.agreed()
    await shop.take_in()
    lost = _failing(shop.http, mutation="mutation Process", after=after)
    receipts = await asyncio.gather(*(shop.pay() for _ in range(3)))
    assert ({each.status for each in receipts}, len(lost)) == ({"done"}, 1)
    assert len({each.reference for each in receipts}) == 1
    assert await shop.paid() == ("20.05", 1)


@pytest.mark.parametrize("before", ["0", "8.00", "20.05"])
async def test_what_somebody_paid_already_is_not_paid_again(shop: Shop, before: str) -> None:
    """Staff process the return at the shop, with all, some or none of its money: the rest is paid."""
    await shop.agreed()
    await shop.take_in()
    await _process(shop.http, before)
    first = await shop.pay()
    assert (first.status, await shop.pay()) == ("done", first)
    assert await shop.paid() == ("20.05", 2 if before == "8.00" else 1)


async def _process(http: httpx.AsyncClient, amount: str) -> None:
    """As staff do it in the shop's own admin."""
    look = """query { orders(first: 1, query: "name:#1013") { nodes { transactions(first: 1) { id }
      returns(first: 1) { nodes { id returnLineItems(first: 5) { nodes { id quantity } } } } } } }"""
    answer = await http.post("/admin/api/2026-10/graphql.json", json={"query": look})
    order = answer.json()["data"]["orders"]["nodes"][0]
    (back,) = order["returns"]["nodes"]
    wish: dict[str, Any] = {"returnId": back["id"], "returnLineItems": back["returnLineItems"]["nodes"]}
    if float(amount):
        money = {"amount": amount, "currencyCode": "USD"}
        transaction = {"transactionAmount": money, "parentId": order["transactions"][0]["id"]}
        wish["financialTransfer"] = {"issueRefund": {"orderTransactions": [transaction]}}
    do = """mutation P($input: ReturnProcessInput!) { returnProcess(input: $input) {
      userErrors { message } } }"""
    done = await http.post(
        "/admin/api/2026-10/graphql.json", json={"query": do, "variables": {"input": wish}}
    )
    assert done.json()["data"]["returnProcess"]["userErrors"] == []


@pytest.mark.parametrize(
    ("condition", "state", "why"),
    [
        ("MISSING", "incomplete", "incomplete"),
        ("PROCESSING_REQUIRED", "not_yet", "not_arrived"),
    ],
)
async def test_a_parcel_that_is_not_in_order_pays_nothing(
    shop: Shop, condition: str, state: str, why: str
) -> None:
    """Something is missing, or is still looked at: no money, and who asks is told which."""
    await shop.agreed()
    await shop.take_in(condition=condition)
    assert await shop.till.shop.came_back("1013", reference="#1013-R1") == state
    assert (await shop.pay()).why == why
    assert await shop.paid() == ("0.00", 0)


async def test_what_was_refunded_by_itself_meanwhile_is_seen(shop: Shop) -> None:
    """Money for the same lines outside the return: nothing is paid twice, and staff read which."""
    await shop.agreed()
    at_once = await shop.till.act(ANA, key="staff", **AGREED)
    assert (at_once.status, at_once.why) == ("refused", "already_back")
    await shop.take_in()
    await _refund_line(shop.http)
    seen = await shop.pay()
    assert (seen.status, seen.why, BEANIE[0] in seen.detail) == ("refused", "already_paid", True)


async def _refund_line(http: httpx.AsyncClient) -> None:
    look = """query { orders(first: 1, query: "name:#1013") { nodes {
      id lineItems(first: 9) { nodes { id sku } } } } }"""
    answer = await http.post("/admin/api/2026-10/graphql.json", json={"query": look})
    order = answer.json()["data"]["orders"]["nodes"][0]
    line = next(row["id"] for row in order["lineItems"]["nodes"] if row["sku"] == BEANIE[0])
    wish = {"orderId": order["id"], "refundLineItems": [{"lineItemId": line, "quantity": 1}]}
    do = """mutation R($input: RefundInput!) { refundCreate(input: $input) @idempotent(key: "x") {
      userErrors { message } } }"""
    await http.post("/admin/api/2026-10/graphql.json", json={"query": do, "variables": {"input": wish}})


async def test_the_parcel_s_number_leads_to_its_order(shop: Shop) -> None:
    """The webhook names the reverse fulfillment order alone."""
    await shop.agreed()
    look = """query { orders(first: 1, query: "name:#1013") { nodes { returns(first: 1) { nodes {
      reverseFulfillmentOrders(first: 1) { nodes { id } } } } } } }"""
    answer = await shop.http.post("/admin/api/2026-10/graphql.json", json={"query": look})
    (back,) = answer.json()["data"]["orders"]["nodes"][0]["returns"]["nodes"]
    number = int(back["reverseFulfillmentOrders"]["nodes"][0]["id"].rpartition("/")[2])
    assert await shop.till.shop.order_of_parcel(number) == "1013"
    assert await shop.till.shop.order_of_parcel(1) == ""


async def test_the_warehouse_names_what_it_cannot_take_in(shop: Shop) -> None:
    """An order without a return, an unknown order, a condition that is none."""
    for wish, words in (
        ({"order": "1013"}, "has no open return"),
        ({"order": "9"}, "there is no order"),
        ({"order": "1013", "condition": "LOST"}, "is none of RESTOCKED"),
    ):
        answer = await shop.http.post("/__mock__/parcel", json=wish)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True)


async def test_what_nobody_has_received_is_not_sent_back(shop: Shop) -> None:
    """An order that has not left: there is nothing to return, and that is the reason."""
    receipt = await shop.till.act(MARC, **(WAITS | {"order_number": "1003", "items": ()}))
    assert (receipt.status, receipt.why) == ("refused", "not_arrived")


async def test_discount_and_tax_are_read(shop: Shop) -> None:
    """An item tells what was paid for it, after the code and with its tax on top."""
    found = await shop.till.order("1015")
    taxed = next(each for each in found.items if each.tax)
    assert float(taxed.tax) > 0
    coded = await shop.till.order("1015" if 1015 % 7 == 0 else "1022")
    assert all(float(each.paid) < float(each.price) for each in coded.items)
    assert float(coded.shipping) >= 0
