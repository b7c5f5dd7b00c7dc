"""What the reply box of a case needs."""

from typing import Any

from gateway.casework import new_turn
from gateway.context import Desk
from gateway.staff.roles import Member
from shared.contracts import Case


async def composer(at: Desk, who: Member, case: Case) -> dict[str, Any]:
    """What composer.html shows as `composer`: may they speak, and the id that makes a form count once."""
    del at
    return {"turn_id": new_turn(), "mine": case.owner == who.actor}
