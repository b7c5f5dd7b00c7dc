"""Renders the console: whole pages, fragments, and refusals that people can read."""

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import Response

from gateway.console.keys import KEYS, PRESS
from gateway.console.labels import label_of
from gateway.problems import Problem, unavailable
from gateway.rights.page import templates
from gateway.staff.forgery import fields
from gateway.staff.roles import Member, known_as
from gateway.times import iso
from gateway.ways import console_ways, rooms_of
from shared.errors import DeskError, NotNow
from shared.personal_data import token_pattern
from shared.routing.outcomes import outcomes

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, HX-Request"}
_TEXTS = ("text", "note", "reason", "resolution")
"""Fields in which staff wrote something that must not be lost."""


_NOTHING: Mapping[str, str] = {}
_KINDS: ContextVar[Mapping[str, str]] = ContextVar("kinds", default=_NOTHING)
"""Of the values in what is rendered now: a macro of another file does not see what its page was given."""


@contextmanager
def _kinds(kinds: Mapping[str, str]) -> Iterator[None]:
    mark = _KINDS.set(kinds)
    try:
        yield
    finally:
        _KINDS.reset(mark)


@cache
def pages() -> Environment:
    """The templates of the console: those of the gateway, with filters for what was said and when."""
    made = templates().overlay()
    made.filters = {
        **made.filters,
        "said": _said,
        "iso": iso,
        "ago": _ago,
        "known_as": known_as,
    }
    made.globals = {**made.globals, "press": PRESS, "shortcuts": KEYS, "outcomes": outcomes()}
    return made


def html(
    template: str,
    *,
    me: Member | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    kinds: Mapping[str, str] = _NOTHING,
    **values: Any,
) -> Response:
    """A page or fragment of the console; whole pages show `me` where they may go.

    `kinds` are those of the closed values in it, by token.
    """
    if me is not None:
        values |= {"me": me, "ways": console_ways(me)}
    with _kinds(kinds):
        body = pages().get_template(f"console/{template}").render(values)
    return Response(
        body.encode("utf-8", "replace"), status, headers=_HEADERS | (headers or {}), media_type="text/html"
    )


def part(template: str, macro: str, *values: object, kinds: Mapping[str, str] = _NOTHING) -> str:
    """What one macro of a template makes of these values."""
    with _kinds(kinds):
        made: Markup = getattr(_module(template), macro)(*values)
    return str.__str__(made.strip())  # plain: an encoder takes no kind of string it does not know


@cache
def _module(template: str) -> Any:
    return pages().get_template(f"console/{template}").module


def by_htmx(request: Request) -> bool:
    """Whether a fragment is asked for, to be put into a page that is there."""
    return request.headers.get("hx-request") == "true"


def wants_html(request: Request) -> bool:
    """Whether a person looks at the answer; scripts get JSON."""
    return by_htmx(request) or "text/html" in request.headers.get("accept", "")


class PageRoute(APIRoute):
    """A route whose refusals are read by people: what to do now, and the text they wrote, to copy."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`."""
        handle = super().get_route_handler()

        async def readable(request: Request) -> Response:
            try:
                return await handle(request)
            except (Problem, DeskError) as error:
                problem = problem_of(error)
                if not wants_html(request) or (problem.status < 400 and not by_htmx(request)):
                    raise problem from error
                return await _refused(request, problem)

        return readable


def problem_of(error: Problem | DeskError) -> Problem:
    """How this is told over HTTP."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotNow):
        status = 404 if error.rule == "unknown" else 409
        return Problem(status, f"not-now-{error.rule}".replace("_", "-"), "Not now", str(error))
    return unavailable(error)


async def _refused(request: Request, problem: Problem) -> Response:
    # Whoever was sent to the sign-in page stays where they are: what they typed is on this page.
    signed_out = problem.status in {303, 401}
    status = 401 if signed_out else problem.status
    kept: dict[str, str] = {}
    if request.method == "POST" and not by_htmx(request):
        given = await fields(request)
        kept = {name: given[name] for name in _TEXTS if given.get(name)}
    headers = {name: value for name, value in problem.headers.items() if name.lower() != "location"}
    if by_htmx(request):
        headers |= {"HX-Retarget": "#refusal", "HX-Reswap": "innerHTML"}
    return html(
        "refusal.html" if by_htmx(request) else "refused.html",
        status=status,
        headers=headers,
        title="Not sent" if status == 422 and request.method == "POST" else problem.body["title"],
        detail=problem.body["detail"],
        signed_out=signed_out,
        kept=kept,
        back=request.path_params.get("case_id", ""),
        rooms=rooms_of(request),
    )


_CUT_OFF = r"TOKEN_[0-9a-f][0-9a-f-]*"
"""Of a token in the middle of which a text was cut: what is left names the value as well."""
_UNSEEN = Markup('<span class="unseen">hidden </span>')
"""Before a label that says only what is hidden: who hears the page cannot see that it is one."""


def _said(text: object) -> Markup:
    """Text of strangers with its tokens as labels: the same label is the same value, which stays closed."""
    shown: Callable[[object], str] = templates().filters["shown"]
    parts: list[Markup] = []
    at = 0
    whole = str(text)
    for found in re.finditer(f"{token_pattern().pattern}|{_CUT_OFF}", whole):
        parts.append(escape(shown(whole[at : found.start()])))
        kind = _KINDS.get().get(found[0], "")
        parts.append(
            Markup(
                '<span class="token" data-hidden="{0}" title="Personal value, closed">{1}‹{2}›</span>'
            ).format(found[0][6:10], _UNSEEN if kind else "", label_of(found[0], kind))
        )
        at = found.end()
    parts.append(escape(shown(whole[at:])))
    return Markup("").join(parts)


def _ago(at: float, now: float) -> str:
    """How long ago, or from now on, in the largest unit: `4 min`."""
    seconds = abs(now - at)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "1 min"
