"""Looks up what is needed to say how long somebody waits."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.contracts import Case
from shared.ports import CaseStore, DutyStore
from shared.routing.queues import Routing
from shared.routing.waiting import ALIVE_SECONDS, Floor, Outlook, outlook


@dataclass(frozen=True)
class Outlooks:
    """How it stands for who waits. Every method raises `StoreDown`."""

    cases: CaseStore
    duty: DutyStore
    routing: Routing
    now: Callable[[], float]

    async def of(self, case: Case) -> Outlook | None:
        """For this case at its place; None when it does not wait."""
        place = await self.cases.position(case.id)
        if not place:
            return None
        return outlook(case, place, self.routing.queue(case.queue), await self.floor(case.queue))

    async def floor(self, queue: str) -> Floor:
        """Who works now, for cases of this queue."""
        now = self.now()
        return Floor(
            now=now,
            staff=await self.duty.on_duty(since=now - ALIVE_SECONDS),
            loads=await self.cases.loads(),
            handling=await self.cases.handling(queue),
        )
