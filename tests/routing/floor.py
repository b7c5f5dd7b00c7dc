"""A shop's floor for tests: queues, staff on duty, cases, and what the clock does to them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.casework import Casework
from gateway.dispatch import Dispatch
from gateway.staff.roles import Member
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.duty import SqliteDuty, open_duty
from shared.adapters.sqlite.staff import open_staff
from shared.adapters.sqlite.store import open_store
from shared.ports import CaseFilter, StaffMember
from shared.routing.queue_file import Route, Step
from shared.routing.queues import Queue, Routing
from tests.cases.examples import hand_over, opened
from tests.clock import Clock
from tests.routing.test_calendar import SUPPORT, eastern

HOUR = 3600.0
MORNING = eastern("2026-11-20T10:00")
FIRST_ANSWER: dict[c.Priority, float] = {
    "urgent": HOUR,
    "high": 4 * HOUR,
    "normal": 8 * HOUR,
    "low": 24 * HOUR,
}
STEPS = (Step(after_minutes=30, priority="high"), Step(after_minutes=60, queue="leads"))
ANA, LEE = Member(id="m-ana", name="Ana", role="agent"), Member(id="m-lee", name="Lee", role="agent")


def queues(**more: Any) -> Routing:
    """Support is given to the least busy and moves on to the leads after an hour; they work by hand."""
    given = {"assignment": "least_busy", "most": 2, "escalate": STEPS, **more}
    support = Queue("support", SUPPORT, FIRST_ANSWER, **given)
    leads = Queue("leads", SUPPORT, FIRST_ANSWER)
    return Routing({"support": support, "leads": leads}, {"other": Route("support", "normal")})


@dataclass
class Floor:
    """One process of the gateway, as far as cases and staff go."""

    cases: SqliteCases
    duty: SqliteDuty
    dispatch: Dispatch
    clock: Clock

    @property
    def work(self) -> Casework:
        """What staff do here."""
        return self.dispatch.casework

    async def arrive(self, name: str, **more: Any) -> c.Case:
        """Somebody asks for a person."""
        self.clock.at += 1
        given = hand_over(f"h-{name}", f"c-{name}", at=self.clock.at, **more)
        return await self.cases.open(opened(given))

    async def comes(self, *members: Member, **more: Any) -> None:
        """They say that they are available."""
        for each in members:
            await self.duty.say(each.id, "available", at=self.clock.at, **more)

    async def after(self, minutes: float, *there: Member) -> int:
        """Time passes, in which the browsers of these members are open; what the clock did then."""
        self.clock.at += minutes * 60
        for each in there:
            said = await self.duty.duty(each.id)
            if said is not None:
                await self.duty.say(each.id, said.state, at=self.clock.at)
        return await self.dispatch.run()

    async def owners(self) -> dict[str, str]:
        """Every case by its customer's name, with whose it is."""
        found = {}
        for case in await self.cases.page(CaseFilter()):
            found[case.conversation_id.removeprefix("c-")] = case.owner_name or case.phase
        return found

    async def story(self, name: str) -> list[str]:
        """What happened to a case, as staff read it."""
        kept = await self.cases.events(f"c-{name}")
        return [_told(each.event) for each in kept]


@asynccontextmanager
async def floors(
    tmp_path: Path, routing: Routing | None = None, *, processes: int = 1
) -> AsyncIterator[list[Floor]]:
    """So many processes over the same stores, on a Friday morning."""
    clock, bus = Clock(MORNING), MemoryBus()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_store(tmp_path / "desk.db"))
        staff = await stack.enter_async_context(open_staff(tmp_path / "staff.db"))
        await staff.begin_with([StaffMember(id=m.id, name=m.name, role=m.role) for m in (ANA, LEE)])
        made = []
        for _ in range(processes):
            cases = await stack.enter_async_context(open_cases(tmp_path / "desk.db"))
            duty = await stack.enter_async_context(open_duty(tmp_path / "staff.db"))
            work = Casework(cases, bus, now=clock.now)
            made.append(Floor(cases, duty, Dispatch(work, duty, routing or queues()), clock))
        yield made


def _told(event: c.CaseEvent) -> str:
    match event:
        case c.CaseMoved():
            return f"{event.by} moved it to {event.queue}, {event.priority} ({event.why} {event.waited} min)"
        case c.CaseReleased():
            return f"{event.by} released it: {event.why}"
        case c.CaseClaimed():
            return f"{event.name} has it"
        case _:
            return type(event).__name__
