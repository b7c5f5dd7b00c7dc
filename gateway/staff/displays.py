"""`/staff/display`, `/staff/members`: what customers call somebody of staff, said by them or an admin."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from gateway.context import Desk, DeskOf
from gateway.problems import Problem, not_found
from gateway.staff import pages
from gateway.staff.forgery import fields
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.errors import SettingsError

router = APIRouter(tags=["staff"], include_in_schema=False)
Self = Annotated[Member, Depends(requires(Permission.OWN_SESSIONS))]
Admin = Annotated[Member, Depends(requires(Permission.MEMBERS))]
_HEADERS = {"Cache-Control": "no-store"}


@router.post("/display")
async def mine(request: Request, at: DeskOf, who: Self) -> Response:
    """Customers call who asks `display` from now on; `contact` is what of their own they may give them."""
    await _introduce(request, at, who, who.id)
    return RedirectResponse(pages.HOME, 303, headers=_HEADERS)


@router.get("/members")
async def members(at: DeskOf, who: Admin, session: HeldOf) -> Response:
    """Everybody, with what customers call them."""
    listed = [member for member, _ in await at.staff.members.listed()]
    csrf = session.csrf if session else ""
    return pages.page(at, "members", member=who, members=listed, csrf=csrf)


@router.post("/members/{member_id}/display")
async def theirs(
    request: Request, at: DeskOf, who: Admin, member_id: Annotated[str, Path(pattern=r"^m-[a-z0-9-]{1,60}$")]
) -> Response:
    """As `mine`, for a colleague."""
    await _introduce(request, at, who, member_id)
    return RedirectResponse("/staff/members", 303, headers=_HEADERS)


async def names_of(at: Desk, who: Member) -> tuple[str, ...]:
    """What is no customer's data when a member writes it: names of the team, their own contact."""
    team = [member for member, _ in await at.staff.members.listed()]
    names = {name for each in (*team, who) for name in (each.name, each.display) if name}
    contacts = (each.strip() for each in re.split("[,;]", who.contact))
    return (*sorted(names), *filter(None, contacts))


async def _introduce(request: Request, at: Desk, who: Member, member_id: str) -> None:
    form = await fields(request)
    await at.entries.did(who.actor, "staff_changed", f"display {member_id}")
    try:
        await at.staff.members.introduce(member_id, form.get("display", ""), form.get("contact"))
    except SettingsError as error:
        if await at.staff.members.store.member(member_id) is None:
            raise not_found("member") from None
        raise Problem(422, "invalid-field", "Invalid request", str(error)) from None
