"""What the clock does to cases: takes back, moves on, gives to members; any process may, one of them does."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.casework import Casework, new_turn
from shared import contracts as c
from shared.cases import CLOCK
from shared.errors import NotNow
from shared.ports import CaseFilter, CasePlace, Duty, DutyStore
from shared.routing.choosing import is_silent, move, whom
from shared.routing.queues import Routing
from shared.routing.waiting import ALIVE_SECONDS

_LOG = logging.getLogger("answerdesk.gateway")
_PAGE = 200
_MOST_PAGES = 50
"""A queue of ten thousand is looked at from its head."""


@dataclass(frozen=True)
class Dispatch:
    """One look at every open case. Nothing is remembered between two: a restart forgets no timer.

    Each act holds only if nothing else happened to the case since it was looked at, so that of two processes
    that look at once one acts.
    """

    casework: Casework
    duty: DutyStore
    routing: Routing

    async def run(self) -> int:
        """Do what is due; how many acts there were. Raises `StoreDown`."""
        staff = list(await self.duty.on_duty(since=self.casework.now() - ALIVE_SECONDS))
        acts = 0
        async for case in self._cases("person"):
            acts += await self._take_back(case, staff)
        loads = dict(await self.casework.cases.loads())
        async for case in self._cases("waiting"):
            moved = await self._move_on(case)
            given = await self._give(moved or case, staff, loads)
            acts += bool(moved) + given
        return acts

    async def _take_back(self, case: c.Case, staff: list[Duty]) -> bool:
        now = self.casework.now()
        if not is_silent(case, self.routing, now):
            return False
        released = c.CaseReleased(at=now, by=CLOCK, why="silent")
        if await self._act(case, released) is None:
            return False
        # Whoever does not look up is not there, whatever their browser says: nobody else shall wait for them.
        owner = next((n for n, each in enumerate(staff) if each.actor == case.owner), None)
        if owner is not None and staff[owner].state == "available":
            gone = await self.duty.say(staff[owner].member_id, "away", at=now)
            staff[owner : owner + 1] = [gone] if gone else []
        return True

    async def _move_on(self, case: c.Case) -> c.Case | None:
        now = self.casework.now()
        to = move(case, self.routing, now)
        if to is None:
            return None
        moved = c.CaseMoved(
            at=now, by=CLOCK, queue=to.queue, priority=to.priority, due_at=to.due_at,
            why="waiting", waited=to.waited,
        )  # fmt: skip
        return await self._act(case, moved)

    async def _give(self, case: c.Case, staff: list[Duty], loads: dict[str, int]) -> bool:
        queue, now = self.routing.queue(case.queue), self.casework.now()
        if not queue.calendar.is_open(now):
            return False
        member = whom(case, queue, staff, loads)
        if member is None:
            return False
        claimed = c.CaseClaimed(
            at=now, by=member.actor, name=member.name, display=member.display, turn_id=new_turn()
        )
        if await self._act(case, claimed, most=queue.most) is None:
            return False
        loads[member.actor] = loads.get(member.actor, 0) + 1
        await self.duty.given(member.member_id, at=now)
        said = await self.duty.duty(member.member_id)
        staff[staff.index(member)] = said or member
        return True

    async def _act(self, case: c.Case, event: c.CaseEvent, *, most: int | None = None) -> c.Case | None:
        try:
            return await self.casework.by_house(case.id, event, version=case.version, most=most)
        except NotNow as error:
            _LOG.debug("case %s changed meanwhile: %s", case.id, error)
            return None

    async def _cases(self, phase: c.Phase) -> AsyncIterator[c.Case]:
        after: CasePlace | None = None
        for _ in range(_MOST_PAGES):
            page = await self.casework.cases.page(CaseFilter(phases=(phase,)), after=after, limit=_PAGE)
            for case in page:
                yield case
            if len(page) < _PAGE:
                return
            last = page[-1]
            after = CasePlace(c.RANK[last.priority], last.opened_at, last.id)
