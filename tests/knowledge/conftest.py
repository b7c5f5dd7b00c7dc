"""Fixtures: a real mongod for all tests of a process, each back end of the index, a folder of documents."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import mongod
from tests.documentdb import documentdb
from tests.knowledge.back_ends import BackEnd, Mongo, Sqlite
from tests.knowledge.folders import write
from tests.knowledge.papers import pdf


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four documents in four formats."""
    folder = tmp_path / "kb"
    write(folder, "returns.md")
    (folder / "shipping").mkdir()
    (folder / "shipping" / "express.html").write_text("<h1>Express</h1><p>Express takes 2-3 days.</p>")
    (folder / "care").mkdir()
    (folder / "care" / "tents.pdf").write_bytes(pdf(["Dry the tent before you pack it."]))
    (folder / "faq.csv").write_text("question,answer\nDo you sell gift cards?,Yes from $25.\n")
    return folder
