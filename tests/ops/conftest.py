"""One desk with its operators' pages."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from gateway.ops.explaining.traced import Traced
from tests.console.desk import ConsoleDesk, open_desk
from tests.ops.traces import MemoryTraces

Shared = Callable[[ConsoleDesk], ConsoleDesk]


@pytest.fixture(scope="session")
def shared() -> Shared:
    """Puts a desk behind the app of the first one: the first request to each app costs 60 ms of CPU."""
    apps: list[FastAPI] = []

    def behind(made: ConsoleDesk) -> ConsoleDesk:
        apps.append(made.app)
        made.app = apps[0]
        made.app.state.desk = made.desk
        return made

    return behind


@pytest.fixture
async def ops(tmp_path: Path, shared: Shared) -> AsyncIterator[ConsoleDesk]:
    """`ops.http("operator")` is who may look; the bus is in memory, and nothing happened yet."""
    async with open_desk(tmp_path) as made:
        yield shared(made)


@pytest.fixture
def traces() -> Iterator[MemoryTraces]:
    """Traces in memory."""
    made = MemoryTraces()
    yield made
    if made.spans:
        made.telemetry.close()


@pytest.fixture
async def traced(ops: ConsoleDesk, traces: MemoryTraces) -> ConsoleDesk:
    """The desk with these traces, which keep half of the conversations."""
    assert ops.desk.ops is not None
    room = replace(ops.desk.ops, traced=Traced(port=traces, ratio=0.5, days=7))
    ops.app.state.desk = replace(ops.desk, ops=room)
    return ops
