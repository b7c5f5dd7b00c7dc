"""One installation of separate processes, shared by this folder: starting nine costs more than most tests."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from shared.adapters.nats.bus import open_bus
from shared.ports import Bus
from tests.processes import System, running_system

DELAY_MS = 200
"""A turn calls the model three times in a row, so it runs for at least 600 ms: a kill meets many."""


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("system"), delay_ms=DELAY_MS) as running:
        yield running


@pytest.fixture
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=system.url, limits=limits, timeout=40) as client:
        yield client


@pytest.fixture
async def bus(system: System) -> AsyncIterator[Bus]:
    async with open_bus(system.root_url, name="test") as opened:
        yield opened
