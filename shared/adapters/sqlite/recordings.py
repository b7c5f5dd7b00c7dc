"""Recorded turns in the conversation store's file, each written in the transaction of its results."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from shared.adapters.sqlite import rights
from shared.adapters.sqlite.reader import Reader
from shared.contracts import TurnFinished
from shared.contracts.recordings import RecordedTurn
from shared.errors import StoreDown
from shared.ports.recordings import Told

SCHEMA = """
CREATE TABLE IF NOT EXISTS recordings (
    conversation_id TEXT NOT NULL, turn_id TEXT NOT NULL, at REAL NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (conversation_id, turn_id)
) WITHOUT ROWID;
"""
_MOST_BYTES = 128 * 1024
"""Of one recording: twenty times a usual one. A longer one is a burst that nobody needs to run again."""
_PACK = msgspec.msgpack.Encoder()
_READ = msgspec.msgpack.Decoder(RecordedTurn)
_RESULT = msgspec.msgpack.Decoder(TurnFinished)


def keep(db: sqlite3.Connection, recorded: Sequence[RecordedTurn]) -> None:
    """Keep each once; of what is too large only that it was, of an erased conversation nothing."""
    for each in recorded:
        key = (each.conversation_id, each.turn_id, each.at)
        begun = min((turn.accepted_at for turn in each.turns), default=each.at)
        if begun < rights.erased_at(db, each.conversation_id):
            continue
        body = _PACK.encode(each)
        if len(body) > _MOST_BYTES:
            body = _PACK.encode(_lost(*key, why="too_large"))
        db.execute("INSERT OR IGNORE INTO recordings VALUES (?, ?, ?, ?)", (*key, body))


def of_conversation(db: sqlite3.Connection, conversation_id: str) -> list[RecordedTurn]:
    """Those of one conversation, oldest first; what cannot be read stands there without its content."""
    statement = "SELECT turn_id, at, body FROM recordings WHERE conversation_id = ? ORDER BY at, turn_id"
    rows = db.execute(statement, (conversation_id,)).fetchall()
    return [_read(conversation_id, str(turn), float(at), body) for turn, at, body in rows]


def _read(conversation_id: str, turn_id: str, at: float, body: bytes) -> RecordedTurn:
    try:
        found = _READ.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _lost(conversation_id, turn_id, at, why="unreadable")
    same = (found.conversation_id, found.turn_id) == (conversation_id, turn_id)
    return found if same else _lost(conversation_id, turn_id, at, why="unreadable")


def _lost(conversation_id: str, turn_id: str, at: float, *, why: str) -> RecordedTurn:
    lost = {"conversation_id": conversation_id, "turn_id": turn_id, "at": at, "lost": why}
    return msgspec.convert(lost, RecordedTurn)


@asynccontextmanager
async def open_recordings(path: Path) -> AsyncIterator["SqliteRecordings"]:
    """The recordings in the store at `path`, which must exist: nothing is made here."""
    found = await asyncio.to_thread(SqliteRecordings, path)
    try:
        yield found
    finally:
        found.close()


class SqliteRecordings(Reader):
    """The `Recordings` port. The connection only reads; a file of before there were recordings has none."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise StoreDown(f"{path}: there are no conversations; set DATA_DIR to the folder of a shop")
        super().__init__(path)

    async def of(self, conversation_id: str) -> Told | None:
        """See `Recordings.of`."""

        def read() -> Told | None:
            results: list[TurnFinished] = []
            unreadable = 0
            statement = "SELECT result FROM turns WHERE conversation_id = ? ORDER BY seq"
            for (blob,) in self._db.execute(statement, (conversation_id,)):
                try:
                    results.append(_RESULT.decode(blob))
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    unreadable += 1
            if not results and not unreadable:
                return None
            recorded = of_conversation(self._db, conversation_id) if self._has_recordings() else []
            # Messages may have one time; the order of their results is the order they were answered in.
            order = {result.turn_id: n for n, result in enumerate(results)}
            recorded.sort(key=lambda each: order.get(each.turn_id, len(order)))
            return Told(conversation_id, results, recorded, unreadable)

        return await self._read(read)

    async def heard(self, *, since: float, limit: int) -> Sequence[str]:
        """See `Recordings.heard`."""
        statement = "SELECT id FROM conversations WHERE updated_at >= ? ORDER BY updated_at DESC, id LIMIT ?"
        return await self._read(
            lambda: [str(row[0]) for row in self._db.execute(statement, (since, limit)).fetchall()]
        )

    def _has_recordings(self) -> bool:
        found = self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'recordings'").fetchone()
        return found is not None
