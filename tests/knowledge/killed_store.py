"""A process that publishes the second edition and stops at a point, to be killed there.

`python -m tests.knowledge.killed_store <back end> <url> embedding|switch` prints AT THE POINT.
"""

import asyncio
import sys
import threading
from collections.abc import Sequence

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared.adapters.knowledge.index import Index
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.mongo.index import open_index
from shared.ports import TextKind
from tests.knowledge.back_ends import Sqlite, editions


def stop() -> None:
    """Say so, and wait for the end."""
    sys.stdout.write("AT THE POINT\n")
    sys.stdout.flush()
    threading.Event().wait()


class StopsInSecondBatch(HashingEmbedder):
    """An embedder that never answers again."""

    async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
        if self.texts:
            stop()
        return await super().embed(texts, kind=kind)


class StopsAtSwitch(CommandListener):
    """All rows are written; the command that makes them visible is not sent."""

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "update" and event.command["update"] == "knowledge_meta":
            stop()

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def stops_at_commit(statement: str) -> None:
    """The transaction has written everything and is not committed."""
    if statement.startswith("INSERT OR REPLACE INTO index_meta"):
        stop()


async def main(back_end: str, url: str, point: str) -> None:
    """Publish, and never come to the end."""
    embedder = StopsInSecondBatch() if point == "embedding" else HashingEmbedder()
    if back_end == "sqlite":
        async with Sqlite(url).open(embedder) as index:
            if point == "switch":
                index._rows._db.set_trace_callback(stops_at_commit)  # type: ignore[attr-defined]
            await publish(index)
        return
    listeners = [StopsAtSwitch()] if point == "switch" else []
    vectors = "hnsw" if back_end == "documentdb" else "exact"
    async with open_index(url, embedder=embedder, vectors=vectors, listeners=listeners) as index:  # type: ignore[arg-type]
        await publish(index)


async def publish(index: Index) -> None:
    """The second edition, without the last document of the first."""
    await index.store(editions("second", 39), removed=["doc-39.md"])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
