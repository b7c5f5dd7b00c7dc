"""Texts of knowledge documents in a SQLite file of their own: the index beside it may be made anew."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from shared.adapters.sqlite.room import Room
from shared.contracts.editing import (
    Edition,
    EditionState,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS editions (
    id TEXT PRIMARY KEY, document TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL, at REAL NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS editions_of ON editions (document, at);
CREATE INDEX IF NOT EXISTS drafts ON editions (at) WHERE state = 'draft';
"""
_DRAFT_SECONDS = 14 * 86_400.0
_MOST_DRAFTS = 500
_PACK = msgspec.msgpack.Encoder()
_READ = msgspec.msgpack.Decoder(Edition)


@asynccontextmanager
async def open_editions(path: Path) -> AsyncIterator["SqliteEditions"]:
    """The editions in the file at `path`, made when absent."""
    editions = await asyncio.to_thread(SqliteEditions, path)
    try:
        yield editions
    finally:
        editions.close()


class SqliteEditions(Room):
    """The `Editions` port; each call is one short transaction. A published text survives a power cut."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "editions of documents", schema=_SCHEMA, synced="FULL")

    async def keep(self, edition: Edition) -> None:
        """See `Editions.keep`."""

        def write() -> None:
            old = edition.at - _DRAFT_SECONDS
            self._db.execute("DELETE FROM editions WHERE state = 'draft' AND at < ?", (old,))
            self._db.execute(
                "DELETE FROM editions WHERE id IN (SELECT id FROM editions WHERE state = 'draft'"
                " ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (_MOST_DRAFTS,),
            )
            row = (edition.id, edition.document, edition.digest, edition.state, edition.at)
            self._db.execute(
                "INSERT OR IGNORE INTO editions VALUES (?, ?, ?, ?, ?, ?)", (*row, _PACK.encode(edition))
            )

        self._write(write)

    async def get(self, edition_id: str) -> Edition | None:
        """See `Editions.get`."""
        statement = "SELECT body FROM editions WHERE id = ?"
        row = self._try(lambda: self._db.execute(statement, (edition_id,)).fetchone())
        return _READ.decode(row[0]) if row else None

    async def with_text(self, document: str, digest: str) -> Edition | None:
        """See `Editions.with_text`."""
        statement = (
            "SELECT body FROM editions WHERE document = ? AND digest = ? AND state != 'draft'"
            " ORDER BY at DESC, id LIMIT 1"
        )
        row = self._try(lambda: self._db.execute(statement, (document, digest)).fetchone())
        return _READ.decode(row[0]) if row else None

    async def settle(self, edition_id: str, state: EditionState, *, at: float) -> None:
        """See `Editions.settle`."""

        def write() -> None:
            row = self._db.execute("SELECT body FROM editions WHERE id = ?", (edition_id,)).fetchone()
            if row:
                body = _PACK.encode(structs.replace(_READ.decode(row[0]), state=state, at=at))
                self._db.execute(
                    "UPDATE editions SET state = ?, at = ?, body = ? WHERE id = ?",
                    (state, at, body, edition_id),
                )

        self._write(write)

    async def of(self, document: str, *, before: float | None = None, limit: int = 20) -> Sequence[Edition]:
        """See `Editions.of`."""
        statement = (
            "SELECT body FROM editions WHERE document = ?1 AND state IN ('published', 'found')"
            " AND (?2 IS NULL OR at < ?2) ORDER BY at DESC, id LIMIT ?3"
        )
        rows = self._try(lambda: self._db.execute(statement, (document, before, limit)).fetchall())
        return [_READ.decode(body) for (body,) in rows]
