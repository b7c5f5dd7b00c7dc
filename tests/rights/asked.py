"""The mock shop with its webhooks at the door of a gateway over real stores, which hears what they tell."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from gateway.app import build_app
from gateway.context import Desk
from gateway.privacy import Privacy
from gateway.webhooks.routes import webhooks_router
from launch.privacy import kept_private, open_privacy
from launch.rights import open_rights
from mock_apis import shopify, shopify_webhooks
from mock_apis.webhooks import TRIGGER_PATH, Sender
from shared.contracts import Task
from shared.ports import TaskFilter, Tasks
from shared.settings import Settings
from shared.wiring import Services, open_services
from tests.gateway_desk import gateway_desk
from tests.mock_apis.test_webhooks import REGISTER
from tests.staff import PASSWORD
from tests.store.asked import unanswered

EMMA = "7310001"
"""A customer of the mock shop."""


@dataclass
class Asked:
    """The shop, the gateway, and what is kept there."""

    desk: Desk
    privacy: Privacy
    services: Services
    tasks: Tasks
    shop: httpx.AsyncClient
    sender: Sender
    http: httpx.AsyncClient
    customer: str

    async def tell(self, topic: str, **wish: object) -> None:
        """The shop sends this, and it has been taken."""
        made = await self.shop.post(TRIGGER_PATH, json={"topic": topic, **wish})
        assert made.status_code == 202, made.text
        await self.sender.delivered()
        assert self.sender.answers[-1] == 200

    async def listed(self, kind: str) -> list[Task]:
        """Tasks of this kind, done or not."""
        return list(await self.tasks.page(TaskFilter(status=None, kind=kind)))

    async def kept(self) -> int:
        """How many of the customer's conversations are kept."""
        assert self.desk.rights is not None
        return len(await self.desk.rights.store.held(["c-t-1"]))


async def _registered(shop: httpx.AsyncClient) -> None:
    hook = {"uri": "http://desk.test/v1/webhooks/shopify"}
    for topic in ("CUSTOMERS_UPDATE", "INVENTORY_LEVELS_UPDATE", "REFUNDS_CREATE"):
        asked = {"query": REGISTER, "variables": {"topic": topic, "hook": hook}}
        await shop.post("/admin/api/2026-10/graphql.json", json=asked)


@asynccontextmanager
async def asked_by_the_shop(folder: Path, file: Path, *, held: bool = False) -> AsyncIterator[Asked]:
    """A gateway in this folder; the shop's data are in `file`. Emma has a conversation there."""
    settings = Settings(
        data_dir=folder, bus_url="memory://", redact_hold=held,
        shopify_webhook_secret=shopify_webhooks.SECRET,  # type: ignore[arg-type]
        shopify_shop_domain=shopify_webhooks.DOMAIN,
    )  # fmt: skip
    async with open_services(settings, actor="service:gateway") as services:
        bus, store, vault = await services.bus(), await services.store(), await services.vault()
        desk = gateway_desk(
            settings, bus=bus, vault=vault, audit=await services.audit(), store=store,
            rights=await open_rights(services, bus), tasks=await services.tasks(),
        )  # fmt: skip
        app = build_app(desk, routers=[webhooks_router(settings, vault)])
        way = httpx.ASGITransport(app)
        sender = Sender(pace=0.0, transport=way)
        mock = shopify.create_app(
            file, today=datetime.now(UTC).date(), now=lambda: datetime.now(UTC), sender=sender
        )
        headers = {"X-Shopify-Access-Token": shopify.TOKEN}
        shop = httpx.AsyncClient(transport=httpx.ASGITransport(mock), base_url="http://shop", headers=headers)
        staff = httpx.AsyncClient(transport=way, base_url="http://desk.test", auth=("admin", PASSWORD))
        privacy = open_privacy(desk, services)
        async with shop, staff, kept_private(desk, privacy):
            await _registered(shop)
            customer = await _a_customer(shop)
            name = await vault.token("Emma Larsson", conversation_id="c-t-1", owner=customer)
            await store.record([unanswered(f"I am {name}", "t-1")])
            assert desk.tasks is not None
            yield Asked(desk, privacy, services, desk.tasks, shop, sender, staff, customer)
        mock.close()


async def _a_customer(shop: httpx.AsyncClient) -> str:
    query = {"query": "{ customers(first: 1) { nodes { legacyResourceId } } }"}
    answer = (await shop.post("/admin/api/2026-10/graphql.json", json=query)).json()
    found: str = answer["data"]["customers"]["nodes"][0]["legacyResourceId"]
    return found


def in_days(days: float) -> float:
    """So far from now, in seconds since 1970."""
    return time.time() + days * 86_400
