"""Finds and removes what is older than may be kept in the conversation store's file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from shared.adapters.sqlite.opening import transaction
from shared.adapters.sqlite.room import Room
from shared.contracts import FeedbackGiven, HandOver
from shared.ports.retention import Idle, Kind

SCHEMA = """
CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_by_time ON conversations (updated_at, id);
CREATE INDEX IF NOT EXISTS gap_askings_by_time ON gap_askings (asked_at);
"""
_NAME = "retention"
_DUE = {
    "hand_overs": "closed_at IS NOT NULL AND closed_at < ?",
    "feedback": "given_at < ?",
    "gaps": "asked_at < ?",
    "tasks": "done_at > 0 AND done_at < ?",
    "corrections": "at < ?",
    # One without a due time (`ports.promises.NEVER`) waits no longer than is set.
    "promises": "made_at < ?1 AND (state <> 'open' OR due < ?1 OR due >= 1e11)",
}
_TABLES = {
    "hand_overs": "hand_overs", "feedback": "feedback", "gaps": "gap_askings", "tasks": "tasks",
    "promises": "promises", "corrections": "corrections",
}  # fmt: skip
_KEYS = {
    "hand_overs": "id", "feedback": "conversation_id, turn_id", "gaps": "conversation_id, turn_id",
    "tasks": "id", "promises": "id", "corrections": "id",
}  # fmt: skip
_ORDER = {
    "hand_overs": "closed_at", "feedback": "given_at", "gaps": "asked_at", "tasks": "done_at",
    "promises": "made_at", "corrections": "at",
}  # fmt: skip
_OPEN_TASKS = "SELECT DISTINCT conversation_id FROM tasks WHERE status = 'open'"
_ENDED_SERIES = (
    "SELECT DISTINCT series FROM tasks AS t WHERE done_at > 0 AND done_at < ? AND conversation_id = ''"
    " AND NOT EXISTS (SELECT 1 FROM tasks WHERE series = t.series AND (status = 'open' OR done_at >= ?))"
    " LIMIT ?"
)
_ORPHAN = "gap_id NOT IN (SELECT gap_id FROM gap_askings)"
_HAND_OVER = msgspec.msgpack.Decoder(HandOver)
_FEEDBACK = msgspec.msgpack.Decoder(FeedbackGiven)
_T = TypeVar("_T")


def prepare(db: sqlite3.Connection) -> None:
    """Tables and columns by which age is found; a file of before tells it of each thumb once."""
    db.executescript(SCHEMA)
    if not _knows_when(db):
        _learn_when(db)
    db.execute("CREATE INDEX IF NOT EXISTS feedback_by_time ON feedback (given_at)")


def _learn_when(db: sqlite3.Connection) -> None:
    with transaction(db):
        if not _knows_when(db):  # another process may have been faster
            db.execute("ALTER TABLE feedback ADD COLUMN given_at REAL NOT NULL DEFAULT 0")
            for conversation, turn, body in db.execute(
                "SELECT conversation_id, turn_id, body FROM feedback"
            ).fetchall():
                at = _FEEDBACK.decode(body).given_at
                db.execute(
                    "UPDATE feedback SET given_at = ? WHERE conversation_id = ? AND turn_id = ?",
                    (at, conversation, turn),
                )


def _knows_when(db: sqlite3.Connection) -> bool:
    return ("given_at",) in db.execute("SELECT name FROM pragma_table_info('feedback')").fetchall()


@asynccontextmanager
async def open_retention(path: Path) -> AsyncIterator["SqliteRetention"]:
    """The store at `path`, which exists, by a connection of its own."""
    retention = await asyncio.to_thread(SqliteRetention, path)
    try:
        yield retention
    finally:
        retention.close()


class SqliteRetention(Room):
    """A `RetentionStore` on SQLite. It works in threads: no turn waits in this process's loop."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "conversation store", synced="FULL")
        self._one = asyncio.Lock()

    async def idle(self, before: float, *, after: Idle | None, limit: int) -> Sequence[Idle]:
        """See `RetentionStore.idle`."""
        place = (after.at, after.conversation_id) if after else (float("-inf"), "")

        def read() -> list[Idle]:
            held = self._held()
            rows = self._db.execute(
                "SELECT id, updated_at FROM conversations WHERE updated_at < ? AND (updated_at, id) > (?, ?)"
                " ORDER BY updated_at, id",
                (before, *place),
            )
            found: list[Idle] = []
            for name, at in rows:
                if name not in held:
                    found.append(Idle(name, at))
                if len(found) == limit:
                    break
            rows.close()
            return found

        return await self._do(read)

    async def count_idle(self, before: float) -> int:
        """See `RetentionStore.count_idle`."""

        def read() -> int:
            rows = self._db.execute("SELECT id FROM conversations WHERE updated_at < ?", (before,))
            held = self._held()
            return sum(name not in held for (name,) in rows)

        return await self._do(read)

    async def expire_conversations(self, conversation_ids: Sequence[str], before: float) -> int:
        """See `RetentionStore.expire_conversations`."""

        def write() -> int:
            held, gone = self._held(), 0
            for name in conversation_ids:
                if name in held:
                    continue
                statement = "DELETE FROM conversations WHERE id = ? AND updated_at < ?"
                if self._db.execute(statement, (name, before)).rowcount:
                    self._db.execute("DELETE FROM turns WHERE conversation_id = ?", (name,))
                    self._db.execute("DELETE FROM recordings WHERE conversation_id = ?", (name,))
                    self._db.execute("DELETE FROM replies_out WHERE conversation_id = ?", (name,))
                    gone += 1
            return gone

        return await self._change(write)

    async def count(self, kind: Kind, before: float) -> int:
        """See `RetentionStore.count`."""
        statement = f"SELECT COUNT(*) FROM {_TABLES[kind]} WHERE {_DUE[kind]}"  # noqa: S608  ours, above
        return await self._do(lambda: int(self._db.execute(statement, (before,)).fetchone()[0]))

    async def expire(self, kind: Kind, before: float, *, limit: int) -> int:
        """See `RetentionStore.expire`."""
        table, keys = _TABLES[kind], _KEYS[kind]
        statement = (
            f"DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM {table} WHERE {_DUE[kind]}"  # noqa: S608
            f" ORDER BY {_ORDER[kind]} LIMIT ?)"
        )

        return await self._change(lambda: self._db.execute(statement, (before, limit)).rowcount)

    async def orphans(self, *, limit: int) -> Sequence[str]:
        """See `RetentionStore.orphans`."""
        statement = f"SELECT gap_id FROM gap_decisions WHERE {_ORPHAN} LIMIT ?"  # noqa: S608  ours
        return await self._do(lambda: [str(row[0]) for row in self._db.execute(statement, (limit,))])

    async def drop(self, gap_ids: Sequence[str]) -> None:
        """See `RetentionStore.drop`."""
        statement = f"DELETE FROM gap_decisions WHERE gap_id = ? AND {_ORPHAN}"  # noqa: S608  ours
        await self._change(lambda: self._db.executemany(statement, [(each,) for each in gap_ids]))

    async def ended_series(self, before: float, *, limit: int) -> Sequence[str]:
        """See `RetentionStore.ended_series`."""
        return await self._do(
            lambda: [str(row[0]) for row in self._db.execute(_ENDED_SERIES, (before, before, limit))]
        )

    async def drop_series(self, series: Sequence[str]) -> int:
        """See `RetentionStore.drop_series`."""
        statement = (
            "DELETE FROM tasks WHERE series = ?1 AND conversation_id = '' AND NOT EXISTS"
            " (SELECT 1 FROM tasks WHERE series = ?1 AND status = 'open')"
        )
        return await self._change(
            lambda: sum(self._db.execute(statement, (each,)).rowcount for each in series)
        )

    async def lease(self, holder: str, *, now: float, seconds: float) -> bool:
        """See `RetentionStore.lease`."""

        def write() -> bool:
            statement = (
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " holder = excluded.holder, until = excluded.until"
                " WHERE leases.holder = excluded.holder OR leases.until <= ?"
            )
            return self._db.execute(statement, (_NAME, holder, now + seconds, now)).rowcount == 1

        return await self._change(write)

    async def fold(self) -> None:
        """See `RetentionStore.fold`."""
        await self._do(lambda: self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    def _held(self) -> set[str]:
        """The conversations that wait for a person, or for something that is still to be done."""
        rows = self._db.execute("SELECT record FROM hand_overs WHERE closed_at IS NULL")
        waiting = {_HAND_OVER.decode(record).conversation_id for (record,) in rows}
        return waiting | {name for (name,) in self._db.execute(_OPEN_TASKS)}

    async def _change(self, work: Callable[[], _T]) -> _T:
        return await self._do(lambda: self._write(work))

    async def _do(self, work: Callable[[], _T]) -> _T:
        async with self._one:
            return await asyncio.to_thread(self._try, work)
