"""Corrections in the conversation store's SQLite file, by a connection of their own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from shared.adapters.sqlite import rights
from shared.adapters.sqlite.room import Room
from shared.contracts import Correction

# The conversation store makes the table too: it erases and exports what is in it.
SCHEMA = """
CREATE TABLE IF NOT EXISTS corrections (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, case_id TEXT NOT NULL, at REAL NOT NULL,
    waits INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS corrections_of ON corrections (conversation_id, at);
CREATE INDEX IF NOT EXISTS corrections_by_time ON corrections (at, id);
CREATE INDEX IF NOT EXISTS corrections_waiting ON corrections (case_id) WHERE waits = 1;
"""
_PACK = msgspec.msgpack.Encoder()
_READ = msgspec.msgpack.Decoder(Correction)


def of_conversation(db: sqlite3.Connection, conversation_id: str) -> list[Correction]:
    """Those of one conversation, oldest first."""
    statement = "SELECT body FROM corrections WHERE conversation_id = ? ORDER BY at, id"
    return [_READ.decode(body) for (body,) in db.execute(statement, (conversation_id,))]


@asynccontextmanager
async def open_corrections(path: Path) -> AsyncIterator["SqliteCorrections"]:
    """The corrections in the store at `path`, made when absent."""
    corrections = await asyncio.to_thread(SqliteCorrections, path)
    try:
        yield corrections
    finally:
        corrections.close()


class SqliteCorrections(Room):
    """The `Corrections` port; each call is one transaction of well under a millisecond."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "corrections", schema=rights.SCHEMA + SCHEMA)

    async def add(self, correction: Correction) -> None:
        """See `Corrections.add`."""

        def write() -> None:
            if correction.at >= rights.erased_at(self._db, correction.conversation_id):
                self._put(correction)

        self._write(write)

    async def said_instead(self, case_id: str, text: str) -> None:
        """See `Corrections.said_instead`."""

        def write() -> None:
            statement = "SELECT body FROM corrections WHERE case_id = ? AND waits = 1"
            for (body,) in self._db.execute(statement, (case_id,)).fetchall():
                self._put(structs.replace(_READ.decode(body), instead=text))

        self._write(write)

    async def of(self, conversation_id: str) -> Sequence[Correction]:
        """See `Corrections.of`."""
        return self._try(lambda: of_conversation(self._db, conversation_id))

    async def page(self, *, after: tuple[float, str] = (0.0, ""), limit: int = 500) -> Sequence[Correction]:
        """See `Corrections.page`."""
        statement = "SELECT body FROM corrections WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT ?"
        rows = self._try(lambda: self._db.execute(statement, (*after, limit)).fetchall())
        return [_READ.decode(body) for (body,) in rows]

    def _put(self, correction: Correction) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?, ?)",
            (
                correction.id,
                correction.conversation_id,
                correction.case_id,
                correction.at,
                int(correction.kind == "rejected" and not correction.instead),
                _PACK.encode(correction),
            ),
        )
