"""A stand-in for Azure DocumentDB: a real mongod behind a door that answers `cosmosSearch` itself.

It speaks OP_MSG, so that the driver's own commands are what is read. The rules are the documented ones:
one index per vector path, filters only on indexed properties, vectors as arrays of numbers.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import bson
import numpy as np
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

_HEADER = struct.Struct("<iiii")
_OP_MSG = 2013
Document = dict[str, Any]


class Refusal(Exception):
    """What DocumentDB would answer with `ok: 0`."""


class Door:
    """Passes messages between a driver and mongod, and answers what mongod does not know."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.indexes: dict[str, Document] = {}
        self.searches: list[Document] = []
        self.broken = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the driver."""
        host, _, port = self.upstream.removeprefix("mongodb://").partition(":")
        from_server, to_server = await asyncio.open_connection(host, int(port))
        back = asyncio.create_task(self._pump(from_server, writer))
        try:
            while True:
                message = await _message(reader)
                answer = await self._answer(_command(message))
                if answer is None:
                    to_server.write(message)
                else:
                    writer.write(_reply(message, answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the driver has closed the connection
        finally:
            back.cancel()
            to_server.close()
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(await _message(reader))

    async def _answer(self, command: Document) -> Document | None:
        """The answer to what only DocumentDB knows, or None."""
        try:
            if "createIndexes" in command and any("cosmosSearchOptions" in i for i in command["indexes"]):
                return await self._create(command)
            if "listIndexes" in command:
                return await self._list(command)
            if "aggregate" in command and any("$search" in stage for stage in command["pipeline"]):
                return await self._search(command)
        except Refusal as refusal:
            return {"ok": 0.0, "errmsg": str(refusal), "code": 2, "codeName": "BadValue"}
        return None

    async def _create(self, command: Document) -> Document:
        for index in command["indexes"]:
            options = index.get("cosmosSearchOptions")
            if options is None:
                async with self._collection(command, command["createIndexes"]) as collection:
                    await collection.create_index(list(index["key"].items()), name=index["name"])
                continue
            (path,) = index["key"]
            if path in self.indexes:
                raise Refusal(f"{path} has an index already")
            if options["dimensions"] > 2000:
                raise Refusal("field cannot have more than 2000 dimensions for vector index")
            self.indexes[path] = index
        return {"ok": 1.0}

    async def _list(self, command: Document) -> Document:
        name = command["listIndexes"]
        async with self._collection(command, name) as collection:
            there = [dict(index) async for index in await collection.list_indexes()]
        vectors = [
            {"v": 2, "name": i["name"], "key": i["key"], "cosmosSearch": i["cosmosSearchOptions"]}
            for i in self.indexes.values()
        ]
        batch = there + (vectors if name == "knowledge_chunks" else [])
        return {"ok": 1.0, "cursor": {"id": 0, "ns": f"{command['$db']}.{name}", "firstBatch": batch}}

    async def _search(self, command: Document) -> Document:
        if self.broken:
            raise Refusal("the search engine is away")
        search = command["pipeline"][0]["$search"]["cosmosSearch"]
        project = command["pipeline"][1]["$project"]
        self.searches.append(search)
        if search["path"] not in self.indexes:
            raise Refusal("Similarity index was not found for a vector similarity search query.")
        async with self._collection(command, command["aggregate"]) as collection:
            indexed = {key for i in (await collection.index_information()).values() for key, _ in i["key"]}
            for condition in search["filter"]["$and"]:
                if not set(condition) <= indexed:
                    raise Refusal(f"The index for filter path {set(condition)} was not found")
            rows = [dict(row) async for row in collection.find(search["filter"])]
        vector = np.array(search["vector"])
        for row in rows:
            assert isinstance(row[search["path"]], list)
            own = np.array(row[search["path"]])
            row["similarity"] = float(own @ vector / (np.linalg.norm(own) * np.linalg.norm(vector) or 1.0))
        rows.sort(key=lambda row: -row["similarity"])
        score = {"$meta": "searchScore"}
        wanted = {key: "similarity" if value == score else key for key, value in project.items() if value}
        shown = [{key: row[name] for key, name in wanted.items()} for row in rows[: search["k"]]]
        ns = f"{command['$db']}.{command['aggregate']}"
        return {"ok": 1.0, "cursor": {"id": 0, "ns": ns, "firstBatch": shown}}

    @asynccontextmanager
    async def _collection(self, command: Document, name: str) -> AsyncIterator[AsyncCollection[Document]]:
        async with AsyncMongoClient[Document](self.upstream) as client:
            yield client[command["$db"]][name]


@asynccontextmanager
async def documentdb(upstream: str) -> AsyncIterator[tuple[str, Door]]:
    """A door before the mongod at `upstream`; its URL without a database."""
    door = Door(upstream)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    try:
        yield f"mongodb://127.0.0.1:{server.sockets[0].getsockname()[1]}", door
    finally:
        server.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "little") - 4)


def _command(message: bytes) -> Document:
    """The body of an OP_MSG; empty for the driver's first greeting, which is older."""
    if _HEADER.unpack_from(message)[3] != _OP_MSG or message[20] != 0:
        return {}
    length = int.from_bytes(message[21:25], "little")
    return dict(bson.decode(message[21 : 21 + length]))


def _reply(request: bytes, document: Document) -> bytes:
    body = b"\0\0\0\0\0" + bson.encode(document)
    asked = _HEADER.unpack_from(request)[1]
    return _HEADER.pack(16 + len(body), 0, asked, _OP_MSG) + body
