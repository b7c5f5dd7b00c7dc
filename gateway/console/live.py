"""Keeps open consoles up to date: what changed, who else looks at the case, who types."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from gateway import sse
from gateway.console import render
from gateway.console.asking import CaseId, QueueReader, Speaker
from gateway.console.consoles import Console, seen
from gateway.console.due import is_alarm
from gateway.console.forms import FormOf
from gateway.console.kinds import kinds_in
from gateway.console.queue import raised_for, row_of
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member, Permission
from shared.contracts import OUR_TEAM, CaseChanged, StaffSeen
from shared.errors import BusDown

Doing = Literal["looking", "typing", "left"]
router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False, route_class=render.PageRoute)
_LOOK_SECONDS = 5.0
"""How long a stream may outlive its session."""
SEEN_SECONDS = 20.0
"""Who looks at a case says so again this often; pages forget after twice that."""


@router.get("/live")
async def live(
    request: Request,
    at: DeskOf,
    who: QueueReader,
    session: HeldOf,
    case: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[str, Query(max_length=64)] = "",
    shown: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Events for one page: `case`, `said`, `staff`, `again`; `over` when its session has ended.

    They say what changed and bring the queue's row; the page fetches the rest. First comes `hello`: whether
    something of its `queue` or `case` was told since the page was made (`shown`). A page that slept or lost
    its line fetches what it shows when that comes again, by the cases' versions and the lines' ids, so that
    nothing is missed or there twice.
    """
    about = await find_case(at, case) if case else None
    console = Console(
        by=who.actor,
        name=who.known_as,
        page=page,
        case_id=about.id if about else "",
        conversation_id=about.conversation_id if about else "",
    )
    cookie = request.cookies.get(at.staff.sessions.cookie, "") if session else ""
    return sse.stream(events(at, who, console, cookie, shown), seconds=at.settings.sse_seconds)


@router.post("/cases/{case_id}/typing")
async def typing(at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """They write a reply now; the customer sees it when it is the person who talks with them."""
    del session
    case = await find_case(at, case_id)
    sign = StaffSeen(
        conversation_id=case.conversation_id,
        case_id=case.id,
        by=who.actor,
        name=who.known_as,
        display=who.display or OUR_TEAM[case.language].capitalize(),
        doing="typing",
        heard=case.owner == who.actor,
    )
    with suppress(BusDown):  # a passing sign
        await at.bus.progress(sign)
    return Response(status_code=204)


@router.post("/cases/{case_id}/left")
async def left(at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf) -> Response:
    """A page that goes says so: that its line was cut can take a proxy half a minute to tell.

    `page` is what it named itself to `live`.
    """
    del session
    if not at.consoles.leave(who.actor, form.get("page", "")):
        case = await find_case(at, case_id)
        gone = Console(by=who.actor, name=who.known_as, case_id=case.id, conversation_id=case.conversation_id)
        await _leave(at, gone)
    return Response(status_code=204)


async def events(
    at: Desk, who: Member, console: Console, cookie: str, shown: str = ""
) -> AsyncGenerator[bytes]:
    """Until the session ends, or another page takes this one's place."""

    async def told(change: CaseChanged) -> dict[str, object] | None:
        return await _told(at, change)

    with at.consoles.joined(console, at.hub, told):
        about = console.conversation_id
        missed = {"queue": at.hub.missed(shown), "case": bool(about) and at.hub.missed(shown, about)}
        yield sse.event("hello", missed if shown else {"queue": False, "case": False})
        for other in at.consoles.beside(console):
            yield seen(_at(console, other.by, other.name, "looking"))
        looked = time.monotonic()
        said = 0.0
        try:
            while True:
                if time.monotonic() - said >= SEEN_SECONDS:
                    said = time.monotonic()
                    await _say(at, console, "looking")
                    if at.duty is not None:  # who reads is there, though they press nothing
                        await at.duty.alive(who.id, at=time.time())
                event: bytes | None = b""
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        event = await console.events.get()
                if event is None:
                    return
                if time.monotonic() - looked >= _LOOK_SECONDS:
                    looked = time.monotonic()
                    if cookie and not await _good(at, cookie, who):
                        yield sse.event("over", {})
                        return
                if event:
                    yield event
        finally:
            await _leave(at, console)


async def _good(at: Desk, cookie: str, who: Member) -> bool:
    """Whether the session still stands, and its member may still read the queue."""
    held = await at.staff.sessions.of(cookie, used=False)
    return held is not None and held.member.id == who.id and held.member.may(Permission.QUEUE)


async def _told(at: Desk, change: CaseChanged) -> dict[str, object] | None:
    """What consoles are told of a change: the row of the queue as it is now, empty when the case is gone."""
    cases = at.casework.cases
    case = await (cases.case(change.case_id) if change.case_id else cases.of(change.conversation_id))
    if case is None and not change.case_id:
        return None
    row = ""
    if case:
        line = row_of(case)
        row = render.part("row.html", "row_of", line, time.time(), kinds=await kinds_in(at, line.about))
    return {
        "id": case.id if case else change.case_id,
        "conversation": change.conversation_id,
        "version": case.version if case else change.version,
        "kind": change.kind,
        "by": change.by,
        "raised": raised_for(case) if case else "",
        "alarm": case is not None and is_alarm(case),
        "row": row,
    }


def _at(console: Console, by: str, name: str, doing: Doing) -> StaffSeen:
    return StaffSeen(
        conversation_id=console.conversation_id, case_id=console.case_id, by=by, name=name, doing=doing
    )


async def _leave(at: Desk, console: Console) -> None:
    """They are gone, unless another page of theirs is there."""
    if at.consoles.last(console):
        await _say(at, console, "left")


async def _say(at: Desk, console: Console, doing: Doing) -> None:
    if not console.case_id:
        return
    with suppress(BusDown):  # a passing sign
        await at.bus.progress(_at(console, console.by, console.name, doing))
