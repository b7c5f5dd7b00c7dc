"""What lies in MongoDB: how long it is kept, whose it may be, and what is damaged."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.adapters.mongo import index_rows
from shared.errors import SettingsError, StoreDown
from tests.knowledge.back_ends import QUESTION, RETURNS, Mongo, source, texts


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """The database behind the index, as another client sees it."""
    async with AsyncMongoClient[dict[str, Any]](mongo_url) as client:
        yield client.get_default_database()


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
