"""The queue of conversations that wait for a person, as JSON; its page comes with the console."""

import msgspec
from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.context import DeskOf
from gateway.staff.guard import requires
from gateway.staff.roles import Permission

router = APIRouter(prefix="/console", tags=["console"])


@router.get("", include_in_schema=False, dependencies=[Depends(requires(Permission.QUEUE))])
@router.get("/queue", dependencies=[Depends(requires(Permission.QUEUE))])
async def queue(at: DeskOf) -> Response:
    """Who waits, the most urgent first; personal values stay tokens here, the ticket shows them."""
    waiting = await at.store.waiting()
    return Response(msgspec.json.encode({"waiting": waiting}), media_type="application/json")
