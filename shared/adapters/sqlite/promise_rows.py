"""The table of promises in the conversation store's file."""

import sqlite3
from collections.abc import Sequence

import msgspec

from shared.contracts import PromiseRecord
from shared.ports.promises import CLOCK, NEVER, PromiseFilter, PromisePlace

SCHEMA = """
CREATE TABLE IF NOT EXISTS promises (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, state TEXT NOT NULL, due REAL NOT NULL,
    made_at REAL NOT NULL, order_number TEXT NOT NULL, hand_over TEXT NOT NULL, by_clock INTEGER NOT NULL,
    record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS promises_by_conversation ON promises (conversation_id);
CREATE INDEX IF NOT EXISTS promises_by_due ON promises (state, due, id);
CREATE INDEX IF NOT EXISTS promises_by_order ON promises (order_number) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS promises_by_time ON promises (made_at);
"""
_PACK = msgspec.msgpack.Encoder()
_RECORD = msgspec.msgpack.Decoder(PromiseRecord)


def keep(db: sqlite3.Connection, record: PromiseRecord) -> None:
    """Write it as it is."""
    place = PromisePlace.of(record)
    db.execute(
        "INSERT OR REPLACE INTO promises VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.id,
            record.conversation_id,
            record.state,
            place.due,
            record.made_at,
            record.promise.order,
            record.hand_over,
            int(record.why == CLOCK),
            _PACK.encode(record),
        ),
    )


def read(db: sqlite3.Connection, promise_id: str) -> PromiseRecord | None:
    """By id."""
    row = db.execute("SELECT record FROM promises WHERE id = ?", (promise_id,)).fetchone()
    return _RECORD.decode(row[0]) if row else None


def of_conversation(db: sqlite3.Connection, conversation_id: str) -> list[PromiseRecord]:
    """All of a conversation, the oldest first."""
    statement = "SELECT record FROM promises WHERE conversation_id = ?"
    found = [_RECORD.decode(record) for (record,) in db.execute(statement, (conversation_id,))]
    return sorted(found, key=lambda each: (each.made_at, each.promise.sentence, each.promise.start))


def page(
    db: sqlite3.Connection, which: PromiseFilter, after: PromisePlace | None, limit: int
) -> list[PromiseRecord]:
    """Those that fit behind `after`, the earliest due first."""
    condition, values = _where(which)
    place = (after.due, after.id) if after else (float("-inf"), "")
    statement = (
        f"SELECT record FROM promises WHERE {condition} AND (due, id) > (?, ?)"  # noqa: S608  ours
        " ORDER BY due, id LIMIT ?"
    )
    return [_RECORD.decode(record) for (record,) in db.execute(statement, (*values, *place, limit))]


def count(db: sqlite3.Connection, which: PromiseFilter) -> int:
    """How many fit."""
    condition, values = _where(which)
    statement = f"SELECT COUNT(*) FROM promises WHERE {condition}"  # noqa: S608  ours
    return int(db.execute(statement, values).fetchone()[0])


def _where(which: PromiseFilter) -> tuple[str, Sequence[object]]:
    asked: dict[str, object] = {
        "state = ?": which.state,
        "due >= ?": which.due_from,
        "due < ?": which.due_before,
        "conversation_id = ?": which.conversation_id or None,
        "order_number = ?": which.order or None,
        "hand_over = ?": which.hand_over or None,
        "by_clock = ?": None if which.by_clock is None else int(which.by_clock),
        f"(due < {NEVER}) = ?": None if which.dated is None else int(which.dated),
    }
    given = {condition: value for condition, value in asked.items() if value is not None}
    return " AND ".join(given) or "TRUE", tuple(given.values())
