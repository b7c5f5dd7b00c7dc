"""Which ticket a case has at the helpdesk, as rows that can be asked for; hand-overs name it, too."""

import sqlite3

import msgspec

from shared.adapters.sqlite import threads
from shared.contracts import HandOver

# Whoever removes a hand-over (erase, retention) takes its row along.
SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (case_id TEXT PRIMARY KEY, ticket TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS ticket_of_hand_over AFTER DELETE ON hand_overs BEGIN
    DELETE FROM tickets WHERE case_id = OLD.id;
END;
"""
_UNFILED = """
SELECT h.record FROM hand_overs AS h JOIN cases AS c USING (id)
WHERE c.open = 1 AND h.id NOT IN (SELECT case_id FROM tickets) ORDER BY c.opened_at, c.id
"""
_PACK = msgspec.msgpack.Encoder()
_HAND_OVER = msgspec.msgpack.Decoder(HandOver)


def adopt(db: sqlite3.Connection) -> None:
    """Know the tickets of hand-overs of before there were these rows; processes that start together may."""
    rows = db.execute("SELECT record FROM hand_overs WHERE id NOT IN (SELECT case_id FROM tickets)")
    for (record,) in rows.fetchall():
        given = _HAND_OVER.decode(record)
        if given.ticket:
            db.execute("INSERT OR IGNORE INTO tickets VALUES (?, ?)", (given.id, given.ticket))


def attach(db: sqlite3.Connection, given: HandOver) -> None:
    """The hand-over has its ticket now."""
    db.execute("UPDATE hand_overs SET record = ? WHERE id = ?", (_PACK.encode(given), given.id))
    db.execute("INSERT OR REPLACE INTO tickets VALUES (?, ?)", (given.id, given.ticket))
    threads.keep_hand_over(db, given)


def unfiled(db: sqlite3.Connection) -> list[HandOver]:
    """Hand-overs of open cases without a ticket, oldest first."""
    return [_HAND_OVER.decode(record) for (record,) in db.execute(_UNFILED).fetchall()]
