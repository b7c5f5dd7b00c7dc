"""The questions the knowledge base could not answer, as JSON; their page comes with the console."""

import time
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from gateway.console.cursors import Cursors
from gateway.context import DeskOf
from gateway.problems import Problem
from gateway.rights.context import note_owner
from gateway.staff.guard import requires
from gateway.staff.roles import Member, Permission
from shared.contracts import GapStatus, KnowledgeGap, Language
from shared.ports import GapPlace

_STAFF = Depends(requires(Permission.GAPS))
router = APIRouter(prefix="/console/gaps", tags=["console"], dependencies=[_STAFF])
_ID = r"^[0-9a-f]{16}$"
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
    note: Annotated[str, Field(max_length=2000)] = ""


@router.get("")
async def listed(at: DeskOf, query: Annotated[GapQuery, Query()]) -> Response:
    """A page of questions, the most asked first; `next` is null on the last one.

    A question that is asked while pages are read moves up, and may be missed until the list is read anew.
    """
    after = _place(query.cursor) if query.cursor else None
    # One more than the page shows whether there is another.
    found = await at.store.gaps(
        status=query.status, language=query.language, after=after, limit=query.limit + 1
    )
    page, more = found[: query.limit], len(found) > query.limit
    cursor = _cursor(page[-1]) if more else None
    return Response(msgspec.json.encode({"gaps": page, "next": cursor}), media_type="application/json")


@router.post("/{gap_id}")
async def settle(
    gap_id: Annotated[str, Path(pattern=_ID)], body: GapDecision, at: DeskOf, who: Annotated[Member, _STAFF]
) -> Response:
    """Close a question or open it again; an answered one opens by itself when it is asked again."""
    note = await at.intake.note(body.note, about=note_owner(gap_id)) if body.note.strip() else ""
    await at.entries.did(who.actor, "gap_settled", f"{gap_id} {body.status}")
    settled = await at.store.settle_gap(gap_id, status=body.status, note=note, at=time.time())
    if settled is None:
        detail = f"There is no knowledge gap {gap_id!r}; GET /console/gaps lists them."
        raise Problem(404, "not-found", "Not found", detail)
    return Response(msgspec.json.encode(settled), media_type="application/json")


def _cursor(last: KnowledgeGap) -> str:
    return _CURSORS.of((last.asked, last.last_asked_at, last.id))


def _place(cursor: str) -> GapPlace:
    asked, last_asked_at, gap_id = _CURSORS.read(cursor)
    return GapPlace(asked=asked, last_asked_at=last_asked_at, id=gap_id)
