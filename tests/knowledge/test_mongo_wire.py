"""What the index tells MongoDB and DocumentDB: which vector indexes, which searches, and how often."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.mongo.index import open_index
from shared.errors import SettingsError
from shared.ports import Filters
from tests.documentdb import Door, documentdb
from tests.knowledge.back_ends import QUESTION, RETURNS, TODAY, source, texts


class Wire(CommandListener):
    """Every command that was sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass

    def last(self, name: str) -> dict[str, Any]:
        """The last command of this name."""
        return next(command for command in reversed(self.commands) if name in command)


@pytest.fixture
async def door(mongo_url: str) -> AsyncIterator[tuple[str, Door]]:
    """The stand-in for DocumentDB; the URL of a database of one's own there."""
    server, _, name = mongo_url.rpartition("/")
    async with documentdb(server) as (url, standing):
        yield f"{url}/{name}", standing


async def test_the_hnsw_index_and_search_are_the_documented_commands(door: tuple[str, Door]) -> None:
    """What DocumentDB is told: an index on the vector's path, one on each filter, a filtered search."""
    wire, url = Wire(), door[0]
    async with open_index(
        url, embedder=HashingEmbedder(), vectors="hnsw", today=lambda: TODAY, listeners=[wire]
    ) as index:
        created = wire.last("createIndexes")
        assert created["createIndexes"] == "knowledge_chunks"
        assert created["indexes"][0] == {
            "name": "hnsw_64",
            "key": {"hnsw_64": "cosmosSearch"},
            "cosmosSearchOptions": {
                "kind": "vector-hnsw",
                "m": 16,
                "efConstruction": 64,
                "similarity": "COS",
                "dimensions": 64,
            },
        }
        filtered = ["generation", "locale", "category", "effective_from", "effective_until"]
        assert [entry["key"] for entry in created["indexes"][1:]] == [{name: 1} for name in filtered]
        await index.store([source("returns", RETURNS)])
        filters = Filters(locales=("en",), categories=("returns",), on=date(2026, 12, 24))
        assert (await index.search(QUESTION, language="en", k=3, filters=filters)).passages
        search, project = wire.last("aggregate")["pipeline"]
        sent = search["$search"]["cosmosSearch"]
        generation, *others = sent["filter"]["$and"]
        assert list(generation) == ["generation"]
        assert others == [
            {"locale": {"$eq": "en"}},
            {"effective_from": {"$lte": "2026-12-24"}},
            {"effective_until": {"$gte": "2026-12-24"}},
            {"category": {"$in": ["returns"]}},
        ]
        assert (sent["path"], sent["k"], sent["efSearch"], len(sent["vector"])) == ("hnsw_64", 40, 40, 64)
        assert search["$search"]["returnStoredSource"] is True
        assert project["$project"]["similarity"] == {"$meta": "searchScore"}


async def test_the_ivf_index_is_the_documented_command(door: tuple[str, Door]) -> None:
    """IVF takes lists in place of links, and is created once."""
    url, standing = door
    for _ in range(2):
        wire = Wire()
        async with open_index(url, embedder=HashingEmbedder(), vectors="ivf", listeners=[wire]) as index:
            await index.store([source("returns", RETURNS)])
            assert await texts(index, QUESTION) == [RETURNS]
    assert standing.indexes["ivf_64"]["cosmosSearchOptions"] == {
        "kind": "vector-ivf",
        "numLists": 1,
        "similarity": "COS",
        "dimensions": 64,
    }
    assert not any("createIndexes" in command for command in wire.commands)
    assert "efSearch" not in standing.searches[-1]


async def test_a_change_of_vectors_serves_on_until_the_next_store(door: tuple[str, Door]) -> None:
    """What was published for comparing in process is compared so until the next publication."""
    url, standing = door
    async with open_index(url, embedder=HashingEmbedder()) as index:
        await index.store([source("returns", RETURNS)])
    embedder = HashingEmbedder()
    async with open_index(url, embedder=embedder, vectors="hnsw", look_seconds=0.0) as index:
        found = (await index.search(QUESTION, language="en", k=3)).passages
        assert standing.searches == []
        assert await index.store([]) == 0
        assert (await index.search(QUESTION, language="en", k=3)).passages == found
        assert len(standing.searches) == 1
        standing.broken = True
        assert await texts(index, QUESTION) == [RETURNS]  # by words


async def test_a_plain_mongod_refuses_vector_indexes_and_the_error_says_what_to_do(mongo_url: str) -> None:
    """The start stops with the setting and its remedy, not with the driver's words."""
    with pytest.raises(SettingsError, match=r"INDEX_VECTORS='ivf'.*no cosmosSearch.*INDEX_VECTORS=exact"):
        async with open_index(mongo_url, embedder=HashingEmbedder(), vectors="ivf"):
            pass


async def test_too_many_dimensions_are_refused_at_start(mongo_url: str) -> None:
    """A float32 index takes 2,000 dimensions."""
    wide = HashingEmbedder(name="large", dimensions=3072)
    with pytest.raises(SettingsError, match=r"3072 dimensions.*2000.*EMBEDDER_DIMENSIONS"):
        async with open_index(mongo_url, embedder=wide, vectors="hnsw"):
            pass
    async with open_index(mongo_url, embedder=wide) as index:
        assert await index.store([source("returns", RETURNS)]) == 1


async def test_a_search_looks_at_most_once_a_second(mongo_url: str) -> None:
    """Between looks a search asks the server nothing."""
    wire = Wire()
    async with open_index(mongo_url, embedder=HashingEmbedder(), look_seconds=60, listeners=[wire]) as index:
        await index.store([source("returns", RETURNS)])
        before = len(wire.commands)
        await asyncio.gather(*(texts(index, QUESTION) for _ in range(10)))
        assert len(wire.commands) == before
