"""`/ops`: who takes what comes, what waits, what failed, and which parts answer."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console.render import by_htmx, wants_html
from gateway.context import DeskOf
from gateway.ops import render
from gateway.ops.asking import RoomOf, Watcher
from gateway.ops.looking import Look
from gateway.ops.standing import Standing, standings
from gateway.ops.tracing import Shown
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Permission

router = APIRouter(prefix="/ops", tags=["ops"], route_class=render.OpsRoute)
EVERY_SECONDS = 3
"""How often a page that is looked at asks for news."""


@router.get("")
async def health(request: Request, at: DeskOf, room: RoomOf, who: Watcher, session: HeldOf) -> Response:
    """The health of this installation now; JSON for scripts."""
    look = await room.looks.now()
    if not wants_html(request):
        body = _told(look) | {"traces": room.tracing()}
        return Response(msgspec.json.encode(body), media_type="application/json")
    shown: dict[str, Any] = {
        "look": look,
        "standings": _standings(look),
        "mends": who.may(Permission.DEAD_LETTERS),
        "resting": room.resting(),
        "traces": Shown(room.tracing(), at=look.at),
        "budget": room.budget() if room.budget is not None else None,
        "local": at.settings.model_url.startswith("embedded"),
    }
    if by_htmx(request):
        return render.html("live.html", **shown)
    return render.html("health.html", me=who, session=session, here="health", every=EVERY_SECONDS, **shown)


def _standings(look: Look) -> list[Standing]:
    return standings(look.load) if look.load is not None else []


def _told(look: Look) -> dict[str, Any]:
    services = {
        each.service: {
            "state": each.state,
            "pending": each.pending,
            "in_hand": each.in_hand,
            "redelivered": each.again,
            "consumers": len(each.consumers),
            "taken": each.taken,
        }
        for each in _standings(look)
    }
    return {**msgspec.to_builtins(look), "services": services}
