"""One desk with its operators' pages."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.ops.explaining.traced import Traced
from tests.console.desk import ConsoleDesk, open_desk
from tests.ops.traces import MemoryTraces


@pytest.fixture
async def ops(tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    """`ops.http("operator")` is who may look; the bus is in memory, and nothing happened yet."""
    async with open_desk(tmp_path) as made:
        yield made


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
