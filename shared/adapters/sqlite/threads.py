"""One line and the words of each conversation, kept beside its turns, in the caller's transaction.

The words are rows of our own, not of FTS5: what FTS5 deletes stays readable in its segments whatever
`secure_delete` says, and its own `secure-delete` came with SQLite 3.42 ("SQLite Release 3.42.0"), which is
newer than what Debian 12 has. Rows are overwritten like all others.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from time import monotonic, sleep

import msgspec
from msgspec import structs

from shared.adapters.sqlite.opening import transaction
from shared.contracts import ConversationState, HandOver, TurnFinished

SCHEMA = """
CREATE TABLE IF NOT EXISTS threads (
    id TEXT PRIMARY KEY, customer_mark TEXT NOT NULL, language TEXT NOT NULL, intent TEXT NOT NULL,
    status TEXT NOT NULL, begun_at REAL NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS threads_by_time ON threads (at, id);
CREATE INDEX IF NOT EXISTS threads_of_customer ON threads (customer_mark, at, id) WHERE customer_mark != '';
CREATE TABLE IF NOT EXISTS thread_words (
    word TEXT NOT NULL, conversation_id TEXT NOT NULL, PRIMARY KEY (word, conversation_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS thread_words_of ON thread_words (conversation_id);
CREATE TRIGGER IF NOT EXISTS thread_of_turns AFTER DELETE ON turns BEGIN
    DELETE FROM threads WHERE id = OLD.conversation_id;
    DELETE FROM thread_words WHERE conversation_id = OLD.conversation_id;
END;
"""
_WORD = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")
_LONGEST_WORD = 60
_MOST_WORDS = 1000
"""Of one text: 5,000 characters hold fewer."""
_HELD_SECONDS = 0.5
"""How long the file is locked at a time while old conversations are read; others wait 5 s for it."""
_PAUSE = 0.11
"""Seconds between: who waits for SQLite's lock looks every 100 ms (`sqliteDefaultBusyCallback`)."""
_HAND_OVER = msgspec.msgpack.Decoder(HandOver)
_TURN = msgspec.msgpack.Decoder(TurnFinished)
_STATE = msgspec.msgpack.Decoder(ConversationState)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared, each once: without case, accents and personal values."""
    plain = unicodedata.normalize("NFKD", _TOKEN.sub(" ", text)).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in _WORD.findall(plain)))[:_MOST_WORDS]


def named(kind: str, name: str) -> str:
    """An id as it stands among the words, from which the colon tells it apart."""
    return f"{kind}:{name.casefold()[:200]}"


def keep(db: sqlite3.Connection, turn: TurnFinished, *, sent: bool) -> None:
    """Add a turn to what its conversation is found by; a reply that was held back was not said."""
    statement = (
        "INSERT INTO threads VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " customer_mark = CASE excluded.customer_mark WHEN '' THEN customer_mark"
        " ELSE excluded.customer_mark END,"
        " language = excluded.language, at = max(at, excluded.at),"
        " intent = CASE excluded.intent WHEN '' THEN intent ELSE excluded.intent END,"
        " status = CASE excluded.status WHEN '' THEN status ELSE excluded.status END"
    )
    mark = turn.customer_mark or (turn.state.customer_mark if turn.state else "")
    intent = turn.intent.value if turn.intent else ""
    # Staff's words answer nothing the bot was asked; what became of the conversation is told by its case.
    status = turn.status if turn.speaker == "bot" else ""
    row = (turn.conversation_id, mark, turn.language, intent, status, turn.accepted_at, turn.finished_at)
    db.execute(statement, row)
    _add(db, turn.conversation_id, _said_in(turn, sent=sent))
    if turn.escalation is not None:
        # Its ticket may be there by now.
        kept = db.execute("SELECT record FROM hand_overs WHERE id = ?", (turn.escalation.id,)).fetchone()
        keep_hand_over(db, _HAND_OVER.decode(kept[0]) if kept else turn.escalation)


def _said_in(turn: TurnFinished, *, sent: bool) -> Iterable[str]:
    yield from (named("id", name) for name in (turn.conversation_id, turn.turn_id, turn.trace_id) if name)
    yield from words_of(turn.said)
    if sent and not turn.answered_with:
        yield from words_of(turn.reply)
        sources = (source for sentence in turn.sentences for source in sentence.sources)
        yield from (
            named("order", source[6:].partition("/")[0]) for source in sources if source.startswith("order:")
        )
    yield from (named("order", receipt.order_number) for receipt in turn.actions)
    if turn.state is not None:
        yield from (named("order", number) for number in turn.state.proved_orders)
        if number := turn.state.slots.get("order_number", ""):
            yield named("order", number)


def keep_note(db: sqlite3.Connection, conversation_id: str, text: str) -> None:
    """Let a conversation be found by what staff noted in it, once anything was said in it.

    Its words go when its turns go.
    """
    if _is_there(db, conversation_id):
        _add(db, conversation_id, words_of(text))


def keep_hand_over(db: sqlite3.Connection, given: HandOver) -> None:
    """Let its conversation be found by case and ticket, once anything was said in it."""
    if _is_there(db, given.conversation_id):
        _add(db, given.conversation_id, _ids_of(given))


def _is_there(db: sqlite3.Connection, conversation_id: str) -> bool:
    return db.execute("SELECT 1 FROM threads WHERE id = ?", (conversation_id,)).fetchone() is not None


def _ids_of(given: HandOver) -> Iterable[str]:
    yield named("case", given.id)
    if given.ticket:
        yield named("ticket", given.ticket)
    for fact in given.packet.facts:
        if fact.id.startswith("order:"):
            yield named("order", fact.id[6:].partition("/")[0])


def _add(db: sqlite3.Connection, conversation_id: str, words: Iterable[str]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO thread_words VALUES (?, ?)", [(word, conversation_id) for word in words]
    )


def adopt(db: sqlite3.Connection) -> None:
    """Read conversations of before they could be searched, once, in transactions of its own.

    It sleeps between them, for other processes to write.
    """
    rows = db.execute("SELECT DISTINCT conversation_id FROM turns EXCEPT SELECT id FROM threads").fetchall()
    if not rows:
        return
    hand_overs: dict[str, list[str]] = {}
    for (record,) in db.execute("SELECT record FROM hand_overs").fetchall():
        given = _HAND_OVER.decode(record)
        hand_overs.setdefault(given.conversation_id, []).append(given.id)
    names = [name for (name,) in reversed(rows)]
    while names:
        with transaction(db):
            until = monotonic() + _HELD_SECONDS
            while names:
                name = names.pop()
                _adopt(db, name, hand_overs.get(name, ()))
                if monotonic() >= until:
                    break
        if names:
            sleep(_PAUSE)


def _adopt(db: sqlite3.Connection, name: str, hand_overs: Iterable[str]) -> None:
    if _is_there(db, name):
        return  # another process was faster
    kept = db.execute("SELECT state FROM conversations WHERE id = ?", (name,)).fetchone()
    state = _STATE.decode(kept[0]) if kept else None
    held = "SELECT 1 FROM replies_out WHERE conversation_id = ? AND turn_id = ? AND held = 1"
    turns = db.execute("SELECT result FROM turns WHERE conversation_id = ? ORDER BY seq", (name,))
    for (blob,) in turns.fetchall():
        turn = structs.replace(_TURN.decode(blob), state=state)
        keep(db, turn, sent=not db.execute(held, (name, turn.turn_id)).fetchone())
    for given in hand_overs:
        record = db.execute("SELECT record FROM hand_overs WHERE id = ?", (given,)).fetchone()
        if record:
            keep_hand_over(db, _HAND_OVER.decode(record[0]))
