"""The questions the knowledge base could not answer: a page for staff, JSON for scripts."""

import time
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import wrong
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.forms import FormOf, described
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.rights.context import note_owner
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.contracts import LANGUAGES, GapStatus, KnowledgeGap, Language
from shared.ports import GapPlace

_STAFF = Depends(requires(Permission.GAPS))
router = APIRouter(
    prefix="/console/gaps", tags=["console"], dependencies=[_STAFF], route_class=render.PageRoute
)
STATUSES: dict[GapStatus, str] = {"open": "Open", "answered": "Answered", "not_ours": "Not ours"}
_ID = r"^[0-9a-f]{16}$"
_LONGEST_NOTE = 2000
_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept"}
_CURSORS = Cursors(
    tuple[Annotated[int, msgspec.Meta(ge=1, lt=2**31)], float, Annotated[str, msgspec.Meta(pattern=_ID)]]
)


class GapQuery(BaseModel):
    """Which gaps; `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    status: GapStatus | None = None
    language: Language | None = None
    cursor: Annotated[str, Field(max_length=300)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class GapDecision(BaseModel):
    """`answered`: the knowledge base says it now; `not_ours`: it never will; `open`: neither after all."""

    model_config = ConfigDict(extra="forbid", strict=True)

    status: GapStatus
    note: Annotated[str, Field(max_length=_LONGEST_NOTE)] = ""


@router.get("")
async def listed(
    request: Request, at: DeskOf, query: Annotated[GapQuery, Query()], who: Annotated[Member, _STAFF],
    session: HeldOf,
) -> Response:  # fmt: skip
    """A page of questions, the most asked first; `next` is null on the last one. People see the open ones.

    A question that is asked while pages are read moves up, and may be missed until the list is read anew.
    """
    after = _place(query.cursor) if query.cursor else None
    people = render.wants_html(request)
    status = query.status or ("open" if people else None)
    # One more than the page shows whether there is another.
    found = await at.store.gaps(status=status, language=query.language, after=after, limit=query.limit + 1)
    page, more = found[: query.limit], len(found) > query.limit
    cursor = _cursor(page[-1]) if more else None
    if not people:
        body = msgspec.json.encode({"gaps": page, "next": cursor})
        return Response(body, headers=_HEADERS, media_type="application/json")
    return render.html(
        "gaps.html",
        me=who,
        who=who,
        csrf=session.csrf if session else "",
        due=await due_of(at, who),
        edits=who.may(Permission.KNOWLEDGE) and at.knowledge is not None,
        rows=[(gap, _documents(gap)) for gap in page],
        next=cursor,
        view=status,
        statuses=STATUSES,
        language=query.language,
        languages=LANGUAGES,
        now=time.time(),
    )


@router.post("/{gap_id}")
async def settle(
    gap_id: Annotated[str, Path(pattern=_ID)], body: GapDecision, at: DeskOf, who: Annotated[Member, _STAFF]
) -> Response:
    """Close a question or open it again; an answered one opens by itself when it is asked again."""
    settled = await _settled(at, who, gap_id, body.status, body.note)
    return Response(msgspec.json.encode(settled), media_type="application/json")


@router.post("/{gap_id}/settle", openapi_extra=described("status", optional=("note", "view")))
async def settle_on_page(
    gap_id: Annotated[str, Path(pattern=_ID)], form: FormOf, at: DeskOf, who: Annotated[Member, _STAFF]
) -> Response:
    """The same from the page, which is shown again."""
    chosen = next((each for each in STATUSES if each == form.get("status")), None)
    if chosen is None:
        raise wrong("status", f"{form.get('status', '')[:20]!r} is not one of {', '.join(STATUSES)}")
    note = form.get("note", "")
    if len(note) > _LONGEST_NOTE:
        raise wrong("note", f"has {len(note)} characters; the longest is {_LONGEST_NOTE}, please shorten it")
    await _settled(at, who, gap_id, chosen, note)
    view = next((each for each in STATUSES if each == form.get("view")), "open")
    return RedirectResponse(f"/console/gaps?status={view}", 303, headers=_HEADERS)


async def _settled(at: Desk, who: Member, gap_id: str, status: GapStatus, note: str) -> KnowledgeGap:
    settled = await at.store.gap(gap_id)
    if settled is not None:  # before anything is written: neither the audit nor the vault speaks of nothing
        kept = await at.intake.note(note, about=note_owner(gap_id)) if note.strip() else ""
        await at.entries.did(who.actor, "gap_settled", f"{gap_id} {status}")
        settled = await at.store.settle_gap(gap_id, status=status, note=kept, at=time.time())
    if settled is None:
        detail = f"There is no knowledge gap {gap_id!r}; GET /console/gaps lists them."
        raise Problem(404, "not-found", "Not found", detail)
    return settled


def _documents(gap: KnowledgeGap) -> list[tuple[str, str]]:
    """The documents that came closest to a question, by id and title, each once."""
    found: dict[str, str] = {}
    for near in gap.nearest:
        document = near.id.removeprefix("kb:").partition("#")[0]
        found.setdefault(document, near.title)
    return list(found.items())


def _cursor(last: KnowledgeGap) -> str:
    return _CURSORS.of((last.asked, last.last_asked_at, last.id))


def _place(cursor: str) -> GapPlace:
    asked, last_asked_at, gap_id = _CURSORS.read(cursor)
    return GapPlace(asked=asked, last_asked_at=last_asked_at, id=gap_id)
