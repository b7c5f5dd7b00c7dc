"""Every kind of action at the shop: done once per key, and what was begun by half is taken back."""

import asyncio
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_apis.shopify import open_shop
from mock_apis.shopify_variants import variants
from shared.errors import VendorDown
from tests.adapters.killed_shop import KILLED, execute

from .till import ANA, EMMA, JAMES, MARC, Till
from .vendors import TALK, TODAY

LABEL = "https://labels.example.com/{return}.pdf"
MOVED = "12 Alder Lane, 69003 Lyon"
TWO_LINES = str(7_100_000_000_186)
"""Who ordered two vests and a bottle, taxed and not packed yet."""
PART = {"order_number": "1430", "items": ("HP-BREAKWV-M-L",), "amount": "97.52", "currency": "USD"}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "return": (MARC, {"order_number": "1004", "items": ("HP-KINDLF-M-M",), "label": LABEL}),
    "exchange": (
        MARC,
        {"order_number": "1004", "item": "HP-KINDLF-M-M", "wanted": "HP-KINDLF-M-L", "label": LABEL},
    ),
    "address": (MARC, {"order_number": "1003", "address": MOVED}),
    "item": (MARC, {"order_number": "1003", "item": "HP-CAIRNLH-M-9", "wanted": "HP-CAIRNLH-M-11"}),
    "cancel": (TWO_LINES, PART),
    "resend": (ANA, {"order_number": "1002"}),
    "store_credit": (ANA, {"order_number": "1002", "amount": "20.00", "currency": "USD"}),
    "newsletter": (JAMES, {"wish": "subscribe"}),
    "loyalty": (JAMES, {"points": 150}),
}
PEEK = """query { customer(id: "gid://shopify/Customer/%s") {
  defaultEmailAddress { marketingState } metafield(namespace: "loyalty", key: "points") { value }
  storeCreditAccounts(first: 1) { nodes { balance { amount } } }
  orders(first: 50) { nodes { name tags totalPriceSet { shopMoney { amount } }
    shippingAddress { address1 city zip name }
    lineItems(first: 9) { nodes { sku currentQuantity } }
    returns(first: 9) { nodes { name status exchangeLineItems(first: 2) { nodes { quantity } }
      reverseFulfillmentOrders(first: 2) { nodes { reverseDeliveries(first: 9) { nodes { id } } } } } } } } }
}"""


async def _peek(http: httpx.AsyncClient, customer: str) -> dict[str, Any]:
    answer = await http.post("/admin/api/2026-10/graphql.json", json={"query": PEEK % customer})
    found: dict[str, Any] = answer.json()["data"]["customer"]
    return found


async def _order(http: httpx.AsyncClient, customer: str, number: str) -> dict[str, Any]:
    orders = (await _peek(http, customer))["orders"]["nodes"]
    return next(order for order in orders if order["name"] == f"#{number}")


def _failing(http: httpx.AsyncClient, *, mutation: str, times: int = 1, after: bool = True) -> list[str]:
    """The connection breaks at a mutation: before the vendor has seen it, or before we hear its yes."""
    lost: list[str] = []

    async def lose(sent: httpx.Request | httpx.Response) -> None:
        request = sent.request if isinstance(sent, httpx.Response) else sent
        if mutation.encode() in request.content and len(lost) < times:
            lost.append(mutation)
            raise httpx.ReadError("connection reset")

    http.event_hooks["response" if after else "request"] = [lose]
    return lost


def _refusing(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, *mutations: str) -> None:
    """The vendor answers these mutations with a user error."""
    send = http.send

    async def refuse(request: httpx.Request, **options: Any) -> httpx.Response:
        if any(name in json.loads(request.content)["query"] for name in mutations):
            body = {"data": {"done": {"problems": [{"message": "not now"}]}}}
            return httpx.Response(200, json=body, request=request)
        return await send(request, **options)

    monkeypatch.setattr(http, "send", refuse)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_key_is_done_once(till: Till, shopify_http: httpx.AsyncClient, kind: str) -> None:
    """Said twice it gives the same receipt and the same shop; every done action has a reference."""
    customer, wish = KINDS[kind]
    first = await till.act(customer, kind=kind, **wish)
    shop = await _peek(shopify_http, customer)
    second = await till.act(customer, kind=kind, **wish)
    assert (first.status, bool(first.reference)) == ("done", True)
    assert first == second
    assert await _peek(shopify_http, customer) == shop


@pytest.mark.parametrize("kind", KINDS)
async def test_a_lost_yes_is_found_again(till: Till, shopify_http: httpx.AsyncClient, kind: str) -> None:
    """The vendor did it and we did not hear: the next attempt sees it done, at every step of the way."""
    customer, wish = KINDS[kind]
    lost = _failing(shopify_http, mutation="mutation ", times=1)
    receipt = await till.act(customer, kind=kind, **wish)
    assert (receipt.status, len(lost)) == ("done", 1)
    shopify_http.event_hooks["response"] = []
    shop = await _peek(shopify_http, customer)
    assert await till.act(customer, kind=kind, **wish) == receipt
    assert await _peek(shopify_http, customer) == shop


@pytest.mark.parametrize("kind", KINDS)
async def test_four_at_once_are_one(till: Till, shopify_http: httpx.AsyncClient, kind: str) -> None:
    """Redelivered to another process while the first still works: one receipt, one change."""
    customer, wish = KINDS[kind]
    receipts = await asyncio.gather(*(till.act(customer, kind=kind, **wish) for _ in range(4)))
    assert {(each.status, each.reference) for each in receipts} == {("done", receipts[0].reference)}
    shop = await _peek(shopify_http, customer)
    assert await till.act(customer, kind=kind, **wish) == receipts[0]
    assert await _peek(shopify_http, customer) == shop


async def test_a_return_has_a_label(till: Till) -> None:
    """The label is the shop's own file, named after the return."""
    customer, wish = KINDS["return"]
    receipt = await till.act(customer, kind="return", **wish)
    assert (receipt.reference, receipt.label) == ("#1004-R1", "https://labels.example.com/1004-R1.pdf")


async def test_an_exchange_holds_the_new_item(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """It is part of the return, and a size that is sold out is refused before anything is done."""
    customer, wish = KINDS["exchange"]
    assert (await till.act(customer, kind="exchange", **wish)).status == "done"
    (sent,) = (await _order(shopify_http, customer, "1004"))["returns"]["nodes"]
    assert (sent["status"], sent["exchangeLineItems"]["nodes"]) == ("OPEN", [{"quantity": 1}])
    gone = wish | {"item": "HP-DRIFTB-PINE-GREEN", "wanted": "HP-CAIRNLH-M-10"}
    refused = await till.act(customer, key="k2", kind="exchange", **gone)
    assert (refused.status, "not available" in refused.detail) == ("refused", True)
    assert len((await _order(shopify_http, customer, "1004"))["returns"]["nodes"]) == 1


@pytest.mark.parametrize("kind", ["return", "exchange"])
async def test_a_refused_label_takes_the_return_back(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The receipt says so, and says it again when the action is asked for again."""
    customer, wish = KINDS[kind]
    _refusing(shopify_http, monkeypatch, "mutation Label")
    first, second = [await till.act(customer, kind=kind, **wish) for _ in range(2)]
    assert first == second
    assert (first.status, "taken back" in first.detail) == ("refused", True)
    assert [row["status"] for row in (await _order(shopify_http, MARC, "1004"))["returns"]["nodes"]] == [
        "CANCELED"
    ]


async def test_what_can_be_neither_finished_nor_undone_is_half(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person must look: the receipt names the return that is open."""
    customer, wish = KINDS["return"]
    _refusing(shopify_http, monkeypatch, "mutation Label", "mutation ReturnCancel")
    receipt = await till.act(customer, kind="return", **wish)
    assert (receipt.status, receipt.detail) == ("half", "return #1004-R1 is open, but has no label: not now")


async def test_a_return_goes_on_where_it_stopped(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """Killed between the return and its label: the next attempt makes the label, and no second return."""
    customer, wish = KINDS["return"]
    _failing(shopify_http, mutation="mutation Label", times=99, after=False)
    with pytest.raises(VendorDown):
        await till.act(customer, kind="return", **wish)
    shopify_http.event_hooks["request"] = []
    assert (await till.act(customer, kind="return", **wish)).label
    assert len((await _order(shopify_http, customer, "1004"))["returns"]["nodes"]) == 1


async def test_killed_after_the_shop_s_yes_another_process_goes_on(
    shop_file: Path, shopify_http: httpx.AsyncClient
) -> None:
    """A real process, really gone: one return, one label, and the new item taken from the shelf once."""
    command = [sys.executable, "-m", "tests.adapters.killed_shop", str(shop_file)]
    died = subprocess.run(command, cwd=Path(__file__).parents[2], check=False, timeout=60)  # noqa: ASYNC221
    assert died.returncode == KILLED
    (open_still,) = (await _order(shopify_http, MARC, "1004"))["returns"]["nodes"]
    assert open_still["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"] == []
    receipt = await execute(shop_file, dies=False)
    assert (receipt.status, receipt.reference, bool(receipt.label)) == ("done", "#1004-R1", True)
    (sent,) = (await _order(shopify_http, MARC, "1004"))["returns"]["nodes"]
    assert len(sent["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"]) == 1
    with closing(open_shop(shop_file, TODAY)) as store:
        left = {row["sku"]: row["inventoryQuantity"] for row in variants(store)}
    assert left["HP-KINDLF-M-L"] == 12  # 13 in the catalogue


async def test_an_address_is_changed_in_its_parts(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """Who receives it stays; the address comes as a token, which only the adapter opens."""
    token = await till.vault.token(MOVED, conversation_id=TALK, owner="o")
    assert (await till.act(MARC, kind="address", order_number="1003", address=token)).status == "done"
    address = (await _order(shopify_http, MARC, "1003"))["shippingAddress"]
    told = {"address1": "12 Alder Lane", "city": "Lyon", "zip": "69003", "name": "Marc Dubois"}
    assert address == told


@pytest.mark.parametrize(
    ("customer", "wish", "words"),
    [
        (MARC, {"kind": "address", "order_number": "1003", "address": "the blue house"}, "could not be read"),
        (EMMA, {"kind": "address", "order_number": "1005", "address": MOVED}, "packed or shipped"),
        (EMMA, {"kind": "address", "order_number": "1006", "address": MOVED}, "cancelled"),
        (EMMA, {"kind": "item", "order_number": "1005", "item": "HP-SALTSRJ-W-M"}, "packed or shipped"),
        (MARC, {"kind": "item", "order_number": "1003", "item": "HP-NONE"}, "no item HP-NONE"),
        (
            MARC,
            {"kind": "item", "order_number": "1003", "item": "HP-CAIRNLH-M-9", "wanted": "X"},
            "no item X",
        ),
        (
            MARC,
            {"kind": "item", "order_number": "1003", "item": "HP-CAIRNLH-M-9", "wanted": "HP-CAIRNLH-M-10"},
            "out of stock",
        ),
        (ANA, {"kind": "resend", "order_number": "1002", "items": ("HP-NONE",)}, "not part of the order"),
        (ANA, {"kind": "store_credit", "order_number": "1002", "amount": "999"}, "are left"),
        ("", {"kind": "newsletter", "wish": "subscribe"}, "nobody is signed in"),
        (JAMES, {"kind": "loyalty", "points": -99999}, "the account holds"),
        (ANA, {"kind": "resend", "order_number": "1003"}, "no such order"),
    ],
)
async def test_a_no_is_a_refused_receipt_with_its_reason(
    till: Till, shopify_http: httpx.AsyncClient, customer: str, wish: dict[str, Any], words: str
) -> None:
    """And nothing is changed."""
    shop = await _peek(shopify_http, customer or JAMES)
    receipt = await till.act(customer, **wish)
    assert (receipt.status, words in receipt.detail) == ("refused", True), receipt.detail
    assert await _peek(shopify_http, customer or JAMES) == shop


async def test_an_item_is_swapped_or_taken_out(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """The old line stays with nothing in it."""
    customer, wish = KINDS["item"]
    await till.act(customer, kind="item", **wish)
    lines = (await _order(shopify_http, customer, "1003"))["lineItems"]["nodes"]
    assert {row["sku"]: row["currentQuantity"] for row in lines} == {
        "HP-CAIRNLH-M-9": 0,
        "HP-CAIRNLH-M-11": 1,
    }


async def test_resent_for_nothing(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """A new order of the same items, paid with nothing, that carries the mark."""
    receipt = await till.act(ANA, kind="resend", order_number="1002")
    order = await _order(shopify_http, ANA, receipt.reference.removeprefix("#"))
    assert order["totalPriceSet"]["shopMoney"]["amount"] == "0.00"
    assert [row["sku"] for row in order["lineItems"]["nodes"]] == ["HP-FERNSHS-MEDIUM"]
    assert len(order["tags"]) == 2  # the mark, and that it was resent


async def test_credit_newsletter_and_points_reach_the_account(
    till: Till, shopify_http: httpx.AsyncClient
) -> None:
    """Credit is counted as paid back; points are added to what the shop keeps."""
    await till.act(ANA, kind="store_credit", order_number="1002", amount="20.00")
    ana = await _peek(shopify_http, ANA)
    assert ana["storeCreditAccounts"]["nodes"] == [{"balance": {"amount": "20.00"}}]
    assert (await till.order("1002")).refunded == "20.00"
    before = int((await _peek(shopify_http, JAMES))["metafield"]["value"])
    await till.act(JAMES, kind="loyalty", points=150)
    await till.act(JAMES, kind="newsletter", wish="subscribe")
    await till.act(JAMES, kind="newsletter", wish="unsubscribe")
    james = await _peek(shopify_http, JAMES)
    assert int(james["metafield"]["value"]) == before + 150
    assert james["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"
