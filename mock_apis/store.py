"""Keeps one mock vendor's records as JSON documents in a SQLite file that several processes share."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE doc (
  kind TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT '', body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX doc_by_name ON doc (kind, name, number);
CREATE INDEX doc_by_owner ON doc (kind, owner, number);
CREATE INDEX doc_by_number ON doc (kind, number);
CREATE TABLE idempotency (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE fault (
  id INTEGER PRIMARY KEY CHECK (id = 1), status INTEGER, body TEXT, times INTEGER, delay_ms REAL,
  retry_after REAL);
"""

Seed = Callable[["Store"], None]


class Store:
    """Documents by kind, id, name (a lookup key such as `#1001` or an e-mail) and owner."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, kind: str, id_: str) -> Doc | None:
        """The document with this id, or None."""
        return self._one("SELECT body FROM doc WHERE kind = ? AND id = ?", kind, id_)

    def need(self, kind: str, id_: str) -> Doc:
        """The document with this id; raises `KeyError` when it is missing."""
        found = self.get(kind, id_)
        if found is None:
            raise KeyError(f"the store has no {kind} {id_}")
        return found

    def named(self, kind: str, name: str) -> Doc | None:
        """The first document with this name, or None."""
        return self._one(
            "SELECT body FROM doc WHERE kind = ? AND name = ? ORDER BY number LIMIT 1", kind, name
        )

    def owned(self, kind: str, owner: str) -> list[Doc]:
        """Documents of one owner by ascending number."""
        rows = self._db.execute(
            "SELECT body FROM doc WHERE kind = ? AND owner = ? ORDER BY number", (kind, owner)
        )
        return [json.loads(row[0]) for row in rows]

    def all(self, kind: str, *, reverse: bool = False) -> Iterator[Doc]:
        """Every document of a kind by number."""
        direction = "DESC" if reverse else "ASC"
        rows = self._db.execute(
            f"SELECT body FROM doc WHERE kind = ? ORDER BY number {direction}",  # noqa: S608 two literals
            (kind,),
        )
        for row in rows:
            yield json.loads(row[0])

    def holding(self, kind: str, text: str) -> list[Doc]:
        """Documents of a kind in whose JSON this text stands, by number; the caller looks where."""
        rows = self._db.execute(
            "SELECT body FROM doc WHERE kind = ? AND instr(body, ?) > 0 ORDER BY number", (kind, text)
        )
        return [json.loads(row[0]) for row in rows]

    def put(self, kind: str, id_: str, body: Doc, *, number: int, name: str = "", owner: str = "") -> None:
        """Write one document; call it inside `writing()`."""
        self._db.execute(
            "INSERT OR REPLACE INTO doc VALUES (?, ?, ?, ?, ?, ?)",
            (kind, id_, number, name, owner, json.dumps(body, ensure_ascii=False)),
        )

    def put_many(self, kind: str, rows: Iterable[tuple[str, int, str, str, Doc]]) -> None:
        """Write many `(id, number, name, owner, body)` rows."""
        self._db.executemany(
            "INSERT OR REPLACE INTO doc VALUES (?, ?, ?, ?, ?, ?)",
            (
                (kind, id_, number, name, owner, json.dumps(body, ensure_ascii=False))
                for id_, number, name, owner, body in rows
            ),
        )

    def change(self, kind: str, id_: str, body: Doc) -> None:
        """Replace the body of an existing document."""
        self._db.execute(
            "UPDATE doc SET body = ? WHERE kind = ? AND id = ?",
            (json.dumps(body, ensure_ascii=False), kind, id_),
        )

    def next_number(self, kind: str, *, first: int) -> int:
        """One more than the highest number of a kind."""
        row = self._db.execute("SELECT max(number) FROM doc WHERE kind = ?", (kind,)).fetchone()
        return first if row[0] is None else int(row[0]) + 1

    def meta(self, key: str) -> str:
        """A fact about the store itself; empty when it is not known."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the store itself."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def remembered(self, key: str) -> tuple[str, str, float] | None:
        """Fingerprint, answer and time of an idempotency key, or None."""
        row = self._db.execute(
            "SELECT fingerprint, body, at FROM idempotency WHERE key = ?", (key,)
        ).fetchone()
        return (str(row[0]), str(row[1]), float(row[2])) if row else None

    def remember(self, key: str, fingerprint: str, body: str, at: float) -> None:
        """Keep the answer to an idempotency key."""
        self._db.execute(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?)", (key, fingerprint, body, at)
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write transaction; other processes wait for it, an exception undoes it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled back by itself
                self._db.execute("ROLLBACK")
            raise

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement, for the tables next to the documents."""
        return self._db.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _one(self, statement: str, *values: str) -> Doc | None:
        row = self._db.execute(statement, values).fetchone()
        return json.loads(row[0]) if row else None


def open_store(path: Path | None, *, vendor: str, seed: Seed) -> Store:
    """Open the vendor's file, filling a new one with `seed`; None keeps everything in memory.

    Raises `ValueError` when the file belongs to another vendor or is no SQLite file.
    """
    if path is None:
        store = Store(_connect(":memory:"))
        _fill(store, vendor, seed)
        return store
    if not path.exists():
        _create(path, vendor, seed)
    try:
        store = Store(_connect(str(path)))
        found = store.meta("vendor")
    except sqlite3.DatabaseError as error:
        raise ValueError(
            f"{path} is not a mock vendor's file ({error}): move it away or name another file"
        ) from error
    if found != vendor:
        store.close()
        raise ValueError(f"{path} holds the mock {found or 'of nobody'}, not {vendor}: name another file")
    return store


def _connect(where: str) -> sqlite3.Connection:
    # Busy timeout first: switching to WAL may itself have to wait for another process.
    db = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA busy_timeout = 10000")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _fill(store: Store, vendor: str, seed: Seed) -> None:
    for statement in _TABLES.split(";"):
        store.sql(statement)
    with store.writing():
        store.set_meta("vendor", vendor)
        seed(store)


def _create(path: Path, vendor: str, seed: Seed) -> None:
    """Build the file aside and link it into place, so no process ever sees half a shop."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    try:
        db = _connect(aside)
        db.execute("PRAGMA journal_mode = WAL")
        _fill(Store(db), vendor, seed)
        db.close()
        # A link never replaces: when another process was first, its file (same seed) stays.
        with suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        Path(aside).unlink()
