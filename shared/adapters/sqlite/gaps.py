"""The tables of unanswered questions in the conversation store's file."""

import sqlite3
from typing import Any

import msgspec

from shared.adapters.same_question import question_id
from shared.adapters.sqlite import rights
from shared.contracts import GapStatus, Intent, KnowledgeGap, Language, NearPassage, TurnFinished, Unanswered
from shared.ports import GapPlace

# One row for each asking: who is forgotten takes their words along, the count with them.
# The table `gaps` of before had neither language nor passages, and nothing ever read it.
SCHEMA = """
DROP TABLE IF EXISTS gaps;
CREATE TABLE IF NOT EXISTS gap_askings (
    conversation_id TEXT NOT NULL, turn_id TEXT NOT NULL, gap_id TEXT NOT NULL, customer TEXT NOT NULL,
    language TEXT NOT NULL, intent TEXT, question TEXT NOT NULL, nearest BLOB NOT NULL,
    asked_at REAL NOT NULL,
    PRIMARY KEY (conversation_id, turn_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gap_askings_by_gap ON gap_askings (gap_id, asked_at, language);
CREATE TABLE IF NOT EXISTS gap_decisions (
    gap_id TEXT PRIMARY KEY, status TEXT NOT NULL, note TEXT NOT NULL, decided_at REAL NOT NULL
) WITHOUT ROWID;
"""

# Counting reads the index alone; words and passages are read for the rows of the page.
_PAGE = """
WITH counted AS (
    SELECT gap_id, MAX(language) AS language, COUNT(*) AS times, MIN(asked_at) AS first_at,
        MAX(asked_at) AS last_at
    FROM gap_askings WHERE :only IS NULL OR gap_id = :only GROUP BY gap_id
), listed AS (
    SELECT c.*, COALESCE(d.note, '') AS note,
        CASE WHEN d.status IS NULL OR (d.status = 'answered' AND c.last_at > d.decided_at) THEN 'open'
            ELSE d.status END AS status
    FROM counted AS c LEFT JOIN gap_decisions AS d USING (gap_id)
), page AS (
    SELECT * FROM listed
    WHERE (:status IS NULL OR status = :status) AND (:language IS NULL OR language = :language)
        AND (:id IS NULL OR (times, last_at, gap_id) < (:asked, :last_at, :id))
    ORDER BY times DESC, last_at DESC, gap_id DESC LIMIT :limit
)
SELECT p.gap_id, a.question, p.language, a.intent, p.times, p.first_at, p.last_at, a.conversation_id,
    a.turn_id, a.nearest, p.status, p.note
FROM page AS p JOIN gap_askings AS a ON (a.conversation_id, a.turn_id) = (
    SELECT conversation_id, turn_id FROM gap_askings WHERE gap_id = p.gap_id
    ORDER BY asked_at DESC, turn_id DESC LIMIT 1
)
ORDER BY p.times DESC, p.last_at DESC, p.gap_id DESC
"""
_PACK = msgspec.msgpack.Encoder()
_NEAREST = msgspec.msgpack.Decoder(tuple[NearPassage, ...])


def keep(db: sqlite3.Connection, turn: TurnFinished, *, customer: str) -> None:
    """Note that the question of this turn had no answer; the same turn is noted once."""
    add(
        db,
        turn.unanswered or Unanswered(question=turn.said),
        turn=(turn.conversation_id, turn.turn_id),
        language=turn.language,
        intent=turn.intent,
        customer=customer,
        at=turn.accepted_at,
    )


def add(
    db: sqlite3.Connection,
    asked: Unanswered,
    *,
    turn: tuple[str, str],
    language: Language,
    at: float,
    intent: Intent | None = None,
    customer: str | None = None,
) -> None:
    """Note a question of this turn (conversation, turn) once; `customer` None: the conversation's.

    Of what was asked before its conversation was erased nothing is noted.
    """
    if at < rights.erased_at(db, turn[0]):
        return
    if customer is None:
        row = db.execute("SELECT customer FROM conversations WHERE id = ?", (turn[0],)).fetchone()
        customer = str(row[0]) if row else ""
    db.execute(
        "INSERT OR IGNORE INTO gap_askings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *turn, question_id(asked.question, language), customer, language, intent, asked.question,
            _PACK.encode(asked.nearest), at,
        ),
    )  # fmt: skip


def page(
    db: sqlite3.Connection,
    *,
    status: GapStatus | None,
    language: Language | None,
    after: GapPlace | None,
    limit: int,
    only: str | None = None,
) -> list[KnowledgeGap]:
    """The gaps of this status and language behind `after`, the most asked first; `only` is one's id."""
    place = after or GapPlace(asked=0, last_asked_at=0.0, id="")
    rows = db.execute(
        _PAGE,
        {
            "status": status,
            "language": language,
            "asked": place.asked,
            "last_at": place.last_asked_at,
            "id": place.id or None,
            "limit": limit,
            "only": only,
        },
    )
    return [_gap(row) for row in rows]


def settle(
    db: sqlite3.Connection, gap_id: str, *, status: GapStatus, note: str, at: float
) -> KnowledgeGap | None:
    """Write down what staff decided, and return the gap as it is then; None when nobody asked that."""
    db.execute(
        "INSERT OR REPLACE INTO gap_decisions "
        "SELECT gap_id, ?, ?, ? FROM gap_askings WHERE gap_id = ? LIMIT 1",
        (status, note, at, gap_id),
    )
    return one(db, gap_id)


def one(db: sqlite3.Connection, gap_id: str) -> KnowledgeGap | None:
    """The gap of this id."""
    return next(iter(page(db, status=None, language=None, after=None, limit=1, only=gap_id)), None)


def _gap(row: tuple[Any, ...]) -> KnowledgeGap:
    (
        gap_id,
        question,
        language,
        intent,
        asked,
        first,
        last,
        conversation_id,
        turn_id,
        nearest,
        status,
        note,
    ) = row
    return KnowledgeGap(
        id=gap_id,
        question=question,
        language=language,
        intent=Intent(intent) if intent else None,
        asked=asked,
        first_asked_at=first,
        last_asked_at=last,
        conversation_id=conversation_id,
        turn_id=turn_id,
        nearest=_NEAREST.decode(nearest),
        status=status,
        note=note,
    )
