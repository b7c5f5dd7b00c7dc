"""The list of knowledge documents: searched, narrowed, a page at a time."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.console import render
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.knowledge.asks import DOCUMENT_ID, Reader, RoomOf, all_documents
from gateway.context import DeskOf
from gateway.staff.guard import requires
from gateway.staff.roles import Permission
from shared.contracts import LANGUAGES
from shared.contracts.editing import DocumentLine

router = APIRouter(
    prefix="/console/knowledge",
    include_in_schema=False,
    dependencies=[Depends(requires(Permission.GAPS))],
    route_class=render.PageRoute,
)
PAGE = 50
_CURSORS = Cursors(tuple[Annotated[str, msgspec.Meta(max_length=500)]])
_Short = Annotated[str, Query(max_length=100)]


@router.get("")
async def listed(
    at: DeskOf,
    who: Reader,
    room: RoomOf,
    words: _Short = "",
    category: _Short = "",
    language: _Short = "",
    later: Annotated[str, Query(max_length=80, pattern=f"^$|{DOCUMENT_ID}")] = "",
    cursor: Annotated[str, Query(max_length=900)] = "",
) -> Response:
    """Documents by file name; `words` must all stand in title, id or category."""
    del room
    everything = await all_documents(at)
    after = _CURSORS.read(cursor)[0] if cursor else ""
    found = [
        line for line in everything
        if line.file > after and _fits(line, words) and category in {"", line.category}
        and language in {"", line.locale}
    ]  # fmt: skip
    page = found[:PAGE]
    return render.html(
        "knowledge/list.html",
        me=who,
        who=who,
        due=await due_of(at, who),
        edits=who.may(Permission.KNOWLEDGE),
        lines=page,
        next=_CURSORS.of((page[-1].file,)) if len(found) > PAGE else "",
        first=not cursor,
        categories=sorted({line.category for line in everything}),
        languages=LANGUAGES,
        asked={"words": words, "category": category, "language": language},
        later=later,
    )


def _fits(line: DocumentLine, words: str) -> bool:
    text = f"{line.title} {line.id} {line.category}".casefold()
    return all(word in text for word in words.casefold().split())
