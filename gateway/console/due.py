"""Follow-ups whose time has come: how many a member's pages show beside the link to them."""

import time

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import Speaker
from gateway.context import Desk, DeskOf
from gateway.staff.roles import Member, Permission
from shared.contracts import ADMINS, QUEUE
from shared.ports import TaskFilter
from shared.routing.queues import routing

router = APIRouter(prefix="/console/due", tags=["console"], route_class=render.PageRoute)


@router.get("")
async def due(request: Request, at: DeskOf, who: Speaker) -> Response:
    """How many are due: for the bar of a page, or as JSON."""
    count = await due_of(at, who)
    if render.wants_html(request):
        return render.html("due.html", due=count)
    return Response(msgspec.json.encode({"due": count}), media_type="application/json")


async def due_of(at: Desk, who: Member) -> int:
    """Open follow-ups that are theirs or whoever's is free, and due by now. Raises `StoreDown`."""
    if at.tasks is None or not who.may(Permission.CONVERSATIONS):
        return 0
    theirs = (who.id, *(f"{QUEUE}{queue}" for queue in routing().queues))
    theirs += (ADMINS,) if who.may(Permission.RIGHTS) else ()
    return await at.tasks.count(TaskFilter(assignees=theirs, due_before=time.time()))
