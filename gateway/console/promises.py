"""What customers were promised: due today, overdue, of one conversation; settled by hand."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import back_to_case
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.forms import FormOf, described
from gateway.console.promise_rows import row_of
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.rights.page import templates
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from gateway.ways import console_ways
from shared.contracts import PromiseRecord
from shared.ports import PromiseFilter, PromisePlace
from shared.promises import Following
from shared.routing.queues import house

View = Literal["today", "overdue", "later", "undated", "all"]
VIEWS: dict[View, str] = {
    "today": "Due today", "overdue": "Overdue", "later": "Later", "undated": "Without a time", "all": "All",
}  # fmt: skip
_ID = r"^p-[0-9a-f]{20}$"
_CURSORS = Cursors(tuple[float, Annotated[str, msgspec.Meta(pattern=_ID)]])
_LONGEST_NOTE = 2_000
_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept"}


@dataclass(frozen=True)
class Keeper:
    """Who of staff looks after promises; `csrf` is what the forms of their session bring."""

    member: Member
    csrf: str


async def _keeper(
    member: Annotated[Member, Depends(requires(Permission.CONVERSATIONS))], session: HeldOf
) -> Keeper:
    return Keeper(member, session.csrf if session else "")


KeeperOf = Annotated[Keeper, Depends(_keeper)]
# On the router, so that it is asked before a form is read.
router = APIRouter(
    prefix="/console/promises",
    tags=["console"],
    dependencies=[Depends(_keeper)],
    route_class=render.PageRoute,
)


class PromiseQuery(BaseModel):
    """Which promises; of a conversation all of them. `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    view: View = "today"
    conversation_id: Annotated[str, Field(max_length=80)] = ""
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


@router.get("", name="promises")
async def listed(
    request: Request, at: DeskOf, query: Annotated[PromiseQuery, Query()], who: KeeperOf
) -> Response:
    """A page of promises, the earliest due first; `next` is null on the last one."""
    which, now = _which(query), time.time()
    after = _place(query.cursor) if query.cursor else None
    # One more than the page shows whether there is another.
    found = await at.promises.due(which, after=after, limit=query.limit + 1)
    page = found[: query.limit]
    following = _cursor(page[-1]) if len(found) > query.limit else None
    if not _wants_page(request):
        body = msgspec.json.encode({"promises": page, "next": following})
        return Response(body, headers=_HEADERS, media_type="application/json")
    counts = {
        view: await at.promises.count(_which(PromiseQuery(view=view))) for view in VIEWS if view != "all"
    }
    shown = templates().get_template("promises.html").render(
        rows=[row_of(each, now) for each in page], next=following, views=VIEWS, counts=counts,
        view=query.view, conversation_id=query.conversation_id, csrf=who.csrf, who=who.member,
        ways=console_ways(who.member), due=await due_of(at, who.member), zone=house().calendar.zone,
    )  # fmt: skip
    return Response(shown.encode("utf-8", "replace"), headers=_HEADERS, media_type="text/html")


@router.post("/{promise_id}", openapi_extra=described("state", optional=("note", "back", "case")))
async def settle(
    request: Request, promise_id: Annotated[str, Path(pattern=_ID)], form: FormOf, at: DeskOf, who: KeeperOf
) -> Response:
    """Kept, broken or cancelled, by staff's word; also what evidence or the clock has decided before."""
    there = await at.promises.get(promise_id)
    if there is None:
        raise _unknown(promise_id)
    state, note = form.get("state", ""), form.get("note", "").strip()
    if len(note) > _LONGEST_NOTE:
        detail = f"note: has {len(note)} characters; the longest is {_LONGEST_NOTE}, please shorten it"
        raise Problem(422, "invalid-field", "Invalid request", detail)
    why = await at.intake.note(note, about=there.conversation_id) if note else who.member.actor
    await at.entries.did(who.member.actor, "promise_settled", f"{promise_id} {state[:20]}")
    settled = await _settled(at, promise_id, state, why)
    if settled is None:
        raise _unknown(promise_id)
    if at.tasks is not None:
        await Following(at.tasks, at.bus, time.time).follow(settled)
    if not render.wants_html(request):
        return Response(msgspec.json.encode(settled), headers=_HEADERS, media_type="application/json")
    of = f"?conversation_id={there.conversation_id}" if form.get("back") == "conversation" else ""
    back = back_to_case(request, form) or f"/console/promises{of}"
    return RedirectResponse(back, 303, headers=_HEADERS)


async def _settled(at: Desk, promise_id: str, state: str, why: str) -> PromiseRecord | None:
    now = time.time()
    match state:
        case "kept":
            return await at.promises.keep(promise_id, why, at=now, anew=True)
        case "broken":
            return await at.promises.break_(promise_id, why, at=now, anew=True)
        case "cancelled":
            return await at.promises.cancel(promise_id, why, at=now, anew=True)
    detail = f"state: {state[:20]!r} is not one of kept, broken, cancelled"
    raise Problem(422, "invalid-field", "Invalid request", detail)


def _which(query: PromiseQuery) -> PromiseFilter:
    """What a view shows; overdue is what the clock broke and nobody has looked at yet."""
    if query.conversation_id:
        return PromiseFilter(state=None, conversation_id=query.conversation_id)
    tomorrow = _tomorrow()
    match query.view:
        case "today":
            return PromiseFilter(due_before=tomorrow)
        case "overdue":
            return PromiseFilter(state="broken", by_clock=True)
        case "later":
            return PromiseFilter(due_from=tomorrow, dated=True)
        case "undated":
            return PromiseFilter(dated=False)
        case "all":
            return PromiseFilter(state=None)


def _tomorrow() -> float:
    """When the shop's day ends, in seconds since 1970."""
    now = datetime.fromtimestamp(time.time(), house().zone)
    return (now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).timestamp()


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _unknown(promise_id: str) -> Problem:
    detail = f"There is no promise {promise_id!r}; GET /console/promises lists them."
    return Problem(404, "not-found", "Not found", detail)


def _cursor(last: PromiseRecord) -> str:
    place = PromisePlace.of(last)
    return _CURSORS.of((place.due, place.id))


def _place(cursor: str) -> PromisePlace:
    due, promise_id = _CURSORS.read(cursor)
    return PromisePlace(due=due, id=promise_id)
