"""Buses to test: the one in memory, and one on a real nats-server."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.adapters.memory.bus import MemoryBus
from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from shared.ports import Bus

FAST = (0.01, 0.02, 0.02, 0.02, 0.02)
"""Waits between tries, short for tests."""


@dataclass
class Desk:
    """A place where buses meet; `open` gives one more client of it."""

    open: Callable[[], Awaitable[Bus]]


@pytest.fixture(scope="session")
def nats_server() -> str:
    """The program; without it these tests cannot say anything, so they fail."""
    found = shutil.which(
        "nats-server", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/opt/homebrew/bin"
    )
    found = shutil.which("nats-server") or found
    assert found, "nats-server is not installed: apt or brew install nats-server"
    return found


@pytest.fixture
async def url(tmp_path: Path, nats_server: str) -> AsyncIterator[str]:
    async with embedded_server(tmp_path / "nats", nats_server) as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path, nats_server: str) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            memory = MemoryBus(backoff=FAST)

            async def same() -> Bus:
                return memory

            yield Desk(same)
        else:
            url = await stack.enter_async_context(embedded_server(tmp_path / "nats", nats_server))

            async def another() -> Bus:
                return await stack.enter_async_context(open_bus(url, name="test", backoff=FAST))

            yield Desk(another)


@pytest.fixture
async def bus(desk: Desk) -> Bus:
    return await desk.open()
