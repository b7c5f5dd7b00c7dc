"""Opens SQLite files that several processes share."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAUSE = 0.01
"""Seconds between two attempts to switch a file to write-ahead logging."""


def open_shared(path: Path, *, patience: float, same_thread: bool = True) -> sqlite3.Connection:
    """A connection in autocommit to `path` (made when absent) with a write-ahead log.

    Locks of other processes are waited for `patience` seconds. With `same_thread` False, whoever holds the
    connection sees to it that one thread uses it at a time. Raises `sqlite3.Error` and `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _owners_only(path)
    db = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=same_thread)
    try:
        _write_ahead(db, time.monotonic() + patience)
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All that is done in it or, whatever is raised there, nothing; the file is free again in any case."""
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back by itself
            db.execute("ROLLBACK")
        raise


def _owners_only(path: Path) -> None:
    """What customers said is nobody else's on this machine; the files beside it take its mode over."""
    path.touch(mode=0o600, exist_ok=True)
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError, PermissionError):  # whose file it is not cannot change it
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def _write_ahead(db: sqlite3.Connection, deadline: float) -> None:
    # SQLite's own patience does not cover this switch while another process writes: it fails at once
    # (https://www.sqlite.org/c3ref/busy_handler.html), so processes that start together on a new file would.
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


WIPED = 1
"""The `user_version` of a file in which whatever was deleted is overwritten, from its first row on."""


def wipe_what_is_deleted(db: sqlite3.Connection) -> None:
    """Overwrite deleted rows from now on; a file without tables is marked as one that always did."""
    db.execute("PRAGMA secure_delete = ON")
    if not db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        db.execute(f"PRAGMA user_version = {WIPED}")
