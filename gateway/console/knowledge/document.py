"""One document: what it says, its versions, who published each, when and why; and any text it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.console import render
from gateway.console.due import due_of
from gateway.console.knowledge.asks import DocumentId, EditionId, Reader, RoomOf, found_document
from gateway.console.knowledge.differences import differences
from gateway.console.knowledge.front_matter import apart
from gateway.context import DeskOf
from gateway.problems import Problem
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Permission
from shared.contracts.editing import Edition, OpenedDocument, ServedVersion, ServingState

router = APIRouter(
    prefix="/console/knowledge",
    include_in_schema=False,
    dependencies=[Depends(requires(Permission.GAPS))],
    route_class=render.PageRoute,
)
PAGE = 20


@dataclass(frozen=True)
class VersionRow:
    """One version in the history; `edition` is None when its text was never seen by the console."""

    version: int
    effective_from: str
    effective_until: str
    state: ServingState
    edition: Edition | None


@router.get("/documents/{document}")
async def shown(
    at: DeskOf,
    who: Reader,
    session: HeldOf,
    room: RoomOf,
    document: DocumentId,
    before: Annotated[float | None, Query(ge=0, le=1e12)] = None,
    done: Annotated[str, Query(max_length=30)] = "",
    gap: Annotated[str, Query(pattern=r"^([0-9a-f]{16})?$")] = "",
) -> Response:
    """The document; `done` is the edition that was just published, `gap` the question it answers."""
    opened = await found_document(at, document)
    editions = await room.editions.of(document, before=before, limit=PAGE + 1)
    page = editions[:PAGE]
    now = await room.editions.get(opened.edition) if opened.edition else None
    asked = await room.questions.gap(gap) if gap else None
    return render.html(
        "knowledge/document.html",
        me=who,
        who=who,
        due=await due_of(at, who),
        csrf=session.csrf if session else "",
        edits=who.may(Permission.KNOWLEDGE) and not opened.read_only,
        opened=opened,
        text=apart(now.text).body if now else "",
        rows=rows_of(opened, page, first=before is None),
        older=page[-1].at if len(editions) > PAGE else None,
        done=next((each for each in page if each.id == done), None),
        gap=asked,
    )


@router.get("/editions/{edition_id}")
async def edition(at: DeskOf, who: Reader, room: RoomOf, edition_id: EditionId) -> Response:
    """One text that a document had, and how it differs from the one in the source now."""
    found = await room.editions.get(edition_id)
    if found is None or found.state == "draft":
        detail = f"There is no edition {edition_id!r}; the page of a document lists its own."
        raise Problem(404, "not-found", "Not found", detail)
    opened = await found_document(at, found.document)
    now = await room.editions.get(opened.edition) if opened.edition else None
    return render.html(
        "knowledge/edition.html",
        me=who,
        who=who,
        due=await due_of(at, who),
        edits=who.may(Permission.KNOWLEDGE) and not opened.read_only,
        opened=opened,
        edition=found,
        current=now is not None and now.id == found.id,
        diff=differences(found.text, now.text) if now else [],
    )


def rows_of(opened: OpenedDocument, editions: Sequence[Edition], *, first: bool) -> list[VersionRow]:
    """The history, the latest first: each text that is known, then versions of which only the index knows."""
    left = list(opened.versions)
    rows = []
    for each in editions:
        kept = next((one for one in left if _same(one, each)), None)
        if kept is not None:
            left.remove(kept)
        state: ServingState = kept.state if kept else "past"
        rows.append(VersionRow(each.version, each.effective_from, each.effective_until, state, each))
    if first:
        rows += [
            VersionRow(one.version, one.effective_from, one.effective_until, one.state, None) for one in left
        ]
    return rows


def _same(one: ServedVersion, edition: Edition) -> bool:
    return (one.version, one.effective_from, one.effective_until) == (
        edition.version, edition.effective_from, edition.effective_until,
    )  # fmt: skip
