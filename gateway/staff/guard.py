"""The door of every staff route: who is it, do they come by themselves, may they."""

import re
from dataclasses import dataclass
from typing import Annotated, NoReturn
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from gateway.context import Desk, DeskOf
from gateway.doors import address_of
from gateway.problems import Problem
from gateway.staff.forgery import foreign, has_token, unsafe
from gateway.staff.local import Paused
from gateway.staff.pages import way_back
from gateway.staff.roles import Member, Permission
from gateway.staff.sessions import Held


class _Basic(HTTPBasic):
    """Takes a header that is not even Basic for a wrong password, so that it is written down like one."""

    async def __call__(self, request: Request) -> HTTPBasicCredentials | None:  # type: ignore[override]
        try:
            return await super().__call__(request)
        except HTTPException:
            return HTTPBasicCredentials(username="", password="")


_BASIC = _Basic(realm="staff", auto_error=False)
Given = Annotated[HTTPBasicCredentials | None, Depends(_BASIC)]


BY_ITSELF = "x-by-itself"
"""Says that a page asks for news of its own accord: a session idles although its page is open."""

_PARTING = re.compile(r"/console/cases/[^/]+/left")
"""A page that is hidden or closed says so by a beacon, which carries no header of ours."""


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


@dataclass(frozen=True)
class Requires:
    """A dependency that lets pass whose role has this permission, and gives the `Member`.

    Raises:
        Problem: 401 nobody signed in (a page is sent to the sign-in), 403 the role, or a request that
            another site may have made, 429 too many wrong passwords, 503 the store or the audit is down.
    """

    permission: Permission

    async def __call__(self, request: Request, at: DeskOf, given: Given) -> Member:
        """Let pass, or turn away and write that down."""
        member = await _signed_in(request, at, given)
        request.state.member = member  # a refusal on a page leads to what is theirs to open
        if not member.may(self.permission):
            detail = (
                f"Your role ({member.role}) does not have {self.permission.value!r}; ask an administrator."
            )
            await _turn_away(request, at, Problem(403, "not-allowed", "Not allowed", detail), member)
        return member


def requires(permission: Permission) -> Requires:
    """For `Depends(requires(Permission.QUEUE))` on a route or a router."""
    return Requires(permission)


class _Metrics(Requires):
    """Lets pass this machine, too, where METRICS_FOR says so."""

    async def __call__(self, request: Request, at: DeskOf, given: Given) -> Member | None:  # type: ignore[override]
        """The member, or nobody for this machine."""
        if at.staff.metrics_for == "loopback" and _on_this_machine(request):
            return None
        return await super().__call__(request, at, given)


reads_metrics = _Metrics(Permission.METRICS)


async def held(request: Request, at: DeskOf) -> Held | None:
    """The session that the browser's cookie names, if it is good."""
    cookie = request.cookies.get(at.staff.sessions.cookie, "")
    by_itself = (
        BY_ITSELF in request.headers
        or "text/event-stream" in request.headers.get("accept", "")
        or _PARTING.fullmatch(request.url.path) is not None
    )
    return await at.staff.sessions.of(cookie, used=not by_itself)


HeldOf = Annotated[Held | None, Depends(held)]


def _on_this_machine(request: Request) -> bool:
    """From here and for here: everybody behind a proxy comes from here, and any name may point here."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    hosts = (address_of(request), request.url.hostname or "")
    return all(host in {"127.0.0.1", "::1", "localhost"} for host in hosts)


async def check_password(request: Request, at: Desk, name: str, password: str) -> Member | None:
    """Who has this name and password; None for nobody, and where there are no local accounts.

    Raises:
        Problem: 429 with Retry-After, after too many wrong ones; the same for names that nobody has.
    """
    if at.staff.local is None:
        return None
    try:
        return await at.staff.local.member(name, password, address=address_of(request))
    except Paused as paused:
        await at.entries.denied("staff sign-in, paused", customer="", address=address_of(request))
        detail = f"Too many wrong passwords; the next try is welcome in {paused.seconds} s."
        headers = {"Retry-After": str(paused.seconds)}
        raise Problem(429, "too-many-requests", "Slow down", detail, headers=headers) from None


async def _signed_in(request: Request, at: Desk, given: HTTPBasicCredentials | None) -> Member:
    if given is not None:
        return await _by_password(request, at, given)
    found = await held(request, at)
    if found is None:
        await _turn_away(request, at, _not_signed_in(request, at))
    if unsafe(request):
        if foreign(request, origin=at.staff.origin):
            await _turn_away(request, at, _forged("it comes from another site"), found.member)
        if not await has_token(request, found.csrf):
            detail = (
                "its csrf token is missing or of another session; load the page anew (X-CSRF-Token or csrf)"
            )
            await _turn_away(request, at, _forged(detail), found.member)
    return found.member


async def _by_password(request: Request, at: Desk, given: HTTPBasicCredentials) -> Member:
    """Scripts send their password each time. Browsers do so too, once it was typed into their own dialog."""
    if unsafe(request) and foreign(request, origin=at.staff.origin):
        await _turn_away(request, at, _forged("it comes from another site"))
    member = await check_password(request, at, given.username, given.password)
    if member is None:
        await _turn_away(request, at, _not_signed_in(request, at))
    await at.entries.staff(member.id, address=address_of(request))
    return member


def _not_signed_in(request: Request, at: Desk) -> Problem:
    if wants_page(request) and "authorization" not in request.headers:
        onward = quote(way_back(request.url.path, request.url.query), safe="/")
        to = {"Location": f"/staff/sign-in?next={onward}"}
        return Problem(303, "not-signed-in", "Staff only", "Sign in as staff.", headers=to)
    # A browser would show its own dialog over our page; only what is none is asked for a password.
    ask = at.staff.local is not None and "sec-fetch-mode" not in request.headers
    headers = {"WWW-Authenticate": 'Basic realm="staff"'} if ask else {}
    detail = "Sign in as staff at /staff/sign-in" + (", or send name and password (Basic)." if ask else ".")
    return Problem(401, "not-signed-in", "Staff only", detail, headers=headers)


def _forged(why: str) -> Problem:
    return Problem(403, "forged-request", "Not from our pages", f"This request was not taken: {why}.")


async def _turn_away(request: Request, at: Desk, problem: Problem, member: Member | None = None) -> NoReturn:
    route = request.scope.get("route")
    purpose = f"{problem.kind} {getattr(route, 'path', '')}".strip()
    actor = member.actor if member else ""
    await at.entries.denied(purpose, customer="", address=address_of(request), actor=actor)
    raise problem
