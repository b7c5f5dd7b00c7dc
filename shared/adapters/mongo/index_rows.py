"""Keeps publications of a knowledge base in the collections of a MongoDB database."""

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
from bson import ObjectId
from bson.errors import BSONError
from pymongo import ReplaceOne
from pymongo.errors import DuplicateKeyError

from shared.adapters.knowledge.chunks import Chunk
from shared.adapters.knowledge.publishing import State, used_hashes
from shared.adapters.knowledge.versions import Version
from shared.adapters.mongo import cosmos
from shared.adapters.mongo.connection import Database, errors
from shared.contracts import Language
from shared.errors import SettingsError, StoreBusy, StoreDown
from shared.settings import without_password

SETTING = "INDEX_URL"
META, DOCUMENTS, VECTORS = "knowledge_meta", "knowledge_documents", "knowledge_vectors"
_INDEX = "index"
_LAYOUT = 1
# A reader of a publication has read it long before this has passed, a writer has switched to its own.
_GRACE_SECONDS = 3600.0
_UNUSED_SECONDS = 30 * 86400.0
_BATCH = 1000


class _Meta(msgspec.Struct):
    """The one document that says which generation is served; replacing it is the switch."""

    layout: int
    generation: str
    embedder: str
    documents: int
    ranked_at: str = ""
    retired: dict[str, float] = {}


class _Chunk(msgspec.Struct):
    id: str
    section: str
    text: str


class _Document(msgspec.Struct):
    generation: str
    n: int
    id: str
    file: str
    digest: str
    title: str
    category: str
    locale: Language
    version: int
    effective_from: date
    effective_until: date | None
    translation_of: str
    chunks: list[_Chunk]


class MongoRows:
    """Implements `IndexRows` without transactions, which a single server does not have.

    A publication writes all its rows under a generation of its own, that nobody reads, then replaces the meta
    document if it still names the generation it began from. Who comes second changes nothing.
    """

    def __init__(self, database: Database, url: str, vectors: cosmos.CosmosVectors | None) -> None:
        self._database = database
        self._url = url
        self._ranked = vectors

    @property
    def where(self) -> str:
        """The server and the database."""
        return f"{without_password(self._url)!r} (database {self._database.name!r})"

    async def state(self) -> State:
        """What is published now."""
        return _state(await self._meta())

    async def read(self) -> tuple[State, tuple[Version, ...]]:
        """Every version of the generation that is served, oldest first."""
        meta = await self._meta()
        if meta is None:
            return _state(None), ()
        with self._errors():
            found = self._database[DOCUMENTS].find({"generation": meta.generation}, {"_id": 0}).sort("n")
            documents = msgspec.convert(await found.to_list(), list[_Document])
        if len(documents) != meta.documents:
            # A generation stays for an hour after it was replaced: nobody is that slow.
            raise StoreDown(
                f"the knowledge index {self.where} has {len(documents)} of the {meta.documents} documents it "
                f"names; drop its collections {META}, {DOCUMENTS} to have it made anew at the next sync"
            )
        return _state(meta), tuple(_version(document) for document in documents)

    async def vectors(self, embedder: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """The remembered vectors among `hashes`."""
        found: dict[str, bytes] = {}
        for start in range(0, len(hashes), _BATCH):
            keys = [f"{embedder}/{key}" for key in hashes[start : start + _BATCH]]
            with self._errors():
                rows = self._database[VECTORS].find({"_id": {"$in": keys}}, {"vector": 1})
                found |= {row["_id"].rpartition("/")[2]: row["vector"] async for row in rows}
        return found

    async def remember(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors by the hash of their text."""
        now = time.time()
        writes = [
            ReplaceOne({"_id": f"{embedder}/{key}"}, {"vector": vector, "made_at": now}, upsert=True)
            for key, vector in vectors.items()
        ]
        with self._errors():
            await self._database[VECTORS].bulk_write(writes, ordered=False)

    async def publish(self, versions: Sequence[Version], *, embedder: str, over: State) -> None:
        """Serve `versions` in place of the generation `over`."""
        # Its first bytes are the time, so that generations sort by age.
        generation = str(ObjectId())
        rows = [_row(generation, n, version) for n, version in enumerate(versions)]
        with self._errors():
            if rows:
                await self._database[DOCUMENTS].insert_many(rows, ordered=False)
        if self._ranked is not None:
            vectors = await self.vectors(embedder, list(used_hashes(versions)))
            with self._errors():
                await self._ranked.write(generation, versions, vectors)
        meta = _Meta(
            layout=_LAYOUT,
            generation=generation,
            embedder=embedder,
            documents=len(rows),
            ranked_at=self._ranked.path if self._ranked else "",
        )
        await self._switch(meta, over)
        await self._clean(meta, used_hashes(versions))

    async def _switch(self, meta: _Meta, over: State) -> None:
        """Replace the meta document, if `over` is what it still says."""
        now = time.time()
        if over.token:
            before = await self._meta()
            kept = before.retired if before else {}
            meta.retired = {key: at for key, at in kept.items() if at > now - _GRACE_SECONDS}
            meta.retired[over.token] = now
        document = {"_id": _INDEX, **msgspec.to_builtins(meta)}
        with self._errors():
            collection = self._database[META]
            if over.token:
                query = {"_id": _INDEX, "generation": over.token}
                won = (await collection.replace_one(query, document)).matched_count == 1
            else:
                try:
                    await collection.insert_one(document)
                    won = True
                except DuplicateKeyError:
                    won = False
        if won or (await self.state()).token == meta.generation:
            return  # the second: our first try arrived, only its answer was lost
        with self._errors():
            await self._remove({"generation": meta.generation})
        raise StoreBusy(f"another process has just published to the knowledge index {self.where}; sync again")

    async def _clean(self, meta: _Meta, used: Container[str]) -> None:
        """Remove generations that nobody reads any more, and vectors unused for long."""
        now = time.time()
        oldest = f"{int(now - _GRACE_SECONDS):08x}"
        with self._errors():
            await self._remove({"generation": {"$lt": oldest, "$nin": [meta.generation, *meta.retired]}})
            # A file that comes back, or a sync that was cut off, needs its vectors.
            old = self._database[VECTORS].find({"made_at": {"$lt": now - _UNUSED_SECONDS}}, {"_id": 1})
            mine = f"{meta.embedder}/"
            idle = [
                key
                for key in [row["_id"] async for row in old]
                if not key.startswith(mine) or key.removeprefix(mine) not in used
            ]
            await self._database[VECTORS].delete_many({"_id": {"$in": idle}})

    async def _remove(self, query: dict[str, Any]) -> None:
        await self._database[DOCUMENTS].delete_many(query)
        await self._database[cosmos.COLLECTION].delete_many(query)

    async def _meta(self) -> _Meta | None:
        """The meta document; raises `SettingsError` when the collection is not ours."""
        with self._errors():
            document = await self._database[META].find_one({"_id": _INDEX})
            stranger = document is None and await self._database[META].find_one({}, {"_id": 1})
        if document is not None and document.get("layout") == _LAYOUT:
            with self._errors():
                return msgspec.convert(document, _Meta)
        if document is None and stranger is None:
            return None
        raise SettingsError(
            f"{SETTING}: the collection {META!r} of {self.where} was not made by this release; name another "
            "database in the URL's path, or drop the collections that begin with knowledge_"
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with errors(self._url, SETTING):
            try:
                yield
            except (msgspec.ValidationError, BSONError) as error:
                raise StoreDown(
                    f"the knowledge index {self.where} cannot be read: {error}; drop its collections {META}, "
                    f"{DOCUMENTS} to have it made anew at the next sync"
                ) from error


def _state(meta: _Meta | None) -> State:
    if meta is None:
        return State("", None)
    return State(meta.generation, meta.embedder, meta.ranked_at)


def _row(generation: str, n: int, version: Version) -> dict[str, Any]:
    row = _Document(
        generation=generation,
        n=n,
        id=version.id,
        file=version.file,
        digest=version.digest,
        title=version.title,
        category=version.category,
        locale=version.locale,
        version=version.version,
        effective_from=version.effective_from,
        effective_until=version.effective_until,
        translation_of=version.translation_of,
        chunks=[_Chunk(chunk.id, chunk.section, chunk.text) for chunk in version.chunks],
    )
    return {"_id": f"{generation}/{n}", **msgspec.to_builtins(row)}


def _version(row: _Document) -> Version:
    return Version(
        id=row.id,
        file=row.file,
        digest=row.digest,
        title=row.title,
        category=row.category,
        locale=row.locale,
        version=row.version,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        translation_of=row.translation_of,
        chunks=tuple(
            Chunk(id=chunk.id, document=row.id, title=row.title, section=chunk.section, text=chunk.text)
            for chunk in row.chunks
        ),
    )
