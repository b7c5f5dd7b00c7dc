"""The ledger of promises in the conversation store's file, so that a conversation is erased with them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from shared.adapters.sqlite import promise_rows, rights
from shared.adapters.sqlite.opening import open_shared, wipe_what_is_deleted
from shared.contracts import PromiseRecord, PromiseState
from shared.errors import StoreDown
from shared.ports.promises import PromiseFilter, PromisePlace

_T = TypeVar("_T")


@asynccontextmanager
async def open_promises(path: Path) -> AsyncIterator["SqlitePromises"]:
    """The promises in the file at `path`, made when absent; several processes may open it."""
    promises = await asyncio.to_thread(SqlitePromises, path)
    try:
        yield promises
    finally:
        promises.close()


class SqlitePromises:
    """The `Promises` port. A power cut may lose the last writes: a promise of that moment is not tracked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = open_shared(path, patience=5.0, same_thread=False)
            self._db.execute("PRAGMA synchronous=NORMAL")
            wipe_what_is_deleted(self._db)
            self._db.executescript(rights.SCHEMA + promise_rows.SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(f"{path}: cannot open the promises: {error}; check DATA_DIR") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def record(self, made: Sequence[PromiseRecord]) -> Sequence[PromiseRecord]:
        """See `Promises.record`."""

        def work() -> list[PromiseRecord]:
            new = []
            for each in made:
                erased = each.made_at < rights.erased_at(self._db, each.conversation_id)
                if not erased and promise_rows.read(self._db, each.id) is None:
                    promise_rows.keep(self._db, each)
                    new.append(each)
            return new

        return self._write(work) if made else ()

    async def get(self, promise_id: str) -> PromiseRecord | None:
        """See `Promises.get`."""
        return self._try(lambda: promise_rows.read(self._db, promise_id))

    async def of(self, conversation_id: str) -> Sequence[PromiseRecord]:
        """See `Promises.of`."""
        return self._try(lambda: promise_rows.of_conversation(self._db, conversation_id))

    async def due(
        self, which: PromiseFilter | None = None, *, after: PromisePlace | None = None, limit: int = 50
    ) -> Sequence[PromiseRecord]:
        """See `Promises.due`."""
        return self._try(lambda: promise_rows.page(self._db, which or PromiseFilter(), after, limit))

    async def count(self, which: PromiseFilter) -> int:
        """See `Promises.count`."""
        return self._try(lambda: promise_rows.count(self._db, which))

    async def keep(self, promise_id: str, by: str, *, at: float, anew: bool = False) -> PromiseRecord | None:
        """See `Promises.keep`."""
        return self._settle(promise_id, "kept", by, at=at, anew=anew)

    async def break_(
        self, promise_id: str, why: str, *, at: float, anew: bool = False
    ) -> PromiseRecord | None:
        """See `Promises.break_`."""
        return self._settle(promise_id, "broken", why, at=at, anew=anew)

    async def cancel(
        self, promise_id: str, why: str, *, at: float, anew: bool = False
    ) -> PromiseRecord | None:
        """See `Promises.cancel`."""
        return self._settle(promise_id, "cancelled", why, at=at, anew=anew)

    def _settle(
        self, promise_id: str, state: PromiseState, why: str, *, at: float, anew: bool
    ) -> PromiseRecord | None:
        def work() -> PromiseRecord | None:
            old = promise_rows.read(self._db, promise_id)
            if old is None or (old.state != "open" and not anew):
                return old
            new = structs.replace(old, state=state, settled_at=at, why=why)
            promise_rows.keep(self._db, new)
            return new

        return self._write(work)

    async def ping(self) -> None:
        """See `Promises.ping`."""
        self._try(lambda: self._db.execute("SELECT 1 FROM promises LIMIT 1").fetchall())

    def _write(self, work: Callable[[], _T]) -> _T:
        def whole() -> _T:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                done = work()
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return done

        return self._try(whole)

    def _try(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StoreDown(f"{self._path}: {error}; check the file and its disk") from error
