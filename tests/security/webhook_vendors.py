"""Vendors as they send webhooks, and a gateway that takes them; the payloads are full of people."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from gateway.app import build_app
from gateway.context import Desk
from gateway.entries import Entries
from gateway.hub import Hub
from gateway.webhooks.routes import webhooks_router
from shared import metrics
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.ports import Bus
from shared.settings import Settings

SECRET, OLD, ZENDESK = "shpss_0123456789abcdef", "shpss_before_rotation_1", "zendesk-secret-0123456789"
SHOP = "harbor-and-pine.myshopify.com"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
CUSTOMER = 7_330_118_442_991
CANARIES = ("Zephyrine", "Quillfeather", "zephyrine@example.com", "+15035550199", "77 Canary Row", "97205")
PERSON = {
    "id": CUSTOMER,
    "email": CANARIES[2],
    "first_name": CANARIES[0],
    "last_name": CANARIES[1],
    "phone": CANARIES[3],
    "note": f"{CANARIES[0]} likes to be called before noon",
    "updated_at": "2026-11-21T06:59:30-05:00",
    "created_at": "2026-11-01T06:59:30-05:00",
    "default_address": {"address1": CANARIES[4], "zip": CANARIES[5], "name": " ".join(CANARIES[:2])},
}
ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
    "email": CANARIES[2],
    "name": "#1001",
    "order_number": 1001,
    "note": f"leave it with {CANARIES[0]}",
    "financial_status": "paid",
    "fulfillment_status": None,
    "cancelled_at": None,
    "cancel_reason": None,
    "total_price": "52.90",
    "currency": "USD",
    "updated_at": "2026-11-21T06:59:30-05:00",
    "created_at": "2026-11-21T06:59:00-05:00",
    "customer": PERSON,
    "shipping_address": PERSON["default_address"],
    "line_items": [{"id": 1, "title": "Tent", "properties": [{"name": "for", "value": CANARIES[0]}]}],
}
TICKET = {
    "id": "35436",
    "status": "OPEN",
    "priority": "HIGH",
    "subject": f"{CANARIES[0]} waits",
    "description": f"Call {CANARIES[3]}",
    "requester_id": str(CUSTOMER),
    "assignee_id": "8447388090494",
    "group_id": "8268544",
    "external_id": "h-t-0123456789abcdef01234567",
    "tags": ["vip"],
    "via": {"channel": "web"},
}


def encoded(body: object) -> bytes:
    """As the vendors write JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, message: bytes) -> str:
    """Base64 of the HMAC-SHA256."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def shopify(
    body: bytes, topic: str = "orders/create", *, secret: str = SECRET, shop: str = SHOP, event: str = "e-1"
) -> dict[str, str]:
    """Shopify's headers over these bytes."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature(secret, body),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Event-Id": event,
        "X-Shopify-Triggered-At": "2026-11-21T11:59:30.123456789Z",
    }


def stamped(seconds: float) -> str:
    """A time as Zendesk writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zendesk(body: bytes, *, secret: str = ZENDESK, at: float = NOW) -> dict[str, str]:
    """Zendesk's headers over these bytes, signed at this time."""
    stamp = stamped(at)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Zendesk-Account-Id": "123456",
        "X-Zendesk-Webhook-Id": "01F1KRFQ6BG29CNWFR60NK5FNY",
        "X-Zendesk-Webhook-Invocation-Id": "8350205582",
        "X-Zendesk-Webhook-Signature": signature(secret, stamp.encode() + body),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def happened(kind: str, event: dict[str, Any] | None = None, *, id_: str = "z-1", **ticket: object) -> bytes:
    """A ticket event of Zendesk's."""
    return encoded(
        {
            "account_id": 123456,
            "detail": TICKET | ticket,
            "event": event or {},
            "id": id_,
            "subject": "zen:ticket:35436",
            "time": "2026-11-21T11:59:58.123456789Z",
            "type": f"zen:event-type:ticket.{kind}",
            "zendesk_event_version": "2022-11-06",
        }
    )


class Gateway:
    """A gateway over a bus, with its vault, its counts, and a client."""

    def __init__(self, bus: Bus, vault: MemoryVault, now: Callable[[], float], settings: Settings) -> None:
        self.bus, self.vault, self.registry = bus, vault, CollectorRegistry()
        self.meters = metrics.Meters(self.registry)
        # These doors need no more of the desk.
        rooms: dict[str, Any] = dict.fromkeys(Desk.__dataclass_fields__)
        rooms |= {"settings": settings, "bus": bus, "hub": Hub(bus), "entries": Entries(vault.audit)}
        desk = Desk(**rooms)
        self.app = build_app(desk, routers=[webhooks_router(settings, vault, now=now)])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://desk.test")

    async def post(self, vendor: str, body: bytes, headers: Any) -> httpx.Response:
        """Send bytes to a vendor's door."""
        with metrics.counting(self.meters):
            return await self.client.post(f"/v1/webhooks/{vendor}", content=body, headers=headers)

    def counted(self, vendor: str, outcome: str) -> float:
        """How often this was what came of it."""
        labels = {"vendor": vendor, "outcome": outcome}
        return self.registry.get_sample_value("desk_webhooks_total", labels) or 0.0


def chosen(folder: Path, **more: Any) -> Settings:
    """Settings with both secrets; `more` are others."""
    both = {
        "shopify_webhook_secret": f"{SECRET}, {OLD}",
        "zendesk_webhook_secret": ZENDESK,
        "shopify_shop_domain": SHOP,
    }
    return Settings(data_dir=folder, **(both | more))


@asynccontextmanager
async def gateway(
    bus: Bus,
    folder: Path,
    *,
    vault: MemoryVault | None = None,
    now: Callable[[], float] = lambda: NOW,
    **more: Any,
) -> AsyncIterator[Gateway]:
    """A gateway with both secrets set; `more` are settings."""
    found = Gateway(bus, vault or MemoryVault(), now, chosen(folder, **more))
    async with found.client:
        yield found


def fresh(made: Gateway) -> Gateway:
    """The same gateway as if nothing had come yet: to build one takes longer than most tests."""
    assert isinstance(made.bus, MemoryBus)
    made.bus._events.clear()
    made.vault._tokens.clear()
    made.vault._values.clear()
    made.vault.audit.lines.clear()
    return made
