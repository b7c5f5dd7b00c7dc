"""What every page of the console tells beside its own matter: what is due, and what cannot wait."""

import time
from dataclasses import dataclass

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import QueueReader, Speaker
from gateway.context import Desk, DeskOf
from gateway.staff.roles import Member, Permission
from shared.contracts import ADMINS, QUEUE, Case
from shared.hand_over import told_of
from shared.ports import CaseFilter, TaskFilter
from shared.routing.queues import routing

router = APIRouter(prefix="/console/due", tags=["console"], route_class=render.PageRoute)
_MOST_ALARMS = 3


@dataclass(frozen=True)
class Alarm:
    """An urgent case that nobody has taken, and what its customer told of."""

    case_id: str
    told: str


@dataclass(frozen=True)
class Due:
    """Follow-ups to count beside the link to them; `more`: more alarms wait than a page shows."""

    follow_ups: int = 0
    alarms: tuple[Alarm, ...] = ()
    more: bool = False


@router.get("")
async def due(request: Request, at: DeskOf, who: Speaker) -> Response:
    """How many follow-ups are due: for the bar of a page, or as JSON."""
    count = await _follow_ups(at, who)
    if render.wants_html(request):
        return render.html("due.html", due=Due(follow_ups=count))
    return Response(msgspec.json.encode({"due": count}), media_type="application/json")


@router.get("/alarms", include_in_schema=False)
async def alarms(at: DeskOf, who: QueueReader) -> Response:
    """The line of what cannot wait, to keep a page's own up to date."""
    return render.html("alarms.html", due=await _alarms(at, who))


async def due_of(at: Desk, who: Member) -> Due:
    """What is due for them by now. Raises `StoreDown`."""
    found = await _alarms(at, who)
    return Due(follow_ups=await _follow_ups(at, who), alarms=found.alarms, more=found.more)


def is_alarm(case: Case) -> bool:
    """Whether it stands over every page: it is urgent, and nobody has taken it."""
    return case.phase == "waiting" and case.priority == "urgent"


async def _alarms(at: Desk, who: Member) -> Due:
    if not who.may(Permission.QUEUE):
        return Due()
    # The urgent come first, so one short page has them.
    found = await at.casework.cases.page(CaseFilter(phases=("waiting",)), limit=_MOST_ALARMS + 1)
    urgent = [Alarm(case.id, _told(case)) for case in found if is_alarm(case)]
    return Due(alarms=tuple(urgent[:_MOST_ALARMS]), more=len(urgent) > _MOST_ALARMS)


def _told(case: Case) -> str:
    told = [told_of(reason) for reason in case.reasons if routing().raises(reason)]
    return f"A customer tells of {', '.join(told)}" if told else "An urgent customer waits"


async def _follow_ups(at: Desk, who: Member) -> int:
    """Open ones that are theirs or whoever's is free."""
    if at.tasks is None or not who.may(Permission.CONVERSATIONS):
        return 0
    theirs = (who.id, *(f"{QUEUE}{queue}" for queue in routing().queues))
    theirs += (ADMINS,) if who.may(Permission.RIGHTS) else ()
    return await at.tasks.count(TaskFilter(assignees=theirs, due_before=time.time()))
