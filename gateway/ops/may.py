"""`/ops/may`: whether who looks at a page of the shop may open explanations, so that it shows the way."""

from fastapi import APIRouter

from gateway.staff.guard import HeldOf
from gateway.staff.roles import Permission

router = APIRouter(prefix="/ops", tags=["ops"], include_in_schema=False)


@router.get("/may")
async def may(session: HeldOf) -> dict[str, bool]:
    """False for customers and strangers too: no page of theirs shall show an error for it."""
    return {"explain": session is not None and session.member.may(Permission.TRACES)}
