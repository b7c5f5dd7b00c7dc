"""A connection that only reads the conversations' file, in threads: no turn waits in its process's loop."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from shared.adapters.sqlite.opening import open_shared
from shared.errors import StoreDown

_T = TypeVar("_T")


class Reader:
    """What reads the store at `path`, which `open_store` has made; raises `StoreDown` when it cannot."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = open_shared(path, patience=5.0, same_thread=False)
            self._db.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(f"{path}: cannot open the conversation store: {error}; check DATA_DIR") from error
        self._one = asyncio.Lock()

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    async def _read(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, one at a time."""

        def guarded() -> _T:
            try:
                return work()
            except sqlite3.Error as error:
                raise StoreDown(f"{self._path}: {error}; check the file and its disk") from error

        async with self._one:
            return await asyncio.to_thread(guarded)
