"""Counts how the day goes in the conversation store's file, in a thread and by a connection of its own."""

import asyncio
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from shared.adapters.sqlite import case_rows
from shared.adapters.sqlite.gaps import page as gap_page
from shared.adapters.sqlite.opening import open_shared
from shared.cases import answer_due
from shared.contracts import Case
from shared.errors import StoreDown
from shared.ports.measures import NOTHING, Figures, Spread, Waiting
from shared.routing.queues import routing
from shared.routing.waiting import at_risk

_GAPS = 5
_T = TypeVar("_T")


@asynccontextmanager
async def open_measures(path: Path) -> AsyncIterator["SqliteMeasures"]:
    """Over the store at `path`, which `open_store` has made."""
    try:
        db = await asyncio.to_thread(open_shared, path, patience=5.0, same_thread=False)
    except (sqlite3.Error, OSError) as error:
        raise StoreDown(f"{path}: cannot open the store to count: {error}; check DATA_DIR") from error
    try:
        yield SqliteMeasures(db)
    finally:
        db.close()


class SqliteMeasures:
    """The `Measures` port."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one = asyncio.Lock()

    async def figures(self, *, since: float, now: float) -> Figures:
        """See `Measures.figures`."""
        return await self._counted(lambda: self._figures(since, now))

    async def queues(self, *, now: float) -> Sequence[Waiting]:
        """See `Measures.queues`."""
        return await self._counted(lambda: _queues(self._cases("open = 1"), now))

    async def _counted(self, work: Callable[[], _T]) -> _T:
        try:
            async with self._one:
                return await asyncio.to_thread(work)
        except sqlite3.Error as error:
            raise StoreDown(f"the store cannot be counted: {error}; look again in a moment") from error

    def _figures(self, since: float, now: float) -> Figures:
        current = self._cases("open = 1")
        recent = self._cases("opened_at >= ?", since)
        ended = [case for case in self._cases("open = 0") if case.ended_at >= since]
        conversations, automated = self._db.execute(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE id NOT IN (SELECT conversation_id FROM cases WHERE"
            " opened_at >= ?)) FROM conversations WHERE updated_at >= ?",
            (since, since),
        ).fetchone()
        good, rated = self._ratings(since)
        answered = [case.first_spoke_at - case.opened_at for case in recent if case.first_spoke_at]
        return Figures(
            conversations=conversations,
            automated=automated,
            first_response=spread(answered),
            resolution=spread([case.ended_at - case.opened_at for case in ended]),
            good=good,
            rated=rated,
            queues=_queues(current, now),
            loads=_loads(current),
            reasons=dict(Counter(case.hand_over.reason for case in recent).most_common()),
            outcomes=dict(Counter(case.outcome for case in ended if case.outcome).most_common()),
            gaps=[
                (gap.question, gap.asked)
                for gap in gap_page(self._db, status="open", language=None, after=None, limit=_GAPS)
            ],
        )

    def _cases(self, which: str, *values: float) -> list[Case]:
        statement = f"SELECT record FROM cases WHERE {which}"  # noqa: S608  ours, above
        return [case_rows.read_case(record) for (record,) in self._db.execute(statement, values)]

    def _ratings(self, since: float) -> tuple[int, int]:
        """Thumbs on the turn that said a case is closed."""
        found = self._db.execute(
            "SELECT f.body FROM feedback AS f JOIN case_events AS e ON e.turn_id = f.turn_id"
            " AND e.conversation_id = f.conversation_id WHERE f.given_at >= ?",
            (since,),
        ).fetchall()
        ratings = [case_rows.read_feedback(body).rating for (body,) in found]
        return ratings.count("up"), len(ratings)


def spread(seconds: Sequence[float]) -> Spread:
    """The middle and the ninth tenth, by nearest rank."""
    if not seconds:
        return NOTHING
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(len(ordered), rank(0.5), rank(0.9))


def _queues(cases: Sequence[Case], now: float) -> list[Waiting]:
    by_queue: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_queue[case.queue].append(case)
    return [
        Waiting(
            queue=queue,
            waiting=sum(case.phase == "waiting" for case in its),
            with_person=sum(case.phase == "person" for case in its),
            at_risk=sum(at_risk(case, routing().queue(queue), now) for case in its),
            overdue=sum(answer_due(case) and case.due_at < now for case in its),
            longest=max((now - case.opened_at for case in its if case.phase == "waiting"), default=0.0),
        )
        for queue, its in sorted(by_queue.items())
    ]


def _loads(cases: Sequence[Case]) -> dict[str, tuple[str, int]]:
    owners = Counter((case.owner, case.owner_name) for case in cases if case.owner)
    return {owner: (name, count) for (owner, name), count in owners.most_common()}
