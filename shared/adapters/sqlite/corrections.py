"""Corrections in the conversation store's SQLite file, by a connection of their own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import structs

from shared.adapters.sqlite import rights
from shared.adapters.sqlite.opening import open_shared, wipe_what_is_deleted
from shared.contracts import Correction
from shared.errors import StoreDown

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
_T = TypeVar("_T")


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


class SqliteCorrections:
    """The `Corrections` port; each call is one transaction of well under a millisecond."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = open_shared(path, patience=5.0, same_thread=False)
            self._db.execute("PRAGMA synchronous=NORMAL")
            wipe_what_is_deleted(self._db)
            self._db.executescript(rights.SCHEMA + SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(f"{path}: cannot open the corrections: {error}; check DATA_DIR") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def add(self, correction: Correction) -> None:
        """See `Corrections.add`."""

        def write() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            if correction.at >= rights.erased_at(self._db, correction.conversation_id):
                self._put(correction)
            self._db.execute("COMMIT")

        self._try(write)

    async def said_instead(self, case_id: str, text: str) -> None:
        """See `Corrections.said_instead`."""

        def write() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            statement = "SELECT body FROM corrections WHERE case_id = ? AND waits = 1"
            for (body,) in self._db.execute(statement, (case_id,)).fetchall():
                self._put(structs.replace(_READ.decode(body), instead=text))
            self._db.execute("COMMIT")

        self._try(write)

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

    def _try(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StoreDown(f"{self._path}: {error}; check the file and its disk") from error
