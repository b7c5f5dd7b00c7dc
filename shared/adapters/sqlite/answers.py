"""Keeps written replies by the question they answer, in a SQLite file that several processes share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.adapters.sqlite.opening import open_shared, transaction, wipe_what_is_deleted
from shared.contracts import Sentence

_SCHEMA = (
    (
        "CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, key BLOB NOT NULL, marks TEXT NOT NULL,"
        " vector BLOB NOT NULL, model TEXT NOT NULL, sentences BLOB NOT NULL, kept_at REAL NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS by_question ON answers (key, marks)",
)


@dataclass(frozen=True)
class Kept:
    """A reply that was written before, and by which model."""

    id: int
    sentences: tuple[Sentence, ...]
    model: str


class AnswerRows:
    """At most `most` replies, none older than `seconds`. Raises sqlite3.Error; one thread at a time."""

    def __init__(
        self, path: Path, *, most: int, seconds: float, now: Callable[[], float] = time.time
    ) -> None:
        self._db = open_shared(path, patience=1.0, same_thread=False)
        self._most = most
        self._seconds = seconds
        self._now = now
        wipe_what_is_deleted(self._db)
        for statement in _SCHEMA:
            self._db.execute(statement)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def nearest(self, key: bytes, marks: str, vector: Sequence[float], *, least: float) -> Kept | None:
        """The reply to the most similar question of this key with these marks, if similar enough (cosine)."""
        rows = self._db.execute(
            "SELECT id, vector, model, sentences FROM answers WHERE key = ? AND marks = ? AND kept_at > ?",
            (key, marks, self._now() - self._seconds),
        ).fetchall()
        if not rows:
            return None
        known = np.stack([np.frombuffer(row[1], dtype=np.float32) for row in rows])
        near = known @ _packed(vector)
        best = int(near.argmax())
        if near[best] < least:
            return None
        id_, _, model, sentences = rows[best]
        return Kept(id_, msgspec.json.decode(sentences, type=tuple[Sentence, ...]), model)

    def keep(
        self, key: bytes, marks: str, vector: Sequence[float], *, model: str, sentences: Sequence[Sentence]
    ) -> None:
        """Remember a reply; the oldest make room for it."""
        row = (key, marks, _packed(vector).tobytes(), model, msgspec.json.encode(sentences), self._now())
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO answers (key, marks, vector, model, sentences, kept_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            self._db.execute("DELETE FROM answers WHERE kept_at <= ?", (self._now() - self._seconds,))
            self._db.execute(
                "DELETE FROM answers WHERE id <= (SELECT id FROM answers ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (self._most,),
            )

    def due(self) -> int:
        """How many replies are older than they may be."""
        statement = "SELECT COUNT(*) FROM answers WHERE kept_at <= ?"
        return int(self._db.execute(statement, (self._now() - self._seconds,)).fetchone()[0])

    def expire(self) -> int:
        """Remove them, also when no new reply comes; how many."""
        gone = self._db.execute(
            "DELETE FROM answers WHERE kept_at <= ?", (self._now() - self._seconds,)
        ).rowcount
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return gone

    def forget(self, kept: Kept) -> None:
        """Never give this reply again."""
        self._db.execute("DELETE FROM answers WHERE id = ?", (kept.id,))


def _packed(vector: Sequence[float]) -> NDArray[np.float32]:
    return np.asarray(vector, dtype=np.float32)
