"""Fixtures: a real mongod for all tests of a process, and each back end of the knowledge index."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import mongod
from tests.documentdb import documentdb
from tests.knowledge.back_ends import BackEnd, Mongo, Sqlite


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mongod; its URL without a database."""
    with mongod.running(tmp_path_factory.mktemp("mongo")) as (url, _):
        yield url


@pytest.fixture
def mongo_url(mongo_server: str) -> str:
    """A database of one's own."""
    return f"{mongo_server}/test_{secrets.token_hex(4)}"


@pytest.fixture(params=["sqlite", "mongo", "documentdb"])
async def back_end(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BackEnd]:
    """Each back end, empty."""
    if request.param == "sqlite":
        yield Sqlite(str(tmp_path / "index.db"))
        return
    url: str = request.getfixturevalue("mongo_url")
    if request.param == "mongo":
        yield Mongo(url)
        return
    server, _, database = url.rpartition("/")
    async with documentdb(server) as (door_url, _):
        yield Mongo(f"{door_url}/{database}", vectors="hnsw", name="documentdb")
