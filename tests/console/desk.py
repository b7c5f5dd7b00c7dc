"""The console over real stores: conversations, their cases, and clients that are staff."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI
from msgspec import structs

from gateway.app import build_app
from gateway.context import Desk
from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.search import open_search
from shared.adapters.sqlite.staff import open_staff
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.adapters.sqlite.views import open_views
from shared.ports import Delivered
from shared.settings import Settings
from tests.cases.examples import hand_over
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD

HTMX = {"HX-Request": "true", "Accept": "text/html"}
PAGE = {"Accept": "text/html"}
SETTINGS = Settings(rate_address_per_minute=100_000, rate_per_minute=100_000)


@dataclass
class ConsoleDesk:
    """The app and what it stands on; `http("agent")` is a client that sends that member's password."""

    app: FastAPI
    desk: Desk
    store: SqliteStore
    cases: SqliteCases
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    seq: int = 0

    def http(self, role: str = "agent") -> httpx.AsyncClient:
        """The client of this member."""
        if role not in self.clients:
            self.clients[role] = httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app), base_url="http://desk.test", auth=(role, PASSWORD)
            )
        return self.clients[role]

    async def act(
        self, what: str, case: str = "h-1", role: str = "agent", *, htmx: bool = False, **fields: str
    ) -> httpx.Response:
        """Send one of the console's forms."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **(HTMX if htmx else PAGE)}
        return await self.http(role).post(f"/console/cases/{case}/{what}", data=fields, headers=headers)

    async def page(self, case: str = "h-1", role: str = "agent", *, htmx: bool = False) -> str:
        """A case as the browser gets it."""
        answer = await self.http(role).get(f"/console/cases/{case}", headers=HTMX if htmx else PAGE)
        assert answer.status_code == 200
        return answer.text

    async def waits(
        self, name: str = "h-1", conversation: str = "c-1", *, at: float = 100.0,
        priority: c.Priority = "normal", summary: str = "",
    ) -> c.Case:  # fmt: skip
        """A conversation waits for a person."""
        given = hand_over(name, conversation, priority=priority, at=at)
        given = structs.replace(given, packet=structs.replace(given.packet, summary=summary))
        return await self.cases.open(c.CaseOpened(at=at, by="bot", hand_over=given))

    async def said(
        self, customer: str, bot: str = "", *, conversation: str = "c-1", turn: str = "t-1", at: float = 90.0,
        **more: object,
    ) -> c.TurnFinished:  # fmt: skip
        """One turn of the bot, recorded."""
        turn_done = c.TurnFinished(
            conversation_id=conversation, turn_id=turn, accepted_at=at, finished_at=at + 1, status="answered",
            sentences=(c.Sentence(text=bot),) if bot else (), intent=None, language="en", said=customer,
            state=c.ConversationState(language="en"),
        )  # fmt: skip
        turn_done = structs.replace(turn_done, **more)
        self.seq += 1
        await self.store.record([Delivered(self.seq, turn_done)])
        return turn_done


@asynccontextmanager
async def open_desk(
    folder: Path, settings: Settings = SETTINGS, *, shop: object = None
) -> AsyncIterator[ConsoleDesk]:
    """Empty stores in this folder; nobody answers turns, and without a `shop` there are no orders."""
    path, staff = folder / "desk.db", folder / "staff.db"
    async with (
        open_store(path) as store, open_cases(path) as cases, open_search(path) as search,
        open_staff(staff), open_views(staff) as views,
    ):  # fmt: skip
        bus = MemoryBus()
        audit = MemoryAudit()
        desk = gateway_desk(
            settings, bus=bus, vault=MemoryVault(audit=audit), audit=audit, store=store, cases=cases,
            shop=shop, search=search, views=views,
        )  # fmt: skip
        made = ConsoleDesk(build_app(desk), desk, store, cases)
        try:
            yield made
        finally:
            for each in made.clients.values():
                await each.aclose()
