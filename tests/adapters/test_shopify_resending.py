"""Items are sent once more, once, though the shop's search shows what was made only later."""

import json
from typing import Any

import httpx
import pytest

from shared.adapters import shopify_resending as resending
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.shopify_wire_base import Nodes
from shared.errors import VendorDown

from .till import ANA, Till

WISH: dict[str, Any] = {"kind": "resend", "order_number": "1002"}
COUNT = "query { orders(first: 50, reverse: true) { nodes { name tags } } }"


async def _parcels(http: httpx.AsyncClient) -> list[str]:
    """The orders that carry a mark of ours."""
    answer = await http.post("/admin/api/2026-10/graphql.json", json={"query": COUNT})
    return [row["name"] for row in answer.json()["data"]["orders"]["nodes"] if row["tags"]]


def _lagging(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, *, hidden: tuple[str, ...], loses: str = ""
) -> None:
    """A search that shows none of the `hidden` yet, at a shop whose yes to the mutation `loses` is lost."""
    send = http.send

    async def late(request: httpx.Request, **options: Any) -> httpx.Response:
        query = json.loads(request.content)["query"]
        answer = await send(request, **options)
        if loses and f"mutation {loses}(" in query:
            raise httpx.ReadError("connection reset", request=request)
        if "query Resent(" not in query:
            return answer
        data = json.loads(await answer.aread())["data"]
        return httpx.Response(
            200, json={"data": data | {name: {"nodes": []} for name in hidden}}, request=request
        )

    monkeypatch.setattr(http, "send", late)


@pytest.mark.parametrize("hidden", [("orders",), ("orders", "draftOrders")])
async def test_what_the_search_does_not_show_yet_is_sent_once(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, hidden: tuple[str, ...]
) -> None:
    """The shop's own answers say what was made: there is a receipt, hence nothing to try again."""
    with monkeypatch.context() as patch:
        _lagging(shopify_http, patch, hidden=hidden)
        receipt = await till.act(ANA, **WISH)
    assert (receipt.status, [receipt.reference]) == ("done", await _parcels(shopify_http))
    assert await till.act(ANA, **WISH) == receipt


async def test_a_lost_yes_is_found_by_the_draft(
    till: Till, shopify_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft that has become an order is not drafted again while its order is not to be found."""
    _lagging(shopify_http, monkeypatch, hidden=("orders",), loses="DraftComplete")
    receipts = [await till.act(ANA, **WISH) for _ in range(2)]
    assert [(each.status, each.reference) for each in receipts] == [
        ("done", name) for name in await _parcels(shopify_http) for _ in range(2)
    ]


def _found(*drafts: wire.Draft) -> ShopifyClient:
    """A shop whose search finds these drafts and no order."""

    class Shop:
        async def once(self, *_: object, **__: object) -> wire.ResentFound:
            return wire.ResentFound(orders=Nodes(nodes=[]), draft_orders=Nodes(nodes=[*drafts]))

    return Shop()  # type: ignore[return-value]


async def test_a_placed_draft_without_its_order_is_waited_for() -> None:
    """It is neither done, for it has no reference, nor to be drafted again."""
    mark = Mark.of("k")
    placed = wire.Draft(id="gid://shopify/DraftOrder/1", status="COMPLETED", tags=[mark.tag])
    with pytest.raises(VendorDown, match="does not show"):
        await resending.resent(_found(placed), mark)


async def test_the_oldest_draft_is_the_one_with_the_lowest_number() -> None:
    """Two attempts at once agree on it, also where the vendor's numbers grow by a digit."""
    mark = Mark.of("k")
    drafts = [
        wire.Draft(id=f"gid://shopify/DraftOrder/{number}", status="OPEN", tags=[mark.tag])
        for number in (1000, 999)
    ]
    _, waiting = await resending.resent(_found(*drafts), mark)
    assert waiting == ("gid://shopify/DraftOrder/999", "gid://shopify/DraftOrder/1000")
