"""The mock vendors' webhooks: registered through their own APIs, taken by the real gateway, tried again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_apis import shopify, shopify_webhooks, zendesk
from mock_apis.webhooks import SHOPIFY, TRIGGER_PATH, ZENDESK, Sender
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from tests.mock_apis.conftest import NOW, TODAY
from tests.security.webhook_vendors import Gateway, gateway

REGISTER = """
mutation ($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
    webhookSubscription { id topic uri } userErrors { field message } } }"""
CANCEL = """
mutation ($id: ID!) { orderCancel(orderId: $id, reason: INVENTORY, restock: true) {
  orderCancelUserErrors { message } } }"""
DOOR = "http://desk.test/v1/webhooks"


@dataclass
class Failing(httpx.AsyncBaseTransport):
    """The gateway, behind a line that answers with these statuses first; notes the headers of each try."""

    real: httpx.AsyncBaseTransport
    statuses: list[int] = field(default_factory=list)
    seen: list[httpx.Headers] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.headers)
        if self.statuses:
            status = self.statuses.pop(0)
            if not status:
                raise httpx.ReadTimeout("too late", request=request)
            return httpx.Response(status, headers={"Retry-After": "5"}, request=request)
        return await self.real.handle_async_request(request)


@dataclass
class Shop:
    """The mock Shopify with somebody who listens."""

    http: httpx.AsyncClient
    sender: Sender
    desk: Gateway
    line: Failing

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = (await self.http.post("/admin/api/2026-10/graphql.json", json=body)).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    async def register(self, *topics: str) -> None:
        for topic in topics:
            made = await self.ask(REGISTER, topic=topic, hook={"uri": f"{DOOR}/shopify"})
            assert made["webhookSubscriptionCreate"]["userErrors"] == []


def events(desk: Gateway) -> dict[str, list[Any]]:
    """What is on the bus, by subject."""
    assert isinstance(desk.bus, MemoryBus)
    return {subject: list(kept.values()) for subject, kept in desk.bus._events.items() if kept}


@pytest.fixture
async def shop(own_shop: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    asked: dict[str, Any] = {
        "shopify_webhook_secret": shopify_webhooks.SECRET,
        "shopify_shop_domain": shopify_webhooks.DOMAIN,
    }
    async with gateway(MemoryBus(), tmp_path, now=NOW.timestamp, **asked) as desk:
        line = Failing(httpx.ASGITransport(desk.app))
        sender = Sender(pace=0.0, transport=line)
        app = shopify.create_app(own_shop, today=TODAY, now=lambda: NOW, sender=sender)
        headers = {"X-Shopify-Access-Token": shopify.TOKEN}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop.test", headers=headers
        ) as http:
            yield Shop(http, sender, desk, line)


async def _unfulfilled(shop: Shop) -> dict[str, Any]:
    found = await shop.ask(
        '{ orders(first: 1, query: "fulfillment_status:unfulfilled financial_status:paid") '
        "{ nodes { id number cancelledAt customer { legacyResourceId } } } }"
    )
    order: dict[str, Any] = found["orders"]["nodes"][0]
    return order


async def test_a_cancelled_order_is_heard(shop: Shop) -> None:
    """Registered and cancelled in GraphQL: events of the order and the stock, none of others."""
    await shop.register("ORDERS_CANCELLED", "INVENTORY_LEVELS_UPDATE")
    order = await _unfulfilled(shop)
    await shop.ask(CANCEL, id=order["id"])
    await shop.sender.delivered()
    assert set(shop.sender.answers) == {200}
    found = events(shop.desk)
    assert set(found) == {c.SHOP_ORDER_CANCELLED.subject, c.SHOP_STOCK_UPDATED.subject}
    (cancelled,) = found[c.SHOP_ORDER_CANCELLED.subject]
    assert (cancelled.number, cancelled.cancel_reason) == (str(order["number"]), "inventory")
    owner = await shop.desk.vault.reveal(
        cancelled.customer, conversation_id=cancelled.conversation_id, purpose="commerce"
    )
    assert owner == order["customer"]["legacyResourceId"]


async def test_a_registration_is_checked(shop: Shop) -> None:
    """No address, one that is none, and one that is there."""
    await shop.register("ORDERS_PAID")
    for uri, message in (
        ("", "Address can't be blank"),
        ("ftp://x", "Address is not a valid URL"),
        (f"{DOOR}/shopify", "Address for this topic has already been taken"),
    ):
        made = await shop.ask(REGISTER, topic="ORDERS_PAID", hook={"uri": uri})
        assert made["webhookSubscriptionCreate"]["userErrors"][0]["message"] == message
    listed = await shop.ask("{ webhookSubscriptions(first: 5) { nodes { topic uri } } }")
    assert listed["webhookSubscriptions"]["nodes"] == [{"topic": "ORDERS_PAID", "uri": f"{DOOR}/shopify"}]


async def test_a_shop_that_is_not_heard_tries_again(shop: Shop) -> None:
    """The same bytes under the same ids, until they are taken; what was taken twice is one event."""
    await shop.register("ORDERS_CANCELLED")
    shop.line.statuses += [503, 0, 500]
    await shop.ask(CANCEL, id=(await _unfulfilled(shop))["id"])
    await shop.sender.delivered()
    assert shop.sender.answers == [503, 0, 500, 200]
    for name in ("x-shopify-event-id", "x-shopify-webhook-id", "x-shopify-hmac-sha256"):
        assert len({headers[name] for headers in shop.line.seen}) == 1
    assert len(events(shop.desk)[c.SHOP_ORDER_CANCELLED.subject]) == 1


async def test_what_is_made_to_happen_is_told_and_shown(shop: Shop) -> None:
    """A parcel leaves and arrives, stock comes back: the webhook says it, and so does the shop itself."""
    await shop.register("FULFILLMENTS_UPDATE", "INVENTORY_LEVELS_UPDATE", "ORDERS_FULFILLED")
    order = await _unfulfilled(shop)
    sku = "HP-DRIFTB-OAT"
    for wish in (
        {"topic": "orders/fulfilled", "order": order["number"], "state": "in_transit"},
        {"topic": "fulfillments/update", "order": order["number"], "state": "delivered"},
        {"topic": "inventory_levels/update", "sku": sku, "available": 7},
    ):
        assert (await shop.http.post(TRIGGER_PATH, json=wish)).status_code == 202
        await shop.sender.delivered()
    assert set(shop.sender.answers) == {200}
    found = events(shop.desk)
    (parcel,) = found[c.SHOP_PARCEL_CHANGED.subject]
    (stock,) = found[c.SHOP_STOCK_UPDATED.subject]
    assert (parcel.number, parcel.state) == (str(order["number"]), "delivered")
    assert found[c.SHOP_ORDER_FULFILLED.subject][0].number == str(order["number"])
    asked = '{ orders(first: 1, query: "name:#%s") { nodes { fulfillments(first: 1) { displayStatus } } } }'
    told = await shop.ask(asked % order["number"])
    assert told["orders"]["nodes"][0]["fulfillments"] == [{"displayStatus": "DELIVERED"}]
    item = f'inventoryItem(id: "gid://shopify/InventoryItem/{stock.inventory_item_id}")'
    counted = await shop.ask(f"{{ {item} {{ sku variant {{ inventoryQuantity }} }} }}")
    assert counted["inventoryItem"] == {"sku": sku, "variant": {"inventoryQuantity": 7}}
    for wish in ({"topic": "inventory_levels/update", "sku": "none"}, {"topic": "fulfillments/update"}):
        assert (await shop.http.post(TRIGGER_PATH, json=wish)).status_code == 400


@pytest.mark.parametrize(
    ("wish", "event"),
    [
        ({"topic": "customers/redact"}, c.SHOP_CUSTOMER_REDACT),
        ({"topic": "customers/data_request"}, c.SHOP_CUSTOMER_DATA_REQUEST),
        ({"topic": "customers/create"}, c.SHOP_CUSTOMER_CREATED),
        ({"topic": "customers/delete"}, c.SHOP_CUSTOMER_DELETED),
        ({"topic": "shop/redact"}, c.SHOP_REDACT),
        ({"topic": "orders/create"}, c.SHOP_ORDER_CREATED),
    ],
)
async def test_by_hand(shop: Shop, wish: dict[str, Any], event: c.Event[Any]) -> None:
    """What nobody does in the mock, a developer can; the gateway takes every topic."""
    await shop.register("ORDERS_CREATE", "CUSTOMERS_CREATE", "CUSTOMERS_DELETE")
    order = await shop.ask(
        "{ orders(first: 1, reverse: true) { nodes { number customer { legacyResourceId } } } }"
    )
    (node,) = order["orders"]["nodes"]
    asked = wish | {"order": node["number"], "customer": node["customer"]["legacyResourceId"]}
    answer = await shop.http.post(TRIGGER_PATH, json=asked)
    assert (answer.status_code, answer.json()) == (202, {"sent": 1})
    await shop.sender.delivered()
    assert list(events(shop.desk)) == [event.subject]
    mistakes: list[object] = [{"topic": "orders/create", "order": 1}, {"topic": "x"}, [], "{"]
    for wrong in mistakes:
        assert (await shop.http.post(TRIGGER_PATH, json=wrong)).status_code == 400


async def test_tickets_are_heard(tmp_path: Path) -> None:
    """Created over the API, with a secret of its own; each change is an event, in order of what is told."""
    sender = Sender(pace=0.0)
    app = zendesk.create_app(now=lambda: NOW, sender=sender)
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", auth=auth) as http:
        kinds = ("created", "status_changed", "priority_changed", "agent_assignment_changed", "comment_added")
        wish: dict[str, Any] = {
            "name": "desk",
            "endpoint": f"{DOOR}/zendesk",
            "http_method": "POST",
            "request_format": "json",
        }
        wish |= {"subscriptions": [f"zen:event-type:ticket.{kind}" for kind in (*kinds, "csat_received")]}
        refused = await http.post("/api/v2/webhooks", json={"webhook": wish | {"http_method": "GET"}})
        assert refused.status_code == 400
        hook = (await http.post("/api/v2/webhooks", json={"webhook": wish})).json()["webhook"]
        signing = (await http.get(f"/api/v2/webhooks/{hook['id']}/signing_secret")).json()["signing_secret"]
        asked: dict[str, Any] = {"zendesk_webhook_secret": signing["secret"]}
        async with gateway(MemoryBus(), tmp_path, now=NOW.timestamp, **asked) as desk:
            line = sender.transport = Failing(httpx.ASGITransport(desk.app), [503, 409, 0])
            new = {"subject": "Ana", "comment": {"body": "Call Ana"}, "external_id": f"h-t-{'0' * 24}"}
            ticket = (await http.post("/api/v2/tickets", json={"ticket": new})).json()["ticket"]
            await sender.delivered()
            assert sender.answers == [503, 409, 0, 200]
            assert len({headers["x-zendesk-webhook-invocation-id"] for headers in line.seen}) > 1
            change = {"status": "closed", "priority": "high", "assignee_id": 9001, "comment": {"body": "Ana"}}
            await http.put(f"/api/v2/tickets/{ticket['id']}", json={"ticket": change})
            rating = {"ticket": ticket["id"], "type": "zen:event-type:ticket.csat_received"}
            rated = {"event": {"satisfaction_score": {"score": "GOOD", "comment": "Ana was great"}}}
            assert (await http.post(TRIGGER_PATH, json=rating | rated)).json() == {"sent": 1}
            await sender.delivered()
            found = events(desk)
    assert {subject.split(".", 1)[1]: len(bodies) for subject, bodies in found.items()} == {
        "tickets.created.v1": 1,
        "tickets.closed.v1": 1,
        "tickets.priority_changed.v1": 1,
        "tickets.assigned.v1": 1,
        "tickets.updated.v1": 1,
        "satisfaction_ratings.created.v1": 1,
    }
    assert "Ana" not in str(found)


def test_how_patient_the_vendors_are() -> None:
    """Shopify: eight times in four hours, whatever was wrong. Zendesk: what it says, and nothing else."""
    failed = httpx.Response(500)
    waits = [SHOPIFY.again(nth, failed) for nth in range(9)]
    assert waits[-1] is None
    assert 3.9 * 3600 < sum(wait for wait in waits if wait) < 4 * 3600
    assert SHOPIFY.again(0, httpx.Response(204)) is None
    assert [ZENDESK.again(nth, None) for nth in (0, 4, 5)] == [1.0, 1.0, None]
    assert [ZENDESK.again(nth, httpx.Response(409)) for nth in (2, 3)] == [1.0, None]
    for status, asked, wait in (
        (503, "5", 5.0),
        (429, "59", 59.0),
        (503, "60", None),
        (503, "", None),
        (500, "5", None),
    ):
        assert ZENDESK.again(0, httpx.Response(status, headers={"Retry-After": asked})) == wait
