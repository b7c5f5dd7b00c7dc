"""What all share that keep rows in a SQLite file by a connection of their own."""

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from shared.adapters.sqlite.opening import open_shared, transaction, wipe_what_is_deleted
from shared.errors import StoreDown

_T = TypeVar("_T")


class Room:
    """A connection to the file at `path`; every failure of SQLite's is a `StoreDown`."""

    def __init__(
        self,
        path: Path,
        what: str,
        *,
        schema: str = "",
        prepare: Callable[[sqlite3.Connection], None] | None = None,
        synced: Literal["FULL", "NORMAL"] = "NORMAL",
    ) -> None:
        """`what` it keeps, for the error; FULL: no power cut takes a write back."""
        self._path = path
        try:
            self._db = open_shared(path, patience=5.0, same_thread=False)
            self._db.execute(f"PRAGMA synchronous={synced}")
            wipe_what_is_deleted(self._db)
            self._db.executescript(schema)
            if prepare is not None:
                prepare(self._db)
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(f"{path}: cannot open the {what}: {error}; {_remedy(error)}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _write(self, work: Callable[[], _T]) -> _T:
        """In one transaction; whatever is raised in it, nothing is written and the file is free again."""

        def whole() -> _T:
            with transaction(self._db):
                return work()

        return self._try(whole)

    def _try(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            raise StoreDown(f"{self._path}: {error}; {_remedy(error)}") from error


def _remedy(error: sqlite3.Error | OSError) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if (
        code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
        or getattr(error, "errno", 0) == errno.ENOSPC
    ):
        return "free disk space"
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return "it is damaged: restore a copy, or move it away to begin without what it held"
    return "check the file, its disk and DATA_DIR"
