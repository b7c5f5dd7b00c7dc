"""Requests for approval in the console: what waits, why it needs a person, and deciding on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from gateway.approving import Approving
from gateway.console import approval_forms as forms
from gateway.console import render
from gateway.console.approval_rows import Row, row_of
from gateway.console.asking import back_to_case
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.forms import FormOf, described
from gateway.console.render import pages
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from gateway.ways import console_ways
from shared.contracts import Approval, Decision, DecisionLost
from shared.contracts.standing import FITS
from shared.ports import ApprovalPlace

_STAFF = Depends(requires(Permission.APPROVALS))
router = APIRouter(
    prefix="/console/approvals", tags=["console"], dependencies=[_STAFF], route_class=render.PageRoute
)
_ID = r"^[A-Za-z0-9_-]{1,100}$"
_LOOKED_AT = 10
_HEADERS = {"Cache-Control": "no-store"}
_CURSORS = Cursors(tuple[float, Annotated[str, msgspec.Meta(pattern=_ID)]])
_OPTIONAL = ("amount", "instead", "wanted", "reason", "words", "case")
_DONE: dict[Decision, str] = {
    "approve": "Approved; it is being carried out, and the customer hears of it.",
    "edit": "Approved with your change; it is being carried out, and the customer hears of it.",
    "deny": "Denied; the customer hears the reason.",
}


class ApprovalQuery(BaseModel):
    """Which page; `cursor` is the `next` of the page before, `done` what was just decided."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, Field(max_length=300)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    done: Decision | None = None


@dataclass(frozen=True)
class Room:
    """What the routes need: the requests, the desk, and who asks."""

    approving: Approving
    desk: Desk
    member: Member
    csrf: str


@dataclass(frozen=True)
class Shown:
    """What the page shows; `form` is what was typed when it could not be taken, `about` for which request."""

    waiting: Sequence[Approval]
    next: str | None
    wrong: str = ""
    told: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


async def _room(at: DeskOf, member: Annotated[Member, _STAFF], session: HeldOf) -> Room:
    if at.approving is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without approvals.")
    return Room(at.approving, at, member, session.csrf if session else "")


RoomOf = Annotated[Room, Depends(_room)]


@router.get("")
async def listed(request: Request, room: RoomOf, query: Annotated[ApprovalQuery, Query()]) -> Response:
    """A page of requests, the oldest first: JSON, or a page for whoever asks for HTML."""
    after = _place(query.cursor) if query.cursor else None
    # One more than the page shows whether there is another.
    found = await room.approving.open(after=after, limit=query.limit + 1)
    page = found[: query.limit]
    cursor = _cursor(page[-1]) if len(found) > query.limit else None
    if _wants_page(request):
        told = _DONE[query.done] if query.done else ""
        return await _page(room, Shown(waiting=page, next=cursor, told=told))
    return _json({"approvals": page, "next": cursor, "waiting": await room.approving.count()})


@router.post("/{approval_id}", openapi_extra=described("decision", optional=_OPTIONAL))
async def decide(
    approval_id: Annotated[str, Path(pattern=_ID)], request: Request, form: FormOf, room: RoomOf
) -> Response:
    """`decision` is approve, edit (`amount`, `instead`, `wanted`) or deny (`reason`, `words`)."""
    try:
        decision, approval = await _decide(approval_id, form, room)
    except Problem as problem:
        if render.by_htmx(request) or not _wants_page(request):
            raise
        # What was typed stays on the page.
        shown = await _first_page(room, wrong=str(problem), form=form, about=approval_id)
        return await _page(room, shown, status=problem.status)
    if render.wants_html(request):
        back = back_to_case(request, form) or f"/console/approvals?done={decision}"
        return RedirectResponse(back, 303, headers=_HEADERS)
    return _json(approval)


async def _decide(approval_id: str, form: dict[str, str], room: Room) -> tuple[Decision, Approval]:
    asked = await room.approving.approvals.get(approval_id)
    if asked is None:
        raise _lost(DecisionLost(why="unknown"))
    decision = forms.read_decision(form)
    edited = forms.read_edited(form, asked.asked.action) if decision == "edit" else None
    reason = forms.read_reason(form) if decision == "deny" else ""
    words = await _words(room, form, asked) if decision == "deny" else ""
    await room.desk.entries.did(room.member.actor, "approval_decided", f"{approval_id} {decision}")
    answer = await room.approving.decide(
        approval_id, room.member, decision, edited=edited, reason=reason, words=words
    )
    if isinstance(answer, DecisionLost):
        raise _lost(answer)
    return decision, answer.approval


async def _words(room: Room, form: dict[str, str], asked: Approval) -> str:
    """What the customer is told besides the reason, tokenized."""
    given = form.get("words", "").strip()
    if len(given) > forms.LONGEST_WORDS:
        why = f"has {len(given):,} characters; {forms.LONGEST_WORDS:,} are the most"
        raise forms.wrong("words", given, why)
    if not given:
        return ""
    said = await room.desk.intake.said_by_staff(
        given, conversation_id=asked.conversation_id, customer=asked.asked.customer, own=(room.member.name,)
    )
    return said.text


def _lost(answer: DecisionLost) -> Problem:
    """Why a decision did not count, as an answer that says what to do next."""
    if answer.approval is None:
        detail = "There is no such request; it may have been erased. GET /console/approvals lists what waits."
        return Problem(404, "not-found", "Not found", detail)
    name = answer.approval.decided_name or "Somebody"
    details = {
        "decided": f"{name} decided on this before you ({answer.approval.status}); nothing else was done.",
        "void": "The customer took the request back meanwhile; there is nothing left to decide.",
        "expired": "This request has waited too long; ask the customer whether they still wish it.",
    }
    if answer.standing is not None:
        detail = f"Nothing was done: meanwhile {forms.meanwhile(answer.standing)}."
        return Problem(409, "order-changed", "The order has changed", detail)
    return Problem(409, "not-open", "No longer open", details[answer.why])


async def _first_page(room: Room, *, wrong: str, form: dict[str, str], about: str) -> Shown:
    waiting = await room.approving.open(limit=51)
    cursor = _cursor(waiting[49]) if len(waiting) > 50 else None
    return Shown(waiting=waiting[:50], next=cursor, wrong=wrong, form=form, about=about)


async def _page(room: Room, shown: Shown, *, status: int = 200) -> Response:
    body = (
        pages()
        .get_template("approvals.html")
        .render(
            shown=shown,
            rows=await _rows(room, shown.waiting),
            waiting=await room.approving.count(),
            reasons=forms.REASONS,
            csrf=room.csrf,
            who=room.member,
            ways=console_ways(room.member),
            due=await due_of(room.desk, room.member),
        )
    )
    content = body.encode("utf-8", "replace")
    return Response(content, status, media_type="text/html; charset=utf-8", headers=_HEADERS)


async def _rows(room: Room, waiting: Sequence[Approval]) -> list[Row]:
    """The first of a page are held against the order as it is now; all are again when they are decided."""
    since = await asyncio.gather(*(room.approving.meanwhile(each) for each in waiting[:_LOOKED_AT]))
    now, rest = room.approving.now(), [FITS] * max(0, len(waiting) - _LOOKED_AT)
    return [
        row_of(each, now, await _said(room, each), found)
        for each, found in zip(waiting, [*since, *rest], strict=True)
    ]


async def _said(room: Room, approval: Approval) -> str:
    """The customer's own words for the wish, from the case that was opened for it; empty for too few."""
    case = await room.approving.cases.case(approval.asked.case_id)
    quotes = case.hand_over.packet.words if case else ()
    return next((quote.text for quote in quotes if quote.of == "happened"), "")


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _json(found: object) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json", headers=_HEADERS)


def _cursor(last: Approval) -> str:
    return _CURSORS.of((last.asked_at, last.id))


def _place(cursor: str) -> ApprovalPlace:
    asked_at, approval_id = _CURSORS.read(cursor)
    return ApprovalPlace(asked_at=asked_at, id=approval_id)
