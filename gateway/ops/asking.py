"""What requests to the operators' pages bring: who asks, and the room they need."""

from typing import Annotated

from fastapi import Depends

from gateway.context import DeskOf
from gateway.ops.room import OpsRoom
from gateway.problems import Problem
from gateway.staff.guard import requires
from gateway.staff.roles import Member, Permission

Watcher = Annotated[Member, Depends(requires(Permission.METRICS))]
"""Who may see figures: of health, and of money."""
TraceReader = Annotated[Member, Depends(requires(Permission.TRACES))]
"""Who may see what was said and decided, with personal values closed."""


async def _room(at: DeskOf) -> OpsRoom:
    if at.ops is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without the operators' pages.")
    return at.ops


RoomOf = Annotated[OpsRoom, Depends(_room)]
