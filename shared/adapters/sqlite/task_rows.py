"""The tables of follow-ups: a row for each task, and one for each moment at which something is to be told."""

import sqlite3
from typing import Any

import msgspec
from msgspec import structs

from shared.contracts import Task
from shared.errors import BadMessage
from shared.ports import TaskFilter
from shared.recurrence import following, is_wall, known_zone

# Whoever deletes a task (an erasure, retention) need not know of its alarms.
SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, due_at REAL NOT NULL, assignee TEXT NOT NULL,
    kind TEXT NOT NULL, conversation_id TEXT NOT NULL, order_number TEXT NOT NULL, series TEXT NOT NULL,
    occurrence INTEGER NOT NULL, followed INTEGER NOT NULL DEFAULT 0, done_at REAL NOT NULL,
    record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_by_time ON tasks (status, due_at, id);
CREATE INDEX IF NOT EXISTS tasks_of_conversation ON tasks (conversation_id);
CREATE INDEX IF NOT EXISTS tasks_by_order ON tasks (order_number) WHERE order_number != '';
CREATE INDEX IF NOT EXISTS tasks_of_series ON tasks (series, occurrence);
CREATE INDEX IF NOT EXISTS tasks_by_end ON tasks (done_at) WHERE done_at > 0;
CREATE TABLE IF NOT EXISTS task_alarms (
    task_id TEXT NOT NULL, before INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (task_id, before)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS task_alarms_by_time ON task_alarms (at);
CREATE TRIGGER IF NOT EXISTS task_gone AFTER DELETE ON tasks BEGIN
    DELETE FROM task_alarms WHERE task_id = OLD.id;
END;
"""
_PACK = msgspec.msgpack.Encoder()
_TASK = msgspec.msgpack.Decoder(Task)
_CLOCKS_FORWARD = 3600.0
"""A day may be an hour short: a reminder a day ahead then falls before the occurrence before."""


def checked(task: Task) -> Task:
    """The task, when it is one.

    Raises:
        BadMessage: a field is out of bounds; its value is not quoted, it may be anybody's.
    """
    try:
        msgspec.convert(msgspec.to_builtins(task), Task)
    except msgspec.ValidationError as error:
        raise BadMessage(f"task {task.id[:80]!r}: {error}; see shared/contracts/tasks.py") from None
    if task.recurrence is not None and not is_wall(task.recurrence.starts):
        raise BadMessage(f"task {task.id!r}: recurrence.starts is no moment of any calendar")
    if known_zone(task.zone) is None:
        raise BadMessage(f"task {task.id!r}: zone {task.zone[:40]!r} is no IANA zone, e.g. Europe/Paris")
    return task


def read(db: sqlite3.Connection, task_id: str) -> Task | None:
    """The task of this id."""
    row = db.execute("SELECT record FROM tasks WHERE id = ?", (task_id,)).fetchone()
    return _TASK.decode(row[0]) if row else None


def of_conversation(db: sqlite3.Connection, conversation_id: str) -> list[Task]:
    """Everything there is to do, or was, for one conversation."""
    statement = "SELECT record FROM tasks WHERE conversation_id = ? ORDER BY due_at, id"
    return [_TASK.decode(row[0]) for row in db.execute(statement, (conversation_id,))]


def keep(db: sqlite3.Connection, task: Task) -> None:
    """Write the row, new or over the old one."""
    db.execute(
        "INSERT INTO tasks (id, status, due_at, assignee, kind, conversation_id, order_number, series,"
        " occurrence, done_at, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at,"
        " assignee = excluded.assignee, done_at = excluded.done_at, record = excluded.record",
        (
            task.id,
            task.status,
            task.due_at,
            task.assignee,
            task.kind,
            task.conversation_id,
            _waits_for(task.order_number, task.item),
            task.series,
            task.occurrence,
            task.done_at,
            _PACK.encode(task),
        ),
    )


def _waits_for(order_number: str, item: str) -> str:
    """What the column `order_number` holds: one index finds whoever waits for an order, or for an item."""
    return order_number or (f"item {item}" if item else "")


def reset(db: sqlite3.Connection, task: Task, *, after: float, due: bool = True) -> None:
    """Set the alarms anew: its time when that is still to come, and reminders for moments from `after` on."""
    db.execute("DELETE FROM task_alarms WHERE task_id = ?", (task.id,))
    if not task.is_open:
        return
    moments = [(task.id, before, task.due_at - before) for before in set(task.reminders)]
    db.executemany("INSERT INTO task_alarms VALUES (?, ?, ?)", [each for each in moments if each[2] >= after])
    if due:
        db.execute("INSERT INTO task_alarms VALUES (?, 0, ?)", (task.id, task.due_at))


def next_of(db: sqlite3.Connection, task: Task, *, at: float) -> Task | None:
    """Make the occurrence after this one, when it has none yet; None when it had, or its series ends."""
    due_at = following(task)
    statement = "UPDATE tasks SET followed = 1 WHERE id = ? AND followed = 0"
    if due_at is None or not db.execute(statement, (task.id,)).rowcount:
        return None
    number = task.occurrence + 1
    made = structs.replace(
        task,
        id=f"{task.series}-{number}",
        occurrence=number,
        due_at=due_at,
        created_at=at,
        status="open",
        note="",
        alarm=0,
        fired_at=0.0,
        done_at=0.0,
        version=1,
    )
    if read(db, made.id) is not None:
        return None
    keep(db, made)
    reset(db, made, after=min(at, task.due_at - _CLOCKS_FORWARD))
    return made


def where(which: TaskFilter) -> tuple[str, tuple[Any, ...]]:
    """The condition of a filter, with its values."""
    parts, values = ["1"], list[Any]()
    for column, value in (
        ("status", which.status),
        ("conversation_id", which.conversation_id),
        ("order_number", _waits_for(which.order_number, which.item)),
        ("kind", which.kind),
    ):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if which.assignees:
        parts.append(f"assignee IN ({', '.join('?' * len(which.assignees))})")
        values += which.assignees
    if which.due_before is not None:
        parts.append("due_at < ?")
        values.append(which.due_before)
    return " AND ".join(parts), tuple(values)
