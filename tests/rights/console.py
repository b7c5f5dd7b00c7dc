"""The console's pages on customers' data over real stores, for a signed-in client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from gateway.app import build_app
from gateway.rights.context import Rights
from launch.rights import open_rights
from shared.settings import Settings
from shared.wiring import Services, open_services
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD
from tests.store.asked import unanswered


@dataclass
class Console:
    """The app, a client that is staff, and the stores behind it."""

    app: FastAPI
    http: httpx.AsyncClient
    rights: Rights
    services: Services

    async def post(self, path: str = "", **fields: str) -> httpx.Response:
        """Send a form of the pages."""
        return await self.http.post(f"/console/customers{path}", data=fields)

    def log(self) -> str:
        """The audit log."""
        return (self.rights.folder / "vault" / "audit.log").read_text()


@asynccontextmanager
async def open_console(folder: Path) -> AsyncIterator[Console]:
    """Empty stores in this folder."""
    settings = Settings(data_dir=folder, bus_url="memory://")
    async with open_services(settings, actor="service:gateway") as services:
        bus, store, vault = await services.bus(), await services.store(), await services.vault()
        rights = await open_rights(services, bus)
        desk = gateway_desk(
            settings, bus=bus, vault=vault, audit=await services.audit(), store=store, rights=rights
        )
        app = build_app(desk)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://desk.test", auth=("admin", PASSWORD)
        ) as http:
            yield Console(app, http, rights, services)


async def said(console: Console, customer: str, turn: str, words: str) -> None:
    """A conversation of this customer's."""
    name = await console.rights.vault.token("Ana Lund", conversation_id=f"c-{turn}", owner=customer)
    await console.rights.store.record([unanswered(f"I am {name} {words}", turn)])
