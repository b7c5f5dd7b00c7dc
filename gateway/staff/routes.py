"""`/staff`: sign in with a password or at the identity provider, see one's sessions, sign out."""

import logging
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.access import RULES
from gateway.context import Desk, DeskOf
from gateway.doors import address_of, group_of
from gateway.limits import Rule
from gateway.problems import Problem, not_found
from gateway.staff import displays, pages
from gateway.staff.availability import shown, sign_off
from gateway.staff.forgery import fields, from_own_page
from gateway.staff.guard import HeldOf, check_password, requires
from gateway.staff.oidc import FLOW_SECONDS, NoRole, SignInFailed
from gateway.staff.roles import ALLOWED, Member, Permission
from gateway.ways import rooms
from shared.errors import VendorDown, VendorRefused

_LOG = logging.getLogger("answerdesk.gateway")


async def _in_turn(request: Request, at: DeskOf) -> None:
    group = group_of(address_of(request))
    await at.limits.take(Rule("address", group, at.settings.rate_address_per_minute))


router = APIRouter(prefix="/staff", tags=["staff"], dependencies=[Depends(_in_turn)])
router.include_router(displays.router)
Self = Annotated[Member, Depends(requires(Permission.OWN_SESSIONS))]
Next = Annotated[str, Query(alias="next", max_length=300)]
_ROOMS = {rule for rule in RULES.values() if isinstance(rule, Permission)} - {Permission.OWN_SESSIONS}
_AGAIN = "Open the sign-in page anew and try again there."


@router.get("/sign-in", include_in_schema=False)
async def sign_in_page(at: DeskOf, session: HeldOf, onward: Next = "") -> Response:
    """The form, or the way to the identity provider."""
    if session is not None:
        return _go(pages.onward(onward))
    return _form(at, onward)


@router.post("/sign-in", include_in_schema=False)
async def sign_in(request: Request, at: DeskOf) -> Response:
    """Name and password; a new session for the right ones."""
    if at.staff.local is None:
        raise not_found("local sign-in")
    form = await fields(request)
    to, name = form.get("next", ""), form.get("name", "")[:200]
    # There is no session yet whose token could be asked for: only our own page may sign somebody in.
    if not from_own_page(request, origin=at.staff.origin):
        await at.entries.denied("staff sign-in, forged", customer="", address=address_of(request))
        return pages.message(at, "Not from our page", _AGAIN, status=403)
    try:
        member = await check_password(request, at, name, form.get("password", ""))
    except Problem as paused:
        told = str(paused.body["detail"])
        return _form(at, to, name=name, wrong=told, status=paused.status, headers=paused.headers)
    if member is None:
        await at.entries.denied("staff sign-in", customer="", address=address_of(request))
        return _form(at, to, name=name, wrong="This name and password do not belong together.", status=401)
    return await _welcome(request, at, member, to, how="password")


@router.get("/sign-in/oidc", include_in_schema=False)
async def to_provider(at: DeskOf, onward: Next = "") -> Response:
    """Off to the identity provider."""
    if at.staff.oidc is None:
        raise not_found("identity provider")
    try:
        address, flow = await at.staff.oidc.begin(pages.onward(onward))
    except (VendorDown, VendorRefused) as error:
        return _provider_trouble(at, error)
    answer = _go(address)
    answer.set_cookie(
        _flow_cookie(at),
        flow,
        max_age=FLOW_SECONDS,
        httponly=True,
        samesite="lax",
        secure=at.staff.sessions.secure,
    )
    return answer


@router.get("/sign-in/callback", include_in_schema=False)
async def from_provider(request: Request, at: DeskOf) -> Response:
    """Back from the identity provider, with a code or with an error."""
    if at.staff.oidc is None:
        raise not_found("identity provider")
    flow, address = request.cookies.get(_flow_cookie(at), ""), address_of(request)
    try:
        member, to = await at.staff.oidc.finish(request.query_params, flow)
        answer = await _welcome(request, at, member, to, how="identity provider")
    except SignInFailed as failed:
        await at.entries.denied("staff sign-in", customer="", address=address)
        answer = pages.message(at, "You are not signed in", str(failed), status=400)
    except NoRole as none:
        await at.entries.denied("staff sign-in, no role", customer="", address=address)
        answer = pages.page(at, "no_role", status=403, roles=str(none))
    except (VendorDown, VendorRefused) as error:
        answer = _provider_trouble(at, error)
    answer.delete_cookie(_flow_cookie(at), secure=at.staff.sessions.secure, httponly=True, samesite="lax")
    return answer


@router.get("", include_in_schema=False)
async def home(at: DeskOf, who: Self, session: HeldOf) -> Response:
    """Who am I, what may I do, where am I signed in."""
    said = await at.duty.duty(who.id) if at.duty and who.may(Permission.QUEUE) else None
    return pages.page(
        at,
        "home",
        duty=said,
        availability=shown(said) if said else None,
        member=who,
        rooms=rooms(who),
        # Only what guards a route: a page promises no room that is not built.
        allowed=[each.value for each in Permission if each in _ROOMS and who.may(each)],
        sessions=await at.staff.sessions.others(who),
        this=session.session.key if session else "",
        csrf=session.csrf if session else "",
    )


@router.get("/me")
async def me(who: Self, session: HeldOf) -> Response:
    """Who is signed in, with what they may do; `csrf` goes into `X-CSRF-Token` of everything that changes."""
    body = {
        "id": who.id,
        "name": who.name,
        "role": who.role,
        "permissions": sorted(ALLOWED[who.role]),
        "csrf": session.csrf if session else None,
    }
    return Response(
        msgspec.json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


@router.post("/sign-out", include_in_schema=False)
async def sign_out(at: DeskOf, who: Self, session: HeldOf) -> Response:
    """End this session, here and at the identity provider."""
    await at.entries.did(who.actor, "staff_sign_out", "this session")
    if session is not None:
        await at.staff.sessions.end(session)
    await sign_off(at, who)
    return _gone(at)


@router.post("/sign-out-everywhere", include_in_schema=False)
async def sign_out_everywhere(at: DeskOf, who: Self) -> Response:
    """End all sessions of who asks."""
    await at.entries.did(who.actor, "staff_sign_out", "every session")
    await at.staff.sessions.end_all(who)
    await sign_off(at, who, everywhere=True)
    return _gone(at)


@router.get("/signed-out", include_in_schema=False)
async def signed_out(at: DeskOf) -> Response:
    """Where a sign-out ends. From here, not by redirect: `form-action` covers redirects of a form, too."""
    to = ""
    if at.staff.oidc is not None:
        try:
            to = await at.staff.oidc.goodbye()
        except (VendorDown, VendorRefused):
            to = ""  # signed out of the desk all the same
    return pages.message(at, "You are signed out", "Close this window, or sign in again.", refresh=to)


async def _welcome(request: Request, at: Desk, member: Member, to: str, *, how: str) -> Response:
    """A new session, written down before it begins."""
    place = at.entries.place(address_of(request))
    await at.entries.did(member.actor, "staff_sign_in", f"{how} from {place}")
    sessions = at.staff.sessions
    session_id = await sessions.begin(member, instead_of=request.cookies.get(sessions.cookie, ""))
    answer = _go(pages.onward(to))
    answer.set_cookie(sessions.cookie, session_id, httponly=True, samesite="lax", secure=sessions.secure)
    return answer


def _form(
    at: Desk,
    to: str,
    *,
    name: str = "",
    wrong: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    return pages.page(
        at,
        "sign_in",
        status=status,
        headers=headers,
        local=at.staff.local is not None,
        onward=pages.onward(to),
        name=name,
        wrong=wrong,
    )


def _provider_trouble(at: Desk, error: VendorDown | VendorRefused) -> Response:
    """The details are for the log: strangers see this page, too."""
    _LOG.warning("%s", error)
    text = (
        "The identity provider does not answer as it should. Try again in a minute, or tell an administrator."
    )
    return pages.message(at, "Sign-in is not possible now", text, status=503)


def _gone(at: Desk) -> Response:
    answer = _go("/staff/signed-out")
    sessions = at.staff.sessions
    answer.delete_cookie(sessions.cookie, secure=sessions.secure, httponly=True, samesite="lax")
    return answer


def _go(to: str) -> RedirectResponse:
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})


def _flow_cookie(at: Desk) -> str:
    return f"{at.staff.sessions.cookie}-flow"
