"""Hand-overs, members and a running conversation with its cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.casework import Casework
from gateway.staff.roles import Member
from shared import contracts as c
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from tests.clock import Clock
from tests.conversation.desk import Answering, Desk, running

EMMA = Member(id="m-emma", name="Emma", role="agent", display="Emma")
NOAH = Member(id="m-noah", name="Noah", role="agent", display="Noah")


def hand_over(
    name: str = "h-1", conversation: str = "c-1", *, priority: c.Priority = "normal", at: float = 100.0
) -> c.HandOver:
    """A hand-over that waits in the support queue."""
    return c.HandOver(
        id=name,
        conversation_id=conversation,
        reason="asked_for_person",
        priority=priority,
        queue="support",
        opened_at=at,
        sla_due_at=at + 3600,
        position=0,
        packet=c.Packet(
            summary="",
            facts=(),
            tried=(),
            promised=(),
            suggested_reply="",
            sentiment="neutral",
            language="en",
        ),
    )


def opened(given: c.HandOver | None = None) -> c.CaseOpened:
    """The event that opens it."""
    given = given or hand_over()
    return c.CaseOpened(at=given.opened_at, by="bot", hand_over=given)


@dataclass
class Support:
    """A conversation, its cases, and staff who work on them."""

    desk: Desk
    cases: SqliteCases
    work: Casework
    clock: Clock

    async def case(self, conversation: str = "c-1") -> c.Case:
        """The conversation's case."""
        found = await self.cases.of(conversation)
        assert found is not None
        return found

    async def lines(self, conversation: str = "c-1") -> list[tuple[str, str]]:
        """Who said what, as the customer's page shows it."""
        stored = await self.desk.service.steps.store.read(conversation)
        return [(line.who, line.text) for line in (stored.messages if stored else ())]


@asynccontextmanager
async def support(
    tmp_path: Path, answers: dict[Any, Answering] | None = None, clock: Clock | None = None
) -> AsyncIterator[Support]:
    """Everything in one process, on the in-process bus and a real store."""
    clock = clock or Clock()
    async with running(tmp_path, answers or {}, clock) as desk, open_cases(tmp_path / "desk.db") as cases:
        yield Support(desk, cases, Casework(cases, desk.bus, now=clock.now), clock)
