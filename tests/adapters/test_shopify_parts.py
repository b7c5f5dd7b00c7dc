"""A part of an order is cancelled at the shop: it is out and paid back, the rest stays."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from conversation.rules.playbooks import load_policy
from mock_apis.shopify import open_shop
from mock_apis.shopify_packing import LOCATION_ID
from mock_apis.shopify_variants import variants
from shared import contracts as c
from shared.contracts.refunding import cancel_action
from tests.adapters.test_shopify_kinds import PART, TWO_LINES

from .till import ANA, Till
from .vendors import TODAY

(VEST,) = PART["items"]
WAREHOUSE, STORE = LOCATION_ID, "gid://shopify/Location/2"


def _on_the_shelf(shop_file: Path) -> int:
    with closing(open_shop(shop_file, TODAY)) as store:
        return next(row["inventoryQuantity"] for row in variants(store) if row["sku"] == VEST)


def _packed(*parts: tuple[str | None, int], status: str = "OPEN", more: bool = False) -> dict[str, Any]:
    """Fulfillment orders that hold so many vests at each place."""
    line = "gid://shopify/LineItem/14000000143000"
    cut = {"hasNextPage": more}
    nodes = [
        {"status": status, "assignedLocation": {"location": {"id": place} if place else None}}
        | {"lineItems": {"pageInfo": cut, "nodes": [{"remainingQuantity": n, "lineItem": {"id": line}}]}}
        for place, n in parts
    ]
    return {"order": {"fulfillmentOrders": {"pageInfo": {"hasNextPage": False}, "nodes": nodes}}}


def _packing(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> list[dict[str, Any]]:
    """The shop says so of where it packs; the refunds that are asked for nevertheless."""
    send, refunds = http.send, []

    async def answered(request: httpx.Request, **options: Any) -> httpx.Response:
        asked = json.loads(request.content)
        if "query PackedAt" in asked["query"]:
            return httpx.Response(200, json={"data": answer}, request=request)
        if "refundCreate" in asked["query"]:
            refunds.append(asked["variables"]["input"])
        return await send(request, **options)

    monkeypatch.setattr(http, "send", answered)
    return refunds


async def test_a_part_is_cancelled_and_the_rest_stays(till: Till, shop_file: Path) -> None:
    """Its lines are out, paid back and on the shelf again, once; then all of the order still can be."""
    before = _on_the_shelf(shop_file)
    whole = await till.order("1430")
    vest, bottle = whole.items
    rule = load_policy().actions["cancel"]
    asked = cancel_action(whole, (vest,), rule, reason="customer")
    assert asked == c.Cancel(reason="customer", **PART)
    receipts = [await till.act(TWO_LINES, kind="cancel", **PART) for _ in range(2)]
    assert [(each.status, each.part) for each in receipts] == [("done", True)] * 2
    assert _on_the_shelf(shop_file) == before + vest.quantity
    left = await till.order("1430")
    assert (left.status, left.payment, left.refunded) == ("unfulfilled", "partially_refunded", "97.52")
    assert [item.left for item in left.items] == [0, bottle.quantity]
    # What is left of an order is the whole of it, and what is gone is not cancelled twice.
    assert not cancel_action(left, (left.items[1],), rule, reason="").items
    assert (await till.act(TWO_LINES, key="k2", kind="cancel", **PART)).why == "already_paid"
    assert (await till.act(TWO_LINES, key="k3", kind="cancel", order_number="1430")).status == "done"
    assert ((await till.order("1430")).status, (await till.order("1430")).refunded) == ("cancelled", "151.39")


async def test_nothing_of_what_has_left_is_cancelled(till: Till) -> None:
    """Nor is it paid back."""
    wish = {"order_number": "1001", "items": ("HP-SPARRSS-PACK-OF-2",), "amount": "9.00", "currency": "USD"}
    refused = await till.act(ANA, kind="cancel", **wish)
    assert (refused.status, refused.why, (await till.order("1001")).refunded) == ("refused", "shipped", "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_packed(), "does not show where HP-BREAKWV-M-L is packed"),
        ({"order": None}, "does not show where"),
        (_packed((WAREHOUSE, 1)), "does not show where"),  # the other one is where we may not look
        (_packed((None, 2)), "does not show where"),
        (_packed((WAREHOUSE, 2), status="CLOSED"), "does not show where"),
        (_packed((WAREHOUSE, 1), (STORE, 1)), "HP-BREAKWV-M-L is packed at several places"),
        (_packed((WAREHOUSE, 2), more=True), "in more parts than are read"),
    ],
)
async def test_without_a_certain_place_a_person_cancels(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, Any], words: str,
) -> None:  # fmt: skip
    """Nothing is paid and nothing is counted up anywhere."""
    refunds = _packing(shopify_http, monkeypatch, answer)
    refused = await till.act(TWO_LINES, kind="cancel", **PART)
    assert (refused.status, words in refused.detail) == ("refused", True), refused.detail
    assert (refused.why, refused.detail.endswith(": do it in the shop's admin")) == ("by_hand", True)
    assert (refunds, (await till.order("1430")).refunded) == ([], "")


async def test_two_halves_at_one_place_are_one(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits in two parts at one place goes back there; where nothing waits any more does not count."""
    refunds = _packing(shopify_http, monkeypatch, _packed((WAREHOUSE, 1), (WAREHOUSE, 1), (STORE, 0)))
    assert (await till.act(TWO_LINES, kind="cancel", **PART)).status == "done"
    (row,) = [row for wish in refunds for row in wish["refundLineItems"]]
    assert (row["quantity"], row["restockType"], row["locationId"]) == (2, "CANCEL", WAREHOUSE)
