"""Every table of the conversation store's file."""

import sqlite3

from shared.adapters.sqlite import (
    approvals,
    case_rows,
    corrections,
    gaps,
    promise_rows,
    recordings,
    retention,
    rights,
    task_rows,
    threads,
    tickets,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, state BLOB NOT NULL, updated_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turns (
    conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, turn_id TEXT NOT NULL, result BLOB NOT NULL,
    PRIMARY KEY (conversation_id, turn_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hand_overs (
    id TEXT PRIMARY KEY, rank INTEGER NOT NULL, opened_at REAL NOT NULL, closed_at REAL, record BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
    conversation_id TEXT NOT NULL, turn_id TEXT NOT NULL, body BLOB NOT NULL,
    given_at REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, turn_id)
) WITHOUT ROWID;
"""
_ROOMS = (
    gaps, rights, case_rows, task_rows, promise_rows, corrections, approvals, threads, tickets, recordings,
)  # fmt: skip


def prepare(db: sqlite3.Connection) -> None:
    """Make what is missing; a file of before learns what it could not know."""
    db.executescript("".join((_SCHEMA, *(room.SCHEMA for room in _ROOMS))))
    retention.prepare(db)
    case_rows.adopt(db)
    tickets.adopt(db)
    threads.adopt(db)
