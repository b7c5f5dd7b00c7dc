"""What the conversation store's file holds of given conversations, and how it leaves the disk."""

import hashlib
import sqlite3
import time
from collections.abc import Sequence

import msgspec

from shared.adapters.sqlite import task_rows
from shared.adapters.sqlite.opening import WIPED, transaction
from shared.contracts import BOT, QUEUE, FeedbackGiven, HandOver, Task
from shared.contracts.previews import preview_owed
from shared.routing.queues import routing

_HAND_OVER = msgspec.msgpack.Decoder(HandOver)
_FEEDBACK = msgspec.msgpack.Decoder(FeedbackGiven)
SCHEMA = """
CREATE TABLE IF NOT EXISTS erased (conversation_id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
VOID_SECONDS = 8 * 86400.0
"""How long it is remembered that a conversation was erased: longer than the bus keeps an accepted turn."""
_OWED = (
    "The customer was erased here, and is still to be paid when their parcel has arrived. "
    "Look at the order first: it may be paid by now."
)
_TABLES = {
    "conversations": "id",
    "turns": "conversation_id",
    "feedback": "conversation_id",
    "gap_askings": "conversation_id",
    "corrections": "conversation_id",
    "tasks": "conversation_id",
    "approvals": "conversation_id",
    "promises": "conversation_id",
    "replies_out": "conversation_id",
    "recordings": "conversation_id",
}


def hand_overs(db: sqlite3.Connection, conversation_id: str) -> list[HandOver]:
    """Its hand-overs, closed ones too. They are found by reading all: there are few."""
    records = (_HAND_OVER.decode(row[0]) for row in db.execute("SELECT record FROM hand_overs ORDER BY id"))
    return [record for record in records if record.conversation_id == conversation_id]


def feedback(db: sqlite3.Connection, conversation_id: str) -> list[FeedbackGiven]:
    """Its customer's thumbs."""
    statement = "SELECT body FROM feedback WHERE conversation_id = ? ORDER BY turn_id"
    return [_FEEDBACK.decode(row[0]) for row in db.execute(statement, (conversation_id,))]


def questions(db: sqlite3.Connection, conversation_id: str) -> list[tuple[float, str]]:
    """Its questions that nobody could answer, with the time."""
    statement = "SELECT asked_at, question FROM gap_askings WHERE conversation_id = ? ORDER BY asked_at"
    return [(float(at), str(question)) for at, question in db.execute(statement, (conversation_id,))]


def gap_ids(db: sqlite3.Connection, conversation_id: str) -> list[str]:
    """The gaps that those questions belong to."""
    statement = "SELECT DISTINCT gap_id FROM gap_askings WHERE conversation_id = ? ORDER BY gap_id"
    return [str(row[0]) for row in db.execute(statement, (conversation_id,))]


def noted(db: sqlite3.Connection, gap_ids: Sequence[str]) -> list[str]:
    """Those of the gaps that have a decision."""
    statement = "SELECT 1 FROM gap_decisions WHERE gap_id = ?"
    return [each for each in gap_ids if db.execute(statement, (each,)).fetchone()]


def erased_at(db: sqlite3.Connection, conversation_id: str) -> float:
    """When it was last erased; 0.0 when never, or so long ago that it is forgotten."""
    row = db.execute("SELECT at FROM erased WHERE conversation_id = ?", (conversation_id,)).fetchone()
    return float(row[0]) if row else 0.0


def erase(
    db: sqlite3.Connection, conversation_ids: Sequence[str], *, at: float, patience: float
) -> dict[str, int]:
    """Delete all of it in one transaction; how many rows, by table. What was accepted before `at` is void.

    A decision about a question that nobody else asked goes with it: its note is about their words. What is
    owed for a return stays owed: staff get it without the person (`_still_owed`).
    """
    removed = dict.fromkeys((*_TABLES, "hand_overs", "gap_decisions"), 0)
    with transaction(db):
        db.execute("DELETE FROM erased WHERE at < ?", (at - VOID_SECONDS,))
        for conversation_id in conversation_ids:
            db.execute("INSERT OR REPLACE INTO erased VALUES (?, ?)", (conversation_id, at))
            for hand_over in hand_overs(db, conversation_id):
                removed["hand_overs"] += db.execute(
                    "DELETE FROM hand_overs WHERE id = ?", (hand_over.id,)
                ).rowcount
            _still_owed(db, conversation_id, at=at)
            for table, column in _TABLES.items():
                statement = f"DELETE FROM {table} WHERE {column} = ?"  # noqa: S608  both are ours, above
                removed[table] += db.execute(statement, (conversation_id,)).rowcount
        removed["gap_decisions"] = db.execute(
            "DELETE FROM gap_decisions WHERE gap_id NOT IN (SELECT gap_id FROM gap_askings)"
        ).rowcount
    _off_the_disk(db, patience)
    return removed


def _still_owed(db: sqlite3.Connection, conversation_id: str, *, at: float) -> None:
    """Make a task of staff of each payment that waits for a parcel: order, return and amount, and no person.

    The customer sends the parcel though they are erased here; nobody could tell them by this conversation.
    """
    for owed in task_rows.of_conversation(db, conversation_id):
        if not owed.is_open or owed.kind != "pay_when_back" or owed.action is None:
            continue
        name = f"owed-{hashlib.sha256(owed.id.encode()).hexdigest()[:24]}"
        queue = routing().route("refund_limit")[1].name
        alone = Task(
            id=name, series=name, kind="pay_when_back", title=preview_owed(owed.action, "en"),
            due_at=owed.due_at, created_by=BOT, created_at=at, assignee=f"{QUEUE}{queue}",
            order_number=owed.order_number, action=owed.action, agreed=owed.agreed, why=owed.why, note=_OWED,
        )  # fmt: skip
        task_rows.keep(db, alone)
        task_rows.reset(db, alone, after=at)


def _off_the_disk(db: sqlite3.Connection, patience: float) -> None:
    """Deleted rows are overwritten (`secure_delete`), but not what was deleted before we asked for that."""
    if db.execute("PRAGMA user_version").fetchone()[0] < WIPED:
        db.execute("VACUUM")
        db.execute(f"PRAGMA user_version = {WIPED}")
    # The log of the last writes still holds the rows until it is folded in; a reader may be in the way.
    deadline = time.monotonic() + patience
    while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("a reader keeps the deleted rows in the write-ahead log")
