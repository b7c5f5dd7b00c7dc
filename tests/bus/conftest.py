"""Buses to test: the one in memory, and one on a real nats-server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from shared.adapters.memory.bus import MemoryBus
from shared.ports import Bus

FAST = (0.01, 0.02, 0.02, 0.02, 0.02)
"""Waits between tries, short for tests."""


@dataclass
class Desk:
    """A place where buses meet; `open` gives one more client of it."""

    open: Callable[[], Awaitable[Bus]]


@pytest.fixture(params=["memory"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    memory = MemoryBus(backoff=FAST)

    async def same() -> Bus:
        return memory

    yield Desk(same)


@pytest.fixture
async def bus(desk: Desk) -> Bus:
    return await desk.open()
