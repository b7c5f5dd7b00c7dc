"""Cases in the conversation store's SQLite file, by a connection of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from shared.adapters.sqlite import case_rows as rows
from shared.adapters.sqlite import queue_place
from shared.adapters.sqlite.room import Room
from shared.contracts import Case, CaseAbsorbed, CaseEvent, CaseMerged, CaseOpened
from shared.errors import NotNow, StoreDown
from shared.ports import CaseFilter, CasePlace, Numbered


@asynccontextmanager
async def open_cases(path: Path) -> AsyncIterator["SqliteCases"]:
    """The cases in the store at `path`, which `open_store` has made."""
    cases = await asyncio.to_thread(SqliteCases, path)
    try:
        yield cases
    finally:
        cases.close()


class SqliteCases(Room):
    """A `CaseStore` on SQLite; each event is one transaction of well under a millisecond."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "cases")

    async def open(self, event: CaseOpened) -> Case:
        """Open a case, or give back the one that the conversation has open."""
        given = self._write(lambda: rows.open_case(self._db, event))
        found = await self.case(given.id)
        if found is None:
            raise StoreDown(f"{self._path}: case {given.id} was erased just now; look again")
        return found

    async def append(
        self, case_id: str, event: CaseEvent, *, version: int | None = None, most: int | None = None
    ) -> Case:
        """See `CaseStore.append`."""

        def write() -> Case:
            case = self._one(case_id)
            turn_id = getattr(event, "turn_id", "")
            if isinstance(event, rows.TOLD_BY_TURN) and rows.happened(self._db, case_id, turn_id):
                return case
            if version is not None and case.version != version:
                raise NotNow("changed", "something happened to this case meanwhile; look at it again")
            if most is not None and rows.loads(self._db).get(event.by, 0) >= most:
                raise NotNow("full", f"{event.by} has {most} cases already; give it to somebody else")
            return rows.append(self._db, case, event)

        return self._write(write)

    async def merge(self, case_id: str, event: CaseMerged, absorbed: CaseAbsorbed) -> tuple[Case, Case]:
        """See `CaseStore.merge`."""

        def write() -> tuple[Case, Case]:
            closing = rows.append(self._db, self._one(case_id), event)
            return closing, rows.append(self._db, self._one(event.into), absorbed)

        return self._write(write)

    def _one(self, case_id: str) -> Case:
        case = rows.case_of_id(self._db, case_id)
        if case is None:
            raise NotNow("unknown", f"there is no case {case_id[:60]!r}; it may have been erased")
        return case

    async def case(self, case_id: str) -> Case | None:
        """See `CaseStore.case`."""
        return self._try(lambda: rows.case_of_id(self._db, case_id))

    async def of(self, conversation_id: str) -> Case | None:
        """See `CaseStore.of`."""
        return self._try(lambda: rows.last_case_of(self._db, conversation_id))

    async def events(self, conversation_id: str, *, case_id: str = "", after: int = 0) -> Sequence[Numbered]:
        """See `CaseStore.events`."""
        return self._try(lambda: rows.events_of(self._db, conversation_id, case_id=case_id, after=after))

    async def page(
        self, which: CaseFilter, *, after: CasePlace | None = None, limit: int = 50
    ) -> Sequence[Case]:
        """See `CaseStore.page`."""
        tests: list[str] = ["1"]
        values: list[object] = []
        for column, wanted in (
            ("phase", which.phases), ("queue", which.queues), ("language", which.languages),
            ("owner", (which.owner,) if which.owner else ()),
        ):  # fmt: skip
            if wanted:
                tests.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        if which.due_before:
            tests.append("due_at < ? AND phase IN ('waiting', 'person')")
            values.append(which.due_before)
        if after is not None:
            tests.append("(rank, opened_at, id) > (?, ?, ?)")
        place = (after.rank, after.opened_at, after.id) if after else ()
        statement = (
            f"SELECT record FROM cases WHERE {' AND '.join(tests)}"  # noqa: S608  columns are ours, above
            " ORDER BY rank, opened_at, id LIMIT ?"
        )
        found = self._try(lambda: self._db.execute(statement, (*values, *place, limit)).fetchall())
        return [rows.read_case(record) for (record,) in found]

    async def position(self, case_id: str) -> int:
        """See `CaseStore.position`."""
        return self._try(lambda: queue_place.place_of(self._db, case_id))

    async def loads(self) -> Mapping[str, int]:
        """See `CaseStore.loads`."""
        return self._try(lambda: rows.loads(self._db))

    async def handling(self, queue: str, *, limit: int = 30) -> Sequence[float]:
        """See `CaseStore.handling`."""
        return self._try(lambda: rows.handling(self._db, queue, limit=limit))

    async def untold(self, *, before: float, limit: int = 100) -> Sequence[Numbered]:
        """See `CaseStore.untold`."""
        statement = "SELECT n, case_id, body FROM case_events WHERE told = 0 AND at <= ? ORDER BY at LIMIT ?"
        found = self._try(lambda: self._db.execute(statement, (before, limit)).fetchall())
        return [rows.numbered(*row) for row in found]

    async def mark_told(self, case_id: str, turn_id: str) -> None:
        """See `CaseStore.mark_told`."""
        statement = "UPDATE case_events SET told = 1 WHERE case_id = ? AND turn_id = ?"
        self._try(lambda: self._db.execute(statement, (case_id, turn_id)))

    async def unmirrored(self, *, limit: int = 100) -> Sequence[tuple[str, Numbered]]:
        """See `CaseStore.unmirrored`."""
        # By number, not by case: one with many events, whose ticket is broken, leaves room for others.
        statement = (
            "SELECT t.ticket, e.n, e.case_id, e.body FROM case_events AS e JOIN tickets AS t USING (case_id)"
            " WHERE e.mirrored = 0 ORDER BY e.n, e.case_id LIMIT ?"
        )
        found = self._try(lambda: self._db.execute(statement, (limit,)).fetchall())
        return [(ticket, rows.numbered(*row)) for ticket, *row in found]

    async def mark_mirrored(self, case_id: str, n: int) -> None:
        """See `CaseStore.mark_mirrored`."""
        statement = "UPDATE case_events SET mirrored = 1 WHERE case_id = ? AND n = ?"
        self._try(lambda: self._db.execute(statement, (case_id, n)))
