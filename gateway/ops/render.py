"""Renders the operators' pages: whole pages in their frame, fragments, and refusals that people can read."""

from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment
from starlette.responses import Response

from gateway.console.render import by_htmx, pages, wants_html
from gateway.console.wall import spoken
from gateway.ops.explaining.telling import money
from gateway.ops.money import how, usd
from gateway.ops.tracing import told
from gateway.problems import Problem, invalid
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from gateway.ways import ops_ways, rooms_of
from shared.errors import DeskError

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, HX-Request"}


@cache
def _environment() -> Environment:
    made = pages().overlay()
    made.filters = {
        **made.filters,
        "size": size,
        "spoken": spoken,
        "usd": usd,
        "money": money,
        "reason": told,
        "how": how,
    }
    return made


def html(
    template: str,
    *,
    me: Member | None = None,
    session: Held | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """`templates/ops/<template>` as a page or fragment; pages that extend `ops/base.html` need `me`.

    Everything in `values` is escaped; text of strangers goes through the filters `shown` or `said`.
    """
    if me is not None:
        values |= {"me": me, "ways": ops_ways(me)}
    values["csrf"] = session.csrf if session else ""
    body = _environment().get_template(f"ops/{template}").render(values)
    return Response(
        body.encode("utf-8", "replace"), status, headers=_HEADERS | (headers or {}), media_type="text/html"
    )


class OpsRoute(APIRoute):
    """A route whose refusals are read by people: on a page of their own, or where the fragment would be."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`."""
        handle = super().get_route_handler()

        async def readable(request: Request) -> Response:
            try:
                return await handle(request)
            except (Problem, DeskError, RequestValidationError) as error:
                problem = _problem_of(error)
                if not wants_html(request) or (problem.status < 400 and not by_htmx(request)):
                    raise problem from error
                return _refused(request, problem)

        return readable


def _problem_of(error: Problem | DeskError | RequestValidationError) -> Problem:
    """With what is down in its own words: who reads it is the one who can mend it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return invalid(error)
    told = f"{str(error).rstrip('.')}. Nothing was done; it may be tried again."
    return Problem(503, "unavailable", "Temporarily unavailable", told, headers={"Retry-After": "5"})


def _refused(request: Request, problem: Problem) -> Response:
    # Who was signed out stays on the page: a redirect would put the sign-in form into a part of it.
    signed_out = problem.status in {303, 401}
    headers = {name: value for name, value in problem.headers.items() if name.lower() != "location"}
    if by_htmx(request):
        headers |= {"HX-Retarget": "#refusal", "HX-Reswap": "innerHTML"}
    return html(
        "refusal.html" if by_htmx(request) else "refused.html",
        status=401 if signed_out else problem.status,
        headers=headers,
        title=problem.body["title"],
        detail=problem.body["detail"],
        signed_out=signed_out,
        rooms=rooms_of(request),
    )


def size(count: float) -> str:
    """Bytes as people read them: `12.5 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
