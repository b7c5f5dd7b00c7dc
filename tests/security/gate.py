"""A gateway over parts in memory, called in process or served on a real socket, for tests of its edges."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from gateway.app import build_app
from gateway.auth import GUEST, ConversationTokens
from gateway.customers.demo import demo_router
from gateway.doors import doors
from gateway.ops.health import health_router
from launch.protocol import BoundedProtocol
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.store import open_store
from shared.settings import Settings
from tests.gateway_desk import CONVERSATION_SECRET, CUSTOMER_SECRET, gateway_desk

TOKENS = ConversationTokens(secret=CONVERSATION_SECRET)
SECRET = CUSTOMER_SECRET
JSON = {"Content-Type": "application/json"}


class NoShop:
    """A shop that knows nobody."""

    async def record_of(self, customer_id: str) -> Sequence[str]:
        return ()


@asynccontextmanager
async def gate(folder: Path, **settings: Any) -> AsyncIterator[FastAPI]:
    """The application; a message is accepted and answered 202 at once, because no agent works here."""
    chosen = Settings(data_dir=folder, **{"reply_seconds": 0.01, **settings})
    bus, vault = MemoryBus(), MemoryVault()
    async with open_store(folder / "desk.db") as store:
        desk = gateway_desk(chosen, bus=bus, vault=vault, audit=vault.audit, store=store, shop=NoShop())
        routers = [health_router({}, CollectorRegistry()), demo_router(list, list)]
        yield build_app(desk, routers=routers, doors=doors(chosen))


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[int]:
    """The port on which uvicorn serves it, with our bounds on each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="critical", http=BoundedProtocol, ws="none", proxy_headers=False, server_header=False,
        limit_concurrency=50, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield listener.getsockname()[1]
    finally:
        app.state.desk.hub.close()
        server.should_exit = True
        await serving


async def said(port: int, *parts: bytes, until: Callable[[bytes], bool] | None = None) -> bytes:
    """What the server answers to these bytes, to the end of the connection or until that is seen."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    try:
        for part in parts:
            writer.write(part)
            with suppress(ConnectionError):
                await writer.drain()
        async with asyncio.timeout(30):
            with suppress(ConnectionError):
                while chunk := await reader.read(65536):
                    heard += chunk
                    if until is not None and until(heard):
                        break
    finally:
        writer.close()
    return heard


def token(conversation_id: str) -> dict[str, str]:
    """The header that opens this conversation."""
    return {"X-Conversation-Token": TOKENS.issue(conversation_id, GUEST)}
