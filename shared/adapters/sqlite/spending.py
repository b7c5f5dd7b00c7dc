"""The spend ledger in a SQLite file of its own, which every process of an installation may open."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import msgspec

from shared import spending
from shared.adapters.sqlite import rights
from shared.adapters.sqlite.opening import transaction
from shared.adapters.sqlite.room import Room
from shared.contracts import Usage
from shared.ports.spending import Spend, SpendLine

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent_turns (
    turn_id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, at REAL NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spent_turns_of ON spent_turns (conversation_id) WHERE conversation_id <> '';
CREATE INDEX IF NOT EXISTS spent_turns_by_time ON spent_turns (at);
CREATE TABLE IF NOT EXISTS spent_days (
    day TEXT NOT NULL, agent TEXT NOT NULL, tier TEXT NOT NULL, engine TEXT NOT NULL, model TEXT NOT NULL,
    first_at REAL NOT NULL, calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, unpriced_tokens INTEGER NOT NULL,
    nano_usd INTEGER NOT NULL, estimated_tokens INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, agent, tier, engine, model)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent_alive (one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL);
"""
_ADD = """
INSERT INTO spent_days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, agent, tier, engine, model) DO UPDATE SET
    first_at = min(first_at, excluded.first_at), calls = calls + excluded.calls,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    unpriced_tokens = unpriced_tokens + excluded.unpriced_tokens,
    nano_usd = nano_usd + excluded.nano_usd,
    estimated_tokens = estimated_tokens + excluded.estimated_tokens
"""
_PACK = msgspec.msgpack.Encoder()
_READ = msgspec.msgpack.Decoder(list[SpendLine])


@asynccontextmanager
async def open_spending(path: Path) -> AsyncIterator["SqliteSpending"]:
    """The ledger at `path`, made when absent."""
    ledger = await asyncio.to_thread(SqliteSpending, path)
    try:
        yield ledger
    finally:
        ledger.close()


class SqliteSpending(Room):
    """The `Spending` port; each call is one transaction of well under a millisecond."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "spend ledger", schema=rights.SCHEMA + _SCHEMA, prepare=_upgrade)

    async def record(self, turn_id: str, *, conversation_id: str, at: float, usages: Iterable[Usage]) -> bool:
        """See `Spending.record`."""
        lines = spending.lines_of(usages, at)

        def write() -> bool:
            erased = at < rights.erased_at(self._db, conversation_id)
            row = (turn_id, "" if erased else conversation_id, at, _PACK.encode([] if erased else lines))
            new = self._db.execute("INSERT OR IGNORE INTO spent_turns VALUES (?, ?, ?, ?)", row).rowcount
            if new:
                self._db.executemany(_ADD, [_row(line) for line in lines])
            return bool(new)

        return bool(lines) and self._write(write)

    async def recorded(self, turn_ids: Collection[str]) -> set[str]:
        """See `Spending.recorded`."""
        statement = "SELECT turn_id FROM spent_turns WHERE turn_id IN (SELECT value FROM json_each(?))"
        return {str(name) for (name,) in self._rows(statement, msgspec.json.encode(list(turn_ids)).decode())}

    async def of_day(self, day: date) -> Spend:
        """See `Spending.of_day`."""
        return Spend(await self.days(day, day))

    async def of_month(self, day: date) -> Spend:
        """See `Spending.of_month`."""
        return Spend(await self.days(spending.first_of_month(day), spending.last_of_month(day)))

    async def days(self, since: date, until: date) -> Sequence[SpendLine]:
        """See `Spending.days`."""
        statement = (
            "SELECT * FROM spent_days WHERE day BETWEEN ? AND ? ORDER BY day, agent, tier, engine, model"
        )
        return [_line(row) for row in self._rows(statement, since.isoformat(), until.isoformat())]

    async def of_conversation(self, conversation_id: str) -> Spend:
        """See `Spending.of_conversation`."""
        statement = "SELECT body FROM spent_turns WHERE conversation_id = ? AND conversation_id <> ''"
        rows = self._rows(statement, conversation_id)
        return Spend(spending.merged(line for (body,) in rows for line in _READ.decode(body)))

    async def erase(self, conversation_ids: Collection[str], *, at: float) -> int:
        """See `Spending.erase`."""

        def write() -> int:
            gone = 0
            self._db.execute("DELETE FROM erased WHERE at < ?", (at - rights.VOID_SECONDS,))
            for name in conversation_ids:
                self._db.execute("INSERT OR REPLACE INTO erased VALUES (?, ?)", (name, at))
                statement = (
                    "UPDATE spent_turns SET conversation_id = '', body = ? "
                    "WHERE conversation_id = ? AND conversation_id <> ''"
                )
                gone += self._db.execute(statement, (_PACK.encode([]), name)).rowcount
            return gone

        gone = self._write(write)
        self._try(lambda: self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        return gone

    async def count(self, before: float) -> int:
        """See `Spending.count`."""
        return int(self._rows("SELECT COUNT(*) FROM spent_turns WHERE at < ?", before)[0][0])

    async def expire(self, before: float, *, limit: int) -> int:
        """See `Spending.expire`."""
        statement = (
            "DELETE FROM spent_turns WHERE turn_id IN "
            "(SELECT turn_id FROM spent_turns WHERE at < ? ORDER BY at LIMIT ?)"
        )
        return self._write(lambda: self._db.execute(statement, (before, limit)).rowcount)

    async def ping(self) -> None:
        """See `Spending.ping`."""
        statement = "INSERT OR REPLACE INTO spent_alive VALUES (1, ?)"
        self._write(lambda: self._db.execute(statement, (time.time(),)))

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        return self._try(lambda: self._db.execute(statement, values).fetchall())


def _upgrade(db: sqlite3.Connection) -> None:
    """A file of before there were estimates."""
    with transaction(db):  # two processes may look at once
        if "estimated_tokens" not in {row[1] for row in db.execute("PRAGMA table_info(spent_days)")}:
            db.execute("ALTER TABLE spent_days ADD COLUMN estimated_tokens INTEGER NOT NULL DEFAULT 0")


def _row(line: SpendLine) -> tuple[object, ...]:
    return (
        line.day.isoformat(), line.agent, line.tier, line.engine, line.model, line.first_at, line.calls,
        line.input_tokens, line.cached_tokens, line.output_tokens, line.unpriced_tokens, line.nano_usd,
        line.estimated_tokens,
    )  # fmt: skip


def _line(row: sqlite3.Row) -> SpendLine:
    day, agent, tier, engine, model, first_at, calls, asked, cached, answered, unpriced, nano_usd, guessed = (
        row
    )
    return SpendLine(
        day=date.fromisoformat(day), agent=agent, tier=tier, engine=engine, model=model, first_at=first_at,
        calls=calls, input_tokens=asked, cached_tokens=cached, output_tokens=answered,
        unpriced_tokens=unpriced, nano_usd=nano_usd, estimated_tokens=guessed,
    )  # fmt: skip
