"""The leads' wall: who waits, what is at risk, who carries how much, how the day went."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import Lead
from gateway.console.due import due_of
from gateway.context import DeskOf
from gateway.problems import Problem
from shared.ports import Duty
from shared.ports.duty import DutyState
from shared.routing.waiting import ALIVE_SECONDS


@dataclass(frozen=True)
class Person:
    """One of staff, as they said of themselves whether they take new cases, and how many they have."""

    name: str
    state: DutyState
    cases: int


router = APIRouter(prefix="/console/wall", tags=["console"], route_class=render.PageRoute)
Window = Literal["1h", "24h", "7d"]
_SECONDS: dict[str, float] = {"1h": 3600.0, "24h": 86_400.0, "7d": 7 * 86_400.0}


@router.get("")
async def wall(
    request: Request, at: DeskOf, who: Lead, window: Annotated[Window, Query()] = "24h"
) -> Response:
    """Now, and since the window began; JSON for screens of one's own."""
    if at.measures is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without figures.")
    now = time.time()
    figures = await at.measures.figures(since=now - _SECONDS[window], now=now)
    staff = await at.duty.on_duty(since=now - ALIVE_SECONDS) if at.duty else ()
    if not render.wants_html(request):
        body = msgspec.to_builtins(figures) | {"automation": figures.automation, "csat": figures.csat}
        body["on_duty"] = [{"name": each.name, "state": each.state} for each in staff]
        return Response(msgspec.json.encode(body), media_type="application/json")
    return render.html(
        "wall.html",
        me=who,
        figures=figures,
        people=people(staff, figures.loads),
        due=await due_of(at, who),
        window=window,
        windows=tuple(_SECONDS),
        shop=at.settings.shop_name,
        at_work=at_work,
        spoken=spoken,
    )


def people(staff: Sequence[Duty], loads: Mapping[str, tuple[str, int]]) -> list[Person]:
    """Who is there or has cases, the most first: who works on one need not be free for another."""
    there = {each.actor: Person(each.name, each.state, 0) for each in staff}
    for owner, (name, count) in loads.items():
        if name:  # a case without one is the helpdesk's
            state = there[owner].state if owner in there else "off"
            there[owner] = Person(name, state, count)
    return sorted(there.values(), key=lambda each: (-each.cases, each.name))


def at_work(staff: Sequence[Person]) -> str:
    """Both in one line: `2 at work on cases, nobody takes new ones`."""
    busy = sum(each.cases > 0 for each in staff)
    free = sum(each.state == "available" for each in staff)
    working = f"{busy} at work on cases" if busy else "Nobody is at work on a case"
    takes = "nobody takes" if not free else "1 takes" if free == 1 else f"{free} take"
    return f"{working}, {takes} new ones."


def spoken(seconds: float) -> str:
    """A time as people say it: the two largest units."""
    left = max(0, int(seconds))  # of a machine whose clock is ahead of ours
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
