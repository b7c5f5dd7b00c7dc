"""A gateway with staff and nothing that works behind it, and browsers at its door."""

from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from gateway.app import build_app
from gateway.context import Desk
from gateway.customers.demo import demo_router
from gateway.ops.health import health_router
from gateway.staff.room import StaffRoom
from gateway.webhooks.routes import webhooks_router
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.ports import CaseStore, ConversationStore
from shared.settings import Settings
from tests.clock import Clock
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD, room_for_tests

HOME = "http://desk.test"
SIGNED: dict[str, Any] = {
    "shopify_webhook_secret": "s" * 32,
    "shopify_shop_domain": "harbor-and-pine.myshopify.com",
    "zendesk_webhook_secret": "z" * 32,
}
"""Settings that open the doors of vendors."""
PEOPLE = Settings(rate_address_per_minute=100_000, rate_per_minute=100_000, **SIGNED)


class NoShop:
    """Knows nothing of anybody."""

    async def record_of(self, customer_id: str) -> list[str]:
        return []


@dataclass
class StaffDesk:
    """The app, and what its tests look at."""

    desk: Desk
    app: FastAPI
    audit: MemoryAudit

    @property
    def denials(self) -> list[tuple[str, str]]:
        """Who was turned away, and from what."""
        deeds = [line.deed for line in self.audit.lines]
        return [(deed.actor, deed.purpose) for deed in deeds if deed.action == "access_denied"]

    def http(self, *, url: str = HOME, address: str = "203.0.113.9") -> httpx.AsyncClient:
        """A client at this address, with cookies of its own."""
        transport = httpx.ASGITransport(self.app, client=(address, 1234), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=url)


def staff_desk(
    store: ConversationStore | None = None,
    *,
    room: StaffRoom | None = None,
    settings: Settings | None = None,
    cases: CaseStore | None = None,
) -> StaffDesk:
    """A desk; without a store it knows no conversation."""
    settings = settings or PEOPLE
    bus, vault, audit = MemoryBus(), MemoryVault(), MemoryAudit()
    rooms = {"shop": NoShop(), "staff": room, "cases": cases}
    desk = gateway_desk(settings, bus=bus, vault=vault, audit=audit, store=store, **rooms)
    registry = CollectorRegistry()
    routers = [demo_router(list, list), health_router({}, registry)]
    routers.append(webhooks_router(settings, vault))
    return StaffDesk(desk, build_app(desk, routers=routers), audit)


@dataclass
class Timed:
    """A desk whose sessions and pauses go by a clock that stands still."""

    desk: StaffDesk
    clock: Clock
    room: StaffRoom


def timed_desk(store: ConversationStore | None = None, *, cases: CaseStore | None = None) -> Timed:
    """A desk with local accounts."""
    clock, room = Clock(), room_for_tests(PEOPLE)
    assert room.local is not None
    room.local.clock = clock.now
    room = replace(room, sessions=replace(room.sessions, clock=clock.now))
    return Timed(staff_desk(store, room=room, cases=cases), clock, room)


@dataclass
class Browser:
    """What a browser does by itself: cookies, and saying where a form comes from."""

    http: httpx.AsyncClient
    origin: str = HOME
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
        return await self.http.get(path, headers=headers, **more)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of our own page."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", **self.headers}
        return await self.http.post(path, data=fields, headers=headers)

    async def sign_in(self, role: str = "agent", password: str = PASSWORD, **more: str) -> httpx.Response:
        """Fill in the form."""
        return await self.submit("/staff/sign-in", name=role, password=password, **more)

    async def csrf(self) -> str:
        """The token of this session's pages."""
        found: str = (await self.http.get("/staff/me")).json()["csrf"]
        return found
