"""What the pane of customer and facts shows."""

from typing import Any

from gateway.context import Desk
from gateway.staff.roles import Member
from shared.contracts import Case


async def customer_pane(at: Desk, who: Member, case: Case) -> dict[str, Any]:
    """What customer.html shows as `customer`: what the bot handed over."""
    del at, who
    return {"packet": case.hand_over.packet}
