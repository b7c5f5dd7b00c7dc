"""The console of staff: queue, conversation and customer side by side, as pages and as parts of one."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import CaseId, Cursor, QueueReader, Speaker
from gateway.console.belonging import belonging
from gateway.console.compose import composer
from gateway.console.customer_pane import customer_pane
from gateway.console.due import due_of
from gateway.console.kinds import kinds_in
from gateway.console.queue import PAGE, queue_page
from gateway.console.thread import find_case, thread_of
from gateway.console.views import language_of, narrowed_by
from gateway.context import Desk, DeskOf
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.contracts import Case, Language

router = APIRouter(prefix="/console", tags=["console"], route_class=render.PageRoute)
_MOST_ROWS = 500
ViewName = Annotated[str, Query(max_length=20)]


@router.get("", include_in_schema=False)
async def start(
    request: Request, at: DeskOf, who: QueueReader, session: HeldOf,
    case: Annotated[str, Query(max_length=100)] = "", view: ViewName = "", cursor: Cursor = "",
) -> Response:  # fmt: skip
    """The queue, with nothing opened yet."""
    if case:
        return RedirectResponse(f"/console/cases/{case}", 303)
    return await whole_page(request, at, who, session, None, view=view, cursor=cursor)


@router.get("/queue")
async def queue(
    request: Request,
    at: DeskOf,
    who: QueueReader,
    session: HeldOf,
    view: ViewName = "",
    cursor: Cursor = "",
    count: Annotated[int, Query(ge=0)] = PAGE,
) -> Response:
    """Who waits, the most urgent first: rows for the page, JSON for scripts; personal values stay tokens.

    `count`: as many rows as a page has already that brings itself up to date.
    """
    if render.wants_html(request):
        count = min(max(count, PAGE), _MOST_ROWS)
        narrowed = await narrowed_by(at, request, who)
        rows = await queue_page(
            at.casework.cases, who, view=view, cursor=cursor, count=count, narrowed=narrowed
        )
        kinds = await kinds_in(at, [row.about for row in rows["rows"]])
        return render.html("queue.html", queue=rows, csrf=_csrf(session), me=who, kinds=kinds)
    waiting = await at.store.waiting()
    return Response(msgspec.json.encode({"waiting": waiting}), media_type="application/json")


@router.get("/cases/{case_id}", include_in_schema=False)
async def opened(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId,
    before: float = 0.0, view: ViewName = "", cursor: Cursor = "",
) -> Response:  # fmt: skip
    """A case: its conversation, the reply box, its customer. `before` shows what was said before a time."""
    case = await find_case(at, case_id)
    if not render.by_htmx(request):
        return await whole_page(request, at, who, session, case, before=before, view=view, cursor=cursor)
    return render.html(
        "case.html", **await case_parts(at, who, session, case, before=before, language=language_of(request))
    )


@router.get("/cases/{case_id}/thread", include_in_schema=False)
async def thread(
    at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, since: float = 0.0, before: float = 0.0
) -> Response:
    """The conversation alone, to bring a page up to date without touching what is written in it."""
    case = await find_case(at, case_id)
    parts = await thread_of(at, who, case, since=since, before=before)
    template = "earlier.html" if before else "thread.html"
    return render.html(template, csrf=_csrf(session), thread=parts, case=case, kinds=parts["kinds"])


@router.get("/cases/{case_id}/composer", include_in_schema=False)
async def reply_box(at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """The reply box alone: it changes when the case changes hands."""
    case = await find_case(at, case_id)
    box = await composer(at, who, case)
    return render.html("composer.html", csrf=_csrf(session), case=case, composer=box, kinds=box["kinds"])


@router.get("/cases/{case_id}/customer", include_in_schema=False)
async def facts(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """The right pane alone: what may be opened there, and what the note says, change with the case."""
    case = await find_case(at, case_id)
    pane = await customer_pane(at, who, case, language_of(request))
    return render.html(
        "customer.html", case=case, csrf=_csrf(session), customer=pane, kinds=pane["kinds"],
        belongs=await belonging(at, who, case),
    )  # fmt: skip


async def case_parts(
    at: Desk, who: Member, session: Held | None, case: Case, *, before: float = 0.0,
    language: Language = "en",
) -> dict[str, Any]:  # fmt: skip
    """What case.html shows: `thread`, `composer` and `customer`, each made by its own component."""
    shown = at.hub.mark()
    parts = {
        "thread": await thread_of(at, who, case, before=before),
        "composer": await composer(at, who, case),
        "customer": await customer_pane(at, who, case, language),
    }
    return parts | {
        "case": case,
        "shown": shown,
        "csrf": _csrf(session),
        "me": who,
        "belongs": await belonging(at, who, case),
        "kinds": {token: kind for part in parts.values() for token, kind in part["kinds"].items()},
    }


async def whole_page(
    request: Request, at: Desk, who: Member, session: Held | None, case: Case | None, *, view: str = "",
    cursor: str = "", before: float = 0.0, **over: Any,
) -> Response:  # fmt: skip
    """The three panes; `over` replaces parts of the case."""
    parts: dict[str, Any] = {"case": None, "shown": at.hub.mark(), "csrf": _csrf(session), "me": who}
    if case:
        parts = await case_parts(at, who, session, case, before=before, language=language_of(request))
    parts |= over
    rows = await queue_page(
        at.casework.cases, who, view=view, cursor=cursor, narrowed=await narrowed_by(at, request, who)
    )
    parts["kinds"] = {**parts.get("kinds", {}), **await kinds_in(at, [row.about for row in rows["rows"]])}
    return render.html(
        "shell.html", **parts, shop=at.settings.shop_name, queue=rows, due=await due_of(at, who)
    )


def _csrf(session: Held | None) -> str:
    return session.csrf if session else ""
