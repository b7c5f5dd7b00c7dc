"""The tables of cases in the conversation store's file; functions run in the caller's transaction."""

import sqlite3
from typing import Any

import msgspec

from shared import cases
from shared.adapters.sqlite import rights, threads
from shared.adapters.sqlite.opening import transaction
from shared.contracts import (
    RANK,
    Case,
    CaseClaimed,
    CaseClosed,
    CaseEvent,
    CaseMerged,
    CaseMoved,
    CaseOpened,
    CaseRaised,
    CaseReleased,
    CaseReopened,
    CaseReturned,
    ContactAsked,
    CustomerWrote,
    FeedbackGiven,
    HandOver,
    ReplyHeld,
    StaffNoted,
    StaffSpoke,
    TurnFinished,
)
from shared.errors import NotNow
from shared.ports import Numbered

# Whoever removes a hand-over (erase, retention) takes its case along.
SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, open INTEGER NOT NULL, phase TEXT NOT NULL,
    rank INTEGER NOT NULL, opened_at REAL NOT NULL, due_at REAL NOT NULL, queue TEXT NOT NULL,
    language TEXT NOT NULL, owner TEXT NOT NULL, record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cases_of ON cases (conversation_id, open, opened_at);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_case ON cases (conversation_id) WHERE open = 1;
CREATE INDEX IF NOT EXISTS cases_in_line ON cases (phase, rank, opened_at, id);
CREATE INDEX IF NOT EXISTS cases_of_queue ON cases (queue, phase, opened_at);
CREATE TABLE IF NOT EXISTS case_events (
    case_id TEXT NOT NULL, n INTEGER NOT NULL, conversation_id TEXT NOT NULL, at REAL NOT NULL,
    turn_id TEXT NOT NULL, told INTEGER NOT NULL, mirrored INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (case_id, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS case_events_of ON case_events (conversation_id, at, case_id, n);
CREATE INDEX IF NOT EXISTS case_events_untold ON case_events (at) WHERE told = 0;
CREATE INDEX IF NOT EXISTS case_events_unmirrored ON case_events (at) WHERE mirrored = 0;
CREATE TABLE IF NOT EXISTS replies_out (
    conversation_id TEXT NOT NULL, turn_id TEXT NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, turn_id)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS case_of_hand_over AFTER DELETE ON hand_overs BEGIN
    DELETE FROM cases WHERE id = OLD.id;
    DELETE FROM case_events WHERE case_id = OLD.id;
END;
"""
MIRRORED = (
    CaseClaimed,
    CaseReleased,
    CaseMoved,
    CaseRaised,
    CaseReturned,
    CaseClosed,
    CaseReopened,
    CaseMerged,
    StaffSpoke,
    StaffNoted,
)
"""What the helpdesk's ticket shows too, unless it comes from there."""
HELPDESK = "zendesk"
TOLD_BY_TURN = (CaseClaimed, CaseReturned, CaseClosed, CaseReopened, CaseMerged, StaffSpoke)
"""What the customer must hear of: each has the id of the turn that says it.

That somebody at the helpdesk has it is no news yet; their first words are.
"""
_LAST = """
SELECT record FROM cases WHERE conversation_id = ? ORDER BY open DESC, opened_at DESC, id DESC LIMIT 1
"""
_PACK = msgspec.msgpack.Encoder()
_CASE = msgspec.msgpack.Decoder(Case)
_EVENT: "msgspec.msgpack.Decoder[CaseEvent]" = msgspec.msgpack.Decoder(CaseEvent)
_FEEDBACK = msgspec.msgpack.Decoder(FeedbackGiven)
_HAND_OVER = msgspec.msgpack.Decoder(HandOver)


def adopt(db: sqlite3.Connection) -> None:
    """Give hand-overs of before there were cases theirs, in a transaction of its own."""
    missing = "SELECT record FROM hand_overs WHERE closed_at IS NULL AND id NOT IN (SELECT id FROM cases)"
    if db.execute(missing).fetchone() is None:
        return
    with transaction(db):
        for (record,) in db.execute(missing).fetchall():  # another process may have been faster
            given = _HAND_OVER.decode(record)
            if open_case_of(db, given.conversation_id) is None:
                _insert(db, CaseOpened(at=given.opened_at, by="bot", hand_over=given))


def open_case(db: sqlite3.Connection, event: CaseOpened) -> HandOver:
    """Put it in the queue; the hand-over that is there when this one, or another of its conversation, is.

    One that was asked for before its conversation was erased is given back and not kept.
    """
    given = event.hand_over
    known = hand_over_of(db, given.id)
    if known is not None:
        return known
    there = open_case_of(db, given.conversation_id)
    if there is not None:
        return hand_over_of(db, there.id) or there.hand_over
    if (given.asked_at or given.opened_at) < rights.erased_at(db, given.conversation_id):
        return given
    db.execute(
        "INSERT INTO hand_overs VALUES (?, ?, ?, NULL, ?)",
        (given.id, RANK[given.priority], given.opened_at, _PACK.encode(given)),
    )
    _insert(db, event)
    threads.keep_hand_over(db, given)
    return given


def hand_over_of(db: sqlite3.Connection, hand_over_id: str) -> HandOver | None:
    """One hand-over, with its ticket."""
    row = db.execute("SELECT record FROM hand_overs WHERE id = ?", (hand_over_id,)).fetchone()
    return _HAND_OVER.decode(row[0]) if row else None


def _insert(db: sqlite3.Connection, event: CaseOpened) -> None:
    case = cases.opened(event)
    db.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(case))
    _note(db, case, event)


def append(db: sqlite3.Connection, case: Case, event: CaseEvent) -> Case:
    """The case after the event, written. Raises `NotNow`."""
    changed = cases.after(case, event)
    if changed.open and not case.open:
        _take_up(db, case)
    db.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(changed))
    _note(db, changed, event)
    if isinstance(event, StaffNoted):
        threads.keep_note(db, case.conversation_id, event.text)
    if case.open and not changed.open:
        db.execute("UPDATE hand_overs SET closed_at = ? WHERE id = ?", (changed.ended_at, case.id))
    return changed


def _take_up(db: sqlite3.Connection, case: Case) -> None:
    """A case is open again, unless its conversation has another by now. Raises `NotNow`."""
    other = open_case_of(db, case.conversation_id)
    if other is not None:
        raise NotNow("another", f"the customer wrote again, and case {other.id} is open; go on in that one")
    db.execute("UPDATE hand_overs SET closed_at = NULL WHERE id = ?", (case.id,))


def _row(case: Case) -> tuple[Any, ...]:
    return (
        case.id, case.conversation_id, int(case.open), case.phase, RANK[case.priority], case.opened_at,
        case.due_at, case.queue, case.language, case.owner, _PACK.encode(case),
    )  # fmt: skip


def _note(db: sqlite3.Connection, case: Case, event: CaseEvent) -> None:
    told = not isinstance(event, TOLD_BY_TURN) or (event.by == HELPDESK and isinstance(event, CaseClaimed))
    told = told or event.by == cases.CUSTOMER  # the turn in which they said it says so
    mirrored = not isinstance(event, MIRRORED) or event.by == HELPDESK
    turn_id = getattr(event, "turn_id", "")
    db.execute(
        "INSERT INTO case_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (case.id, case.version, case.conversation_id, event.at, turn_id, told, mirrored, _PACK.encode(event)),
    )


def case_of_id(db: sqlite3.Connection, case_id: str) -> Case | None:
    """One case."""
    row = db.execute("SELECT record FROM cases WHERE id = ?", (case_id,)).fetchone()
    return _CASE.decode(row[0]) if row else None


def open_case_of(db: sqlite3.Connection, conversation_id: str) -> Case | None:
    """The conversation's open case; there is one at most."""
    statement = "SELECT record FROM cases WHERE conversation_id = ? AND open = 1"
    row = db.execute(statement, (conversation_id,)).fetchone()
    return _CASE.decode(row[0]) if row else None


def last_case_of(db: sqlite3.Connection, conversation_id: str) -> Case | None:
    """The conversation's open case, or the last that was."""
    row = db.execute(_LAST, (conversation_id,)).fetchone()
    return _CASE.decode(row[0]) if row else None


def loads(db: sqlite3.Connection) -> dict[str, int]:
    """Open cases by owner."""
    statement = "SELECT owner, COUNT(*) FROM cases WHERE phase = 'person' GROUP BY owner"
    return dict(db.execute(statement).fetchall())


def handling(db: sqlite3.Connection, queue: str, *, limit: int) -> list[float]:
    """Seconds from the last claim to the end, of cases that somebody had claimed."""
    statement = (
        "SELECT record FROM cases WHERE queue = ? AND phase IN ('closed', 'returned')"
        " ORDER BY opened_at DESC LIMIT ?"
    )
    found = [_CASE.decode(record) for (record,) in db.execute(statement, (queue, limit))]
    return [case.ended_at - case.claimed_at for case in found if case.claimed_at]


def happened(db: sqlite3.Connection, case_id: str, turn_id: str) -> bool:
    """Whether an event with this turn is there: a form that is sent twice does it once."""
    statement = "SELECT 1 FROM case_events WHERE case_id = ? AND turn_id = ?"
    return db.execute(statement, (case_id, turn_id)).fetchone() is not None


def events_of(
    db: sqlite3.Connection, conversation_id: str, *, case_id: str = "", after: int = 0
) -> list[Numbered]:
    """Events of all its cases, or of one after its `n`th, oldest first."""
    if case_id:
        statement = "SELECT n, case_id, body FROM case_events WHERE case_id = ? AND n > ? ORDER BY n"
        rows = db.execute(statement, (case_id, after))
    else:
        statement = (
            "SELECT n, case_id, body FROM case_events WHERE conversation_id = ? ORDER BY at, case_id, n"
        )
        rows = db.execute(statement, (conversation_id,))
    return [numbered(*row) for row in rows]


def numbered(n: int, case_id: str, body: bytes) -> Numbered:
    """An event as it is stored."""
    return Numbered(n=n, case_id=case_id, event=_EVENT.decode(body))


def read_case(record: bytes) -> Case:
    """A case as it is stored."""
    return _CASE.decode(record)


def may_be_held(turn: TurnFinished) -> bool:
    """Whether it is words of the bot's: what staff said, and silence, needs no decision."""
    return turn.speaker == "bot" and bool(turn.sentences) and not turn.answered_with


def read_feedback(body: bytes) -> FeedbackGiven:
    """A customer's thumb as it is stored."""
    return _FEEDBACK.decode(body)


def decide(db: sqlite3.Connection, turn: TurnFinished) -> bool:
    """Whether the customer gets this reply; the first answer stands.

    A held one becomes a draft of the case in the same transaction. Of a turn that was accepted before its
    conversation was erased nothing is written, not even that.
    """
    if not may_be_held(turn):
        return True
    key = (turn.conversation_id, turn.turn_id)
    row = db.execute("SELECT held FROM replies_out WHERE conversation_id = ? AND turn_id = ?", key).fetchone()
    if row is not None:
        return not row[0]
    known = "SELECT 1 FROM turns WHERE conversation_id = ? AND turn_id = ?"
    if db.execute(known, key).fetchone() is not None:
        return True
    case = open_case_of(db, turn.conversation_id)
    held = case is not None and case.phase == "person"
    if turn.accepted_at < rights.erased_at(db, turn.conversation_id):
        return not held
    db.execute("INSERT INTO replies_out VALUES (?, ?, ?)", (*key, int(held)))
    if held and case is not None:
        # What only says that a person comes, or has it, is no draft of an answer.
        text = "" if turn.status in {"handed_over", "with_person"} else turn.reply
        append(
            db, case, ReplyHeld(at=turn.finished_at, turn_id=turn.turn_id, text=text, actions=turn.actions)
        )
    return not held


def recorded(db: sqlite3.Connection, turn: TurnFinished, *, sent: bool) -> None:
    """A turn was stored: its decision is known from there, and an open case hears what the customer wrote."""
    if sent:
        db.execute(
            "DELETE FROM replies_out WHERE conversation_id = ? AND turn_id = ?",
            (turn.conversation_id, turn.turn_id),
        )
    case = open_case_of(db, turn.conversation_id) if turn.said else None
    # The message that opened the case is in its packet.
    if case is not None and not (turn.escalation and turn.escalation.id == case.id):
        case = append(db, case, CustomerWrote(at=turn.accepted_at, turn_id=turn.turn_id))
    if case is not None and turn.contact is not None:
        append(db, case, ContactAsked(at=turn.accepted_at, wish=turn.contact, turn_id=turn.turn_id))
