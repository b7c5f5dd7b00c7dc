"""An exchange of several units takes back as many as it sends."""

from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from mock_apis.shopify import open_shop

from .till import MARC, Till
from .vendors import TODAY

ORDER = "gid://shopify/Order/6000000001004"
WISH: dict[str, Any] = {
    "kind": "exchange",
    "order_number": "1004",
    "item": "HP-KINDLF-M-M",
    "wanted": "HP-KINDLF-M-L",
}
SENT_BACK = """query { order(id: "%s") { returns(first: 9) { nodes {
  returnLineItems(first: 9) { nodes { quantity } }
  exchangeLineItems(first: 9) { nodes { quantity } } } } } }"""


async def _quantities(http: httpx.AsyncClient) -> list[tuple[list[int], list[int]]]:
    """Of each return of the order: what comes back, and what is sent for it."""
    answer = await http.post("/admin/api/2026-10/graphql.json", json={"query": SENT_BACK % ORDER})
    sent = answer.json()["data"]["order"]["returns"]["nodes"]
    return [
        (
            [row["quantity"] for row in each["returnLineItems"]["nodes"]],
            [row["quantity"] for row in each["exchangeLineItems"]["nodes"]],
        )
        for each in sent
    ]


def _one_more_parcel(shop_file: Path) -> None:
    """The order has each item twice; the second ones left in a parcel of their own."""
    with closing(open_shop(shop_file, TODAY)) as store, store.writing():
        order = store.need("order", ORDER)
        (first,) = order["fulfillments"]
        for line in order["lineItems"]:
            for name in ("quantity", "currentQuantity", "refundableQuantity"):
                line[name] = 2
        rows = [{**row, "id": f"{row['id']}9"} for row in first["fulfillmentLineItems"]]
        order["fulfillments"].append({**first, "id": f"{first['id']}9", "fulfillmentLineItems": rows})
        store.change("order", ORDER, order)


async def test_units_of_two_parcels_come_back_together(
    till: Till, shopify_http: httpx.AsyncClient, shop_file: Path
) -> None:
    """Two are sent for two, not for the one of the first parcel."""
    _one_more_parcel(shop_file)
    assert (await till.act(MARC, quantity=2, **WISH)).status == "done"
    assert await _quantities(shopify_http) == [([1, 1], [2])]


async def test_one_of_two_parcels_is_enough_for_one(
    till: Till, shopify_http: httpx.AsyncClient, shop_file: Path
) -> None:
    """No more comes back than is sent."""
    _one_more_parcel(shop_file)
    assert (await till.act(MARC, **WISH)).status == "done"
    assert await _quantities(shopify_http) == [([1], [1])]


async def test_more_than_were_bought_are_refused(till: Till, shopify_http: httpx.AsyncClient) -> None:
    """Nothing is opened, and the reason says how many there are."""
    receipt = await till.act(MARC, quantity=2, **WISH)
    assert (receipt.status, receipt.detail) == (
        "refused",
        "1 of HP-KINDLF-M-M can be sent back, not 2",
    )
    assert await _quantities(shopify_http) == []
