"""Counts tries to prove an order in the store's file, so that processes and restarts share them."""

import sqlite3
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.sqlite.opening import open_shared, transaction, wipe_what_is_deleted
from shared.errors import StoreDown
from shared.ports.proofs import Try

_DAY = 86400.0
_LONGEST_LOCK = _DAY
_MOST_DOUBLINGS = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS proof_tries (
    key TEXT PRIMARY KEY, tries INTEGER NOT NULL, refused INTEGER NOT NULL, locked_until REAL NOT NULL,
    forgotten_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS proof_tries_forgotten ON proof_tries (forgotten_at);
"""
_PUT = "INSERT OR REPLACE INTO proof_tries VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Limits:
    """Tries for one order and from one place, and how long the first lock lasts, in seconds."""

    order: int = 5
    place: int = 20
    lock_seconds: float = 900.0


@asynccontextmanager
async def open_proof_tries(path: Path, limits: Limits) -> AsyncIterator["SqliteProofTries"]:
    """The counts in the file at `path`, made when absent; several processes may open it."""
    try:
        db = open_shared(path, patience=5.0, same_thread=False)
        db.execute("PRAGMA synchronous=NORMAL")
        wipe_what_is_deleted(db)
        db.executescript(_SCHEMA)
    except (sqlite3.Error, OSError) as error:
        raise StoreDown(f"{path}: cannot open the counts of proofs: {error}; check DATA_DIR") from error
    try:
        yield SqliteProofTries(db, limits)
    finally:
        db.close()


class SqliteProofTries:
    """The `ProofTries` port. A row is forgotten a day after its last try or lock."""

    def __init__(self, db: sqlite3.Connection, limits: Limits) -> None:
        self._db = db
        self._limits = limits

    async def take(self, number: str, *, place: str, at: float) -> Try:
        """Counted before it is looked at: a hundred tries at the same time are a hundred."""
        keys = self._keys(number, place)
        with self._counted():
            self._db.execute("DELETE FROM proof_tries WHERE forgotten_at < ?", (at,))
            rows = {key: self._row(key) for key in keys}
            locked = {key: row for key, row in rows.items() if row[2] > at}
            for key, (tries, refused, until) in (locked or rows).items():
                if locked:
                    self._db.execute(_PUT, (key, tries, refused + 1, until, until + _DAY))
                else:
                    lock = self._lock(tries + 1 - keys[key], at)
                    self._db.execute(_PUT, (key, tries + 1, 0, lock, max(at, lock) + _DAY))
        refused = max((row[1] + 1 for row in locked.values()), default=0)
        return Try(allowed=not locked, refused=refused)

    async def untried(self, number: str, *, place: str, at: float) -> None:
        """A lock that others' tries have earned stays."""
        with self._counted():
            for key, limit in self._keys(number, place).items():
                tries, refused, until = self._row(key)
                left = max(tries - 1, 0)
                lock = until if left >= limit else 0.0
                self._db.execute(_PUT, (key, left, refused, lock, max(at, lock) + _DAY))

    async def right(self, number: str, *, place: str, at: float) -> None:
        """The place keeps its other wrong ones: who has an order of their own must not buy tries with it."""
        order, *places = self._keys(number, place)
        with self._counted():
            self._db.execute("DELETE FROM proof_tries WHERE key = ?", (order,))
            for key in places:
                tries, refused, _ = self._row(key)
                self._db.execute(_PUT, (key, max(tries - 1, 0), refused, 0.0, at + _DAY))

    def _keys(self, number: str, place: str) -> dict[str, int]:
        """What a try is counted by, each with its limit; spellings of one number are one order."""
        digits = (str(unicodedata.digit(each, each)) for each in unicodedata.normalize("NFKC", number)[:80])
        plain = "".join(digits).strip().removeprefix("#").lstrip("0")[:40]
        return {f"order {plain}": self._limits.order} | ({place: self._limits.place} if place else {})

    def _row(self, key: str) -> tuple[int, int, float]:
        statement = "SELECT tries, refused, locked_until FROM proof_tries WHERE key = ?"
        found: tuple[int, int, float] | None = self._db.execute(statement, (key,)).fetchone()
        return found or (0, 0, 0.0)

    def _lock(self, over: int, at: float) -> float:
        """Until when a key is locked that is `over` its limit by this many tries; below 0 it is not."""
        if over < 0:
            return 0.0
        return at + min(self._limits.lock_seconds * float(1 << min(over, _MOST_DOUBLINGS)), _LONGEST_LOCK)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            with transaction(self._db):
                yield
        except sqlite3.Error as error:
            raise StoreDown(f"the counts of proofs: {error}; check DATA_DIR and its disk") from error
