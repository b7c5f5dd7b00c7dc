"""Each ledger, empty; one mongod for all tests of a process."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from shared.adapters.memory.spending import MemorySpending
from shared.adapters.mongo import spending as mongo
from shared.adapters.sqlite import spending as sqlite
from shared.contracts import Usage
from shared.ports.spending import Spending
from tests import mongod


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mongod.running(tmp_path_factory.mktemp("mongo")) as (url, _):
        yield url


@pytest.fixture(params=["memory", "sqlite", "mongo"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Spending]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield MemorySpending()
        elif request.param == "sqlite":
            yield await stack.enter_async_context(sqlite.open_spending(tmp_path / "spending.db"))
        else:
            url = f"{request.getfixturevalue('mongo_server')}/test_{secrets.token_hex(4)}"
            yield await stack.enter_async_context(mongo.open_spending(url))


def usage(
    usd: float = 0.001, *, agent: str = "response", tier: str = "main", model: str = "gpt-5", **more: int
) -> Usage:
    """A call of a model service."""
    counts = {"input_tokens": 1000, "cached_tokens": 400, "output_tokens": 100} | more
    return Usage(engine="openai", model=model, cost_usd=usd, agent=agent, tier=tier, **counts)
