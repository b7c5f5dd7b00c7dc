"""`/staff/availability`: whether a member can be given cases now, in which languages, with which skills.

The form is a template that any page of staff includes, with `static/availability.js`; asking now and then is
the sign of life that keeps a member on duty. Scripts ask for JSON.
"""

import time
from typing import Annotated, Any, cast, get_args
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from gateway.context import Desk, DeskOf
from gateway.problems import Problem, not_found
from gateway.staff import pages
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.contracts import LANGUAGES, Language
from shared.ports import Duty, DutyState, DutyStore
from shared.routing.queues import routing
from shared.routing.waiting import ALIVE_SECONDS

router = APIRouter(prefix="/staff/availability", tags=["staff"])
Agent = Annotated[Member, Depends(requires(Permission.QUEUE))]
STATES: tuple[DutyState, ...] = get_args(DutyState)
_MOST_FIELDS = 60


@router.get("")
async def availability(request: Request, at: DeskOf, who: Agent, session: HeldOf) -> Response:
    """How it stands for who asks: the form, or JSON with who else is there."""
    said = await _duty(at).duty(who.id)
    if said is None:
        raise not_found("member")
    return await _told(request, at, said, csrf=session.csrf if session else "")


@router.post("")
async def change(request: Request, at: DeskOf, who: Agent, session: HeldOf) -> Response:
    """Say `state` (available, away, off); `language` and `skill`, each as often as needed, replace the old.

    A form without any language says nothing of languages: `languages=1` beside none says that there is none.
    """
    try:
        given = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _invalid(f"the form: has more than {_MOST_FIELDS} fields; send fewer") from None
    state = given.get("state", [""])[-1]
    if state not in STATES:
        raise _invalid(f"state={state[:20]!r}: is none; say available, away or off")
    languages = _some(given, "language", LANGUAGES)
    if languages == ():
        raise _invalid("language: name at least one of en, fr, es; nobody could be helped in none")
    said = await _duty(at).say(
        who.id,
        state,
        at=time.time(),
        languages=cast("tuple[Language, ...] | None", languages),
        skills=_some(given, "skill", tuple(sorted(routing().skills))),
    )
    if said is None:
        raise not_found("member")
    if "text/html" in request.headers.get("accept", "") and "x-csrf-token" not in request.headers:
        return RedirectResponse(pages.HOME, 303, headers={"Cache-Control": "no-store"})
    return await _told(request, at, said, csrf=session.csrf if session else "")


async def sign_off(at: Desk, who: Member, *, everywhere: bool = False) -> None:
    """Who has signed out of their last browser is off duty."""
    if at.duty is None or (not everywhere and await at.staff.sessions.others(who)):
        return
    said = await at.duty.duty(who.id)
    if said is not None and said.state != "off":
        await at.duty.say(who.id, "off", at=time.time())


def shown(said: Duty) -> dict[str, Any]:
    """What the piece of page needs of a member."""
    return {
        "duty": said,
        "states": STATES,
        "languages": LANGUAGES,
        "skills": sorted(routing().skills),
    }


async def _told(request: Request, at: Desk, said: Duty, *, csrf: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        others = await _duty(at).on_duty(since=time.time() - ALIVE_SECONDS)
        body = {"me": _json(said), "on_duty": [_json(each) for each in others]}
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)
    return pages.page(at, "_availability", csrf=csrf, **shown(said))


def _json(said: Duty) -> dict[str, Any]:
    return {
        "id": said.member_id,
        "name": said.name,
        "state": said.state,
        "languages": said.languages,
        "skills": said.skills,
        "since": said.since,
    }


def _some(given: dict[str, list[str]], name: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    """What was ticked; None when the form does not speak of it."""
    if name not in given and f"{name}s" not in given:
        return None
    ticked = given.get(name, [])
    if strange := [each for each in ticked if each not in known]:
        said = ", ".join(known) or "none: no queue asks for any"
        raise _invalid(f"{name}={strange[0][:40]!r}: is not known; it may be {said}")
    return tuple(ticked)


def _duty(at: Desk) -> DutyStore:
    if at.duty is None:
        raise not_found("duty")
    return at.duty


def _invalid(detail: str) -> Problem:
    return Problem(422, "invalid-field", "Invalid request", detail)
