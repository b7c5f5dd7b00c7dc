"""Asks Azure DocumentDB which chunks are near a vector.

The shapes are those of https://learn.microsoft.com/azure/cosmos-db/mongodb/vcore/vector-search: one
`cosmosSearch` index per vector path, `filter` only on properties that have an index of their own, vectors as
arrays of numbers, at most 2,000 dimensions.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from pymongo.errors import OperationFailure

from shared.adapters.knowledge.versions import Version, text_hash
from shared.adapters.mongo.connection import Database
from shared.contracts import Language
from shared.errors import SettingsError, StoreDown

Kind = Literal["ivf", "hnsw"]
COLLECTION = "knowledge_chunks"
MOST_DIMENSIONS = 2000
# How many neighbors are asked for in each locale; HNSW looks at 40 candidates unless told otherwise.
_NEIGHBORS = 40
# The documented defaults of HNSW.
_LINKS, _CANDIDATES = 16, 64
# The documented rule for IVF below a million rows: one list per thousand.
_ROWS_PER_LIST = 1000
_FILTERED = ("generation", "locale", "category", "effective_from", "effective_until")
_FOR_GOOD = date.max.isoformat()
_UNAUTHORIZED = 13
_INVALID_INDEX_OPTION = 197


class _Near(msgspec.Struct):
    chunk: str
    text_hash: str
    similarity: float


class CosmosVectors:
    """The vectors of a publication in a collection whose server ranks them."""

    def __init__(self, database: Database, kind: Kind, dimensions: int) -> None:
        """Raises `SettingsError` when the server could not index vectors of so many dimensions."""
        if dimensions > MOST_DIMENSIONS:
            raise SettingsError(
                f"INDEX_VECTORS={kind!r}: vectors of {dimensions} dimensions cannot be indexed, "
                f"{MOST_DIMENSIONS} is the most; set EMBEDDER_DIMENSIONS lower (1536), or INDEX_VECTORS=exact"
            )
        self._database = database
        self._kind = kind
        self._dimensions = dimensions
        # A path has one index: another kind or width gets a path of its own, and both serve side by side.
        self.path = f"{kind}_{dimensions}"

    async def prepare(self) -> None:
        """Create the indexes that are missing; raises `SettingsError` when the server has no such kind."""
        there = await self._database[COLLECTION].index_information()
        rows = await self._database[COLLECTION].estimated_document_count()
        missing = [index for index in self._indexes(rows) if index["name"] not in there]
        if not missing:
            return
        try:
            await self._database.command({"createIndexes": COLLECTION, "indexes": missing})
        except OperationFailure as error:
            if error.code == _UNAUTHORIZED:
                raise
            raise self._refused(error) from error

    async def write(self, generation: str, versions: Sequence[Version], vectors: Mapping[str, bytes]) -> None:
        """Store every chunk that has a vector under `generation`; nothing of it is found yet."""
        rows = list(self._rows(generation, versions, vectors))
        if rows:
            await self._database[COLLECTION].insert_many(rows, ordered=False)

    async def near(
        self,
        vector: NDArray[np.float32],
        *,
        generation: str,
        locale: Language,
        day: date,
        categories: Sequence[str] = (),
    ) -> dict[tuple[str, str], float]:
        """Cosine similarity by chunk id and text hash of the chunks nearest to `vector`."""
        kept: list[dict[str, Any]] = [
            {"generation": {"$eq": generation}},
            {"locale": {"$eq": locale}},
            {"effective_from": {"$lte": day.isoformat()}},
            {"effective_until": {"$gte": day.isoformat()}},
        ]
        if categories:
            kept.append({"category": {"$in": list(categories)}})
        search: dict[str, Any] = {
            "vector": vector.tolist(),
            "path": self.path,
            "k": _NEIGHBORS,
            "filter": {"$and": kept},
        }
        if self._kind == "hnsw":
            search["efSearch"] = _NEIGHBORS
        pipeline = [
            {"$search": {"cosmosSearch": search, "returnStoredSource": True}},
            {"$project": {"_id": 0, "chunk": 1, "text_hash": 1, "similarity": {"$meta": "searchScore"}}},
        ]
        cursor = await self._database[COLLECTION].aggregate(pipeline)
        try:
            found = msgspec.convert(await cursor.to_list(), list[_Near])
        except msgspec.ValidationError as error:
            raise StoreDown(f"the answer to a vector search cannot be read: {error}") from error
        return {(row.chunk, row.text_hash): row.similarity for row in found}

    def _indexes(self, rows: int) -> list[dict[str, Any]]:
        options: dict[str, Any] = {"kind": f"vector-{self._kind}"}
        if self._kind == "ivf":
            options["numLists"] = max(1, rows // _ROWS_PER_LIST)
        else:
            options |= {"m": _LINKS, "efConstruction": _CANDIDATES}
        options |= {"similarity": "COS", "dimensions": self._dimensions}
        vectors = {"name": self.path, "key": {self.path: "cosmosSearch"}, "cosmosSearchOptions": options}
        return [vectors, *({"name": f"{name}_1", "key": {name: 1}} for name in _FILTERED)]

    def _rows(
        self, generation: str, versions: Sequence[Version], vectors: Mapping[str, bytes]
    ) -> Iterator[dict[str, Any]]:
        for n, version in enumerate(versions):
            until = version.effective_until
            for m, chunk in enumerate(version.chunks):
                key = text_hash(chunk.embedded_text)
                if key not in vectors:
                    continue
                yield {
                    "_id": f"{generation}/{n}/{m}",
                    "generation": generation,
                    "locale": version.locale,
                    "category": version.category,
                    "effective_from": version.effective_from.isoformat(),
                    "effective_until": until.isoformat() if until else _FOR_GOOD,
                    "chunk": chunk.id,
                    "text_hash": key,
                    self.path: np.frombuffer(vectors[key], dtype=np.float32).tolist(),
                }

    def _refused(self, error: OperationFailure) -> SettingsError:
        said = str((error.details or {}).get("errmsg", error)).partition(" Specification:")[0]
        if error.code == _INVALID_INDEX_OPTION:
            return SettingsError(
                f"INDEX_VECTORS={self._kind!r}: the server of INDEX_URL has no cosmosSearch, it is not Azure "
                "DocumentDB; set INDEX_VECTORS=exact"
            )
        return SettingsError(
            f"INDEX_VECTORS={self._kind!r}: the server refused the vector index ({said}); "
            "set INDEX_VECTORS=ivf on a small cluster tier, or INDEX_VECTORS=exact"
        )
