"""The gateway over a real conversation and the mock shop, in this process; only the intent is scripted."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from agents import knowledge
from gateway.app import build_app
from gateway.auth import demo_token
from gateway.context import Desk
from mock_apis import shopify as mock_shopify
from mock_apis.demo import demo_customers
from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.shopify import open_commerce
from shared.adapters.sqlite.proofs import Limits as ProofLimits
from shared.adapters.sqlite.proofs import open_proof_tries
from shared.settings import Settings
from tests.clock import Clock
from tests.conversation.desk import USAGE, ids, running
from tests.gateway_desk import CUSTOMER_SECRET, gateway_desk

SECRET = CUSTOMER_SECRET
_NUMBER = re.compile(r"(?<![\w-])#?(\d{4,6})(?![\w-])")


async def _classify(ask: c.ClassifyIntent) -> c.IntentClassified:
    """Everything is about where an order is."""
    found = _NUMBER.findall(ask.text)
    return c.IntentClassified(
        **ids(ask),  # type: ignore[arg-type]
        needs=(c.Need(intent=c.Intent.ORDER_STATUS, confidence=0.99),),
        entities=tuple(
            c.Entity(kind="order_number", text=each, value=each, start=0, end=4) for each in found[:1]
        ),
        sentiment=c.Sentiment(label="neutral", score=0.0),
        language="en",
        usage=USAGE,
    )


@cache
def _seeded() -> tuple[bytes, list[dict[str, Any]]]:
    """A new mock shop's file and the demo customers in it, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        mock_shopify.open_shop(path, datetime.now(UTC).date()).close()
        return path.read_bytes(), demo_customers(path)


@dataclass
class Talk:
    """One browser: its address, its customer token if any, and the conversation it holds the token of."""

    http: httpx.AsyncClient
    customer: str = ""
    conversation_id: str = ""
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Both proofs, as the widget sends them."""
        found = {"Authorization": f"Bearer {self.customer}"} if self.customer else {}
        return found | ({"X-Conversation-Token": self.token} if self.token else {})

    async def post(self, message: str, **fields: Any) -> httpx.Response:
        """Send a message, in the conversation if there is one."""
        body = {"message": message} | fields
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        return await self.http.post("/v1/chat", json=body, headers=self.headers)

    async def say(self, message: str, **fields: Any) -> dict[str, Any]:
        """Send a message that is answered; the newest token is kept."""
        response = await self.post(message, **fields)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        self.conversation_id, self.token = answer["conversation_id"], answer["conversation_token"]
        return answer

    async def read(self) -> httpx.Response:
        """The whole conversation."""
        return await self.http.get(f"/v1/conversations/{self.conversation_id}", headers=self.headers)

    def holding(self, other: "Talk") -> "Talk":
        """This browser with the other's conversation and its token in hand."""
        return Talk(self.http, self.customer, other.conversation_id, other.token)


@dataclass
class Door:
    """The running gateway and what is behind it."""

    app: FastAPI
    desk: Desk
    audit: MemoryAudit
    clock: Clock
    stack: AsyncExitStack
    people: list[dict[str, Any]]

    def guest(self, address: str = "203.0.113.9") -> Talk:
        """A browser at this address."""
        transport = httpx.ASGITransport(self.app, client=(address, 1234))
        return Talk(httpx.AsyncClient(transport=transport, base_url="http://desk.test"))

    def customer(self, name: str, address: str = "203.0.113.9") -> Talk:
        """A browser of a signed-in demo customer."""
        talk = self.guest(address)
        talk.customer = self.token(name)
        return talk

    def token(self, name: str, *, seconds: int = 600) -> str:
        """A customer token of a demo customer, by first name."""
        found = self.person(name)
        about = {"customer_id": found["id"], "name": found["name"], "email": found["email"], "audience": ""}
        return demo_token(SECRET, seconds=seconds, **about)

    def person(self, name: str) -> dict[str, Any]:
        """A demo customer with their orders, as the shop lists them."""
        return next(person for person in self.people if person["name"].startswith(name))

    def denied(self) -> list[str]:
        """What was written down of who was turned away."""
        return [line.deed.purpose for line in self.audit.lines if line.deed.action == "access_denied"]


@asynccontextmanager
async def open_door(
    tmp_path: Path, limits: ProofLimits | None = None, **settings: Any
) -> AsyncIterator[Door]:
    """Everything between a browser and the shop; `limits` are of proofs."""
    audit, clock, shop_file = MemoryAudit(), Clock(time.time()), tmp_path / "shop.db"
    vault = MemoryVault(audit=audit)
    kept, people = _seeded()
    if not shop_file.exists():
        shop_file.write_bytes(kept)
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(
            open_commerce("mock://shopify", token="", vault=vault, clock=clock, mock_file=shop_file)
        )
        tries = await stack.enter_async_context(
            open_proof_tries(tmp_path / "desk.db", limits or ProofLimits())
        )
        fetch = partial(knowledge.fetch, shop=shop, tries=tries, audit=audit, clock=clock)
        talk = await stack.enter_async_context(
            running(tmp_path, {c.CLASSIFY: _classify, c.FETCH: fetch}, clock)
        )
        store = talk.service.steps.store
        chosen = Settings(rate_address_per_minute=100_000, rate_per_minute=100_000, **settings)
        desk = gateway_desk(chosen, bus=talk.bus, vault=vault, audit=audit, store=store, shop=shop)
        watching = asyncio.create_task(desk.hub.run())
        yield Door(build_app(desk), desk, audit, clock, stack, people)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let this much time have passed for the gateway."""
    real = time.time
    passed = SimpleNamespace(time=lambda: real() + seconds, monotonic=time.monotonic)
    for room in (
        "gateway.customers.access",
        "gateway.customers.conversations",
        "gateway.conversation_tokens",
        "gateway.intake",
    ):
        monkeypatch.setattr(f"{room}.time", passed)
