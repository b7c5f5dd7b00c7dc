"""SQLite files that several processes open at once."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.sqlite.opening import open_shared


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process that is in the middle of its first write to `new.db`."""
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_waits_for_who_writes_first(tmp_path: Path, writing: sqlite3.Connection) -> None:
    """A file another process has just begun is opened when that one is done, not refused at once."""
    threading.Timer(0.1, writing.execute, ["COMMIT"]).start()
    with closing(open_shared(tmp_path / "new.db", patience=5.0)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_does_not_wait_for_ever(tmp_path: Path, writing: sqlite3.Connection) -> None:
    """When the other is never done, the lock is told after `patience` seconds."""
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        open_shared(tmp_path / "new.db", patience=0.05)


def test_is_its_owners(tmp_path: Path) -> None:
    """What customers said is nobody else's on this machine; a file of before is put right."""
    path, log = tmp_path / "new.db", tmp_path / "new.db-wal"
    path.touch(mode=0o644)
    log.touch(mode=0o644)
    with closing(open_shared(path, patience=5.0)) as db:
        db.execute("CREATE TABLE said (words TEXT)")
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)


def test_makes_the_folder(tmp_path: Path) -> None:
    """The first start finds no folder."""
    with closing(open_shared(tmp_path / "data" / "new.db", patience=0.05)) as db:
        db.execute("CREATE TABLE seen (one INTEGER)")
    assert (tmp_path / "data" / "new.db").exists()
