"""The ledger of promises in the conversation store's file, so that a conversation is erased with them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import structs

from shared.adapters.sqlite import promise_rows, rights
from shared.adapters.sqlite.room import Room
from shared.contracts import PromiseRecord, PromiseState
from shared.ports.promises import PromiseFilter, PromisePlace


@asynccontextmanager
async def open_promises(path: Path) -> AsyncIterator["SqlitePromises"]:
    """The promises in the file at `path`, made when absent; several processes may open it."""
    promises = await asyncio.to_thread(SqlitePromises, path)
    try:
        yield promises
    finally:
        promises.close()


class SqlitePromises(Room):
    """The `Promises` port. A power cut may lose the last writes: a promise of that moment is not tracked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "promises", schema=rights.SCHEMA + promise_rows.SCHEMA)

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
