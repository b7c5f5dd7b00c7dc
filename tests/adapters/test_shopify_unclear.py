"""Money that is not clear at the shop goes to a person: nothing is paid twice, for too little, or unseen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mock_apis.shopify import open_shop
from shared.adapters import shopify_wire as wire
from shared.adapters import shopify_wire_work as work
from tests.adapters.test_shopify_kinds import LABEL

from .test_shopify_paying import AGREED, BEANIE, WAITS, Shop
from .till import ANA, Till
from .vendors import TODAY

BOTTLE = "HP-BROOKIB-750-ML"
PILLOW, WADERS = "HP-PEBBLCP-ONE-SIZE", "HP-SLIPWWS-W-9"
WHOLE: dict[str, Any] = {
    "kind": "refund", "amount": "82.05", "currency": "USD", "goods_back": True, "label": LABEL,
    "label_cost": "5.95",
}  # fmt: skip
GIVE = """mutation R($input: RefundInput!) { refundCreate(input: $input) @idempotent(key: "x") {
  userErrors { message } } }"""
PAYMENT = """query { orders(first: 1, query: "name:#1013") { nodes { id transactions(first: 1) { id } } } }"""


@pytest.fixture
def shop(till: Till, shopify_http: httpx.AsyncClient) -> Shop:
    """A shop in which nothing has happened."""
    return Shop(till, shopify_http)


def alter(shop_file: Path, number: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change an order as nothing in the mock's API does."""
    store = open_shop(shop_file, TODAY)
    with store.writing():
        order = store.named("order", f"#{number}")
        assert order is not None
        change(order)
        store.change("order", order["id"], order)
    store.close()


@pytest.mark.parametrize(
    ("wish", "why", "names"),
    [
        (WHOLE | {"order_number": "1027"}, "other", WADERS),  # final sale
        (WHOLE | {"order_number": "1027", "items": (PILLOW, WADERS)}, "other", WADERS),
        (WHOLE | {"order_number": "1016", "amount": "40.00"}, "not_arrived", "HP-SLIPWWS-W-8"),  # not packed
        (WAITS | {"amount": "0.00"}, "other", "the label costs"),
    ],
)
async def test_what_does_not_all_come_back_opens_nothing(
    shop: Shop, wish: dict[str, Any], why: str, names: str
) -> None:
    """The amount is of all that was meant, so all of it is in the return or there is none."""
    receipt = await shop.till.act("", **wish)
    assert (receipt.status, receipt.why, names in receipt.detail) == ("refused", why, True)
    assert (await shop.peek(wish["order_number"]))["returns"]["nodes"] == []


async def test_money_for_no_item_waits_while_a_return_does(shop: Shop) -> None:
    """Credit or a refund that names nothing may be for what is coming back; afterwards they are possible."""
    await shop.agreed()
    loose = {"order_number": "1013", "amount": "5.00", "currency": "USD"}
    for kind in ("store_credit", "refund"):
        receipt = await shop.till.act(ANA, key=f"early-{kind}", kind=kind, **loose)
        assert (receipt.status, receipt.why) == ("refused", "already_back")
    other = AGREED | {"items": (BOTTLE,), "amount": "36.00"}
    assert (await shop.till.act(ANA, key="other", **other)).status == "done"
    await shop.take_in()
    assert (await shop.pay()).status == "done"
    assert await shop.paid() == ("56.05", 2)
    assert (await shop.till.act(ANA, key="late", kind="store_credit", **loose)).status == "done"


async def test_money_of_the_shop_s_admin_since_the_yes_is_for_staff_to_weigh(shop: Shop) -> None:
    """It may have been for the same items: nobody pays them twice unseen."""
    await shop.agreed()
    answer = await shop.http.post("/admin/api/2026-10/graphql.json", json={"query": PAYMENT})
    order = answer.json()["data"]["orders"]["nodes"][0]
    money = {
        "orderId": order["id"], "gateway": "harbor_payments", "kind": "REFUND", "amount": "26.00",
        "parentId": order["transactions"][0]["id"],
    }  # fmt: skip
    wish = {"input": {"orderId": order["id"], "note": "sorry", "transactions": [money]}}
    await shop.http.post("/admin/api/2026-10/graphql.json", json={"query": GIVE, "variables": wish})
    await shop.take_in()
    seen = await shop.pay()
    assert (seen.status, seen.why, "26.00 USD" in seen.detail) == ("refused", "already_paid", True)
    assert await shop.paid() == ("26.00", 1)


async def test_two_currencies_are_for_a_person(shop: Shop, shop_file: Path) -> None:
    """The vendor takes amounts in the customer's own currency, and ours are in the shop's."""
    alter(shop_file, "1013", lambda order: order.update(presentmentCurrencyCode="EUR"))
    receipts = [await shop.agreed(), await shop.pay(), await shop.till.act(ANA, key="now", **AGREED)]
    assert {(each.status, each.why) for each in receipts} == {("refused", "currency")}
    assert await shop.paid() == ("0.00", 0)


@pytest.mark.parametrize(
    ("part", "times", "named"),
    [("transactions", 10, "payments"), ("lineItems", 51, "lines"), ("fulfillments", 10, "parcels")],
)
async def test_an_order_of_which_a_part_is_read_is_for_a_person(
    shop: Shop, shop_file: Path, part: str, times: int, named: str
) -> None:
    """Limits of a page decide nothing about money."""
    alter(shop_file, "1013", lambda order: order.update({part: order[part] * times}))
    receipt = await shop.agreed(items=())
    assert (receipt.status, f"more {named}" in receipt.detail) == ("refused", True)


@pytest.mark.parametrize("kind", [wire.Return, work.WorkReturn])
def test_a_line_of_a_return_may_be_of_nothing_that_was_sold(kind: type) -> None:
    """`UnverifiedReturnLineItem` has no line of the order; the order is read all the same."""
    row = b'{"id":"x","quantity":1,"returnReasonNote":"","processableQuantity":1}'
    found: Any = msgspec.json.decode(
        b'{"id":"r","name":"R1","status":"OPEN","returnLineItems":{"nodes":[%s]}}' % row, type=kind
    )
    assert [line.fulfillment_line_item for line in found.return_line_items.nodes] == [None]


async def test_the_same_units_are_not_sent_back_twice(shop: Shop, shop_file: Path) -> None:
    """Of three, one refunded and one on its way: one is left, and that is what the next return holds."""

    def three(order: dict[str, Any]) -> None:
        line = next(row for row in order["lineItems"] if row["sku"] == BEANIE[0])
        line |= {"quantity": 3, "currentQuantity": 2, "refundableQuantity": 2}
        part = next(
            row for row in order["fulfillments"][0]["fulfillmentLineItems"] if row["lineItemId"] == line["id"]
        )
        part["quantity"] = 3
        order["returns"].append(
            {"id": "gid://shopify/Return/3006000000101300", "name": "#1013-R0", "status": "OPEN",
             "createdAt": order["createdAt"], "closedAt": None, "returnLineItems": [
                 {"id": "x", "quantity": 1, "returnReason": "UNWANTED", "returnReasonNote": "",
                  "fulfillmentLineItemId": part["id"]}]}
        )  # fmt: skip

    alter(shop_file, "1013", three)
    assert (await shop.agreed()).status == "done"
    (line,) = [each for each in (await shop.till.order("1013")).items if each.sku == BEANIE[0]]
    assert (line.gone, line.back, line.left) == (1, 2, 0)


async def test_a_return_with_something_unknown_is_for_staff_to_price(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever added it to the return in the shop's admin knows what it is worth; the bot does not."""
    await shop.agreed()
    await shop.take_in()
    send = shop.http.send

    async def with_unknown(request: httpx.Request, **options: Any) -> httpx.Response:
        answer = await send(request, **options)
        body = json.loads(await answer.aread())
        for order in body["data"].get("orders", {}).get("nodes", []):
            rows = order["returns"]["nodes"][0]["returnLineItems"]["nodes"]
            rows.append({"id": "x", "quantity": 1, "processableQuantity": 1, "returnReasonNote": ""})
        return httpx.Response(200, json=body, request=request)

    monkeypatch.setattr(shop.http, "send", with_unknown)
    seen = await shop.pay()
    assert (seen.status, "no line of the order" in seen.detail) == ("refused", True)
    monkeypatch.undo()
    assert await shop.paid() == ("0.00", 0)
