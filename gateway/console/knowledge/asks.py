"""Asks the knowledge service about documents; its failures become what a page can tell."""

import secrets
from typing import Annotated

from fastapi import Depends, Path

from gateway.console.knowledge.room import KnowledgeRoom
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.guard import requires
from gateway.staff.roles import Member, Permission
from shared.contracts import LIST_DOCUMENTS, OPEN_DOCUMENT, PREVIEW_EDIT, PUBLISH_EDIT, Answer, Ask, Call
from shared.contracts.editing import (
    DocumentLine,
    EditSettled,
    EditTried,
    ListDocuments,
    OpenDocument,
    OpenedDocument,
    PreviewEdit,
    PublishEdit,
)
from shared.errors import AskFailed, BusDown

_SOON, _LONG = 10.0, 90.0
"""Seconds: a list is read, hundreds of questions are searched twice."""
_MOST_PAGES = 40
_NOBODYS = "knowledge"
"""Stands where other asks name a conversation."""
DOCUMENT_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Reader = Annotated[Member, Depends(requires(Permission.GAPS))]
Editing = Annotated[Member, Depends(requires(Permission.KNOWLEDGE))]
DocumentId = Annotated[str, Path(max_length=80, pattern=DOCUMENT_ID)]
EditionId = Annotated[str, Path(pattern=r"^e-[0-9a-f]{20}$")]


async def _room(at: DeskOf) -> KnowledgeRoom:
    if at.knowledge is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without the knowledge editor.")
    return at.knowledge


RoomOf = Annotated[KnowledgeRoom, Depends(_room)]


def new_id() -> str:
    """The name of an edition."""
    return f"e-{secrets.token_hex(10)}"


async def all_documents(at: Desk) -> list[DocumentLine]:
    """Every document, by file name. What is looked for in them stays here: it may name a person."""
    found: list[DocumentLine] = []
    for _ in range(_MOST_PAGES):
        turn, step = _ids("list")
        after = found[-1].file if found else ""
        ask = ListDocuments(conversation_id=_NOBODYS, turn_id=turn, step_id=step, after=after)
        page = await _asked(at, LIST_DOCUMENTS, ask, _SOON)
        found.extend(page.documents)
        if not page.more or not page.documents:
            break
    return found


async def open_document(at: Desk, document: str) -> OpenedDocument | None:
    """One document as it is now, or None."""
    turn, step = _ids("open")
    ask = OpenDocument(conversation_id=_NOBODYS, turn_id=turn, step_id=step, document=document)
    return (await _asked(at, OPEN_DOCUMENT, ask, _SOON)).document


async def found_document(at: Desk, document: str) -> OpenedDocument:
    """The same; raises `Problem` 404 for none."""
    found = await open_document(at, document)
    if found is None:
        detail = f"There is no document {document!r}; /console/knowledge lists them."
        raise Problem(404, "not-found", "Not found", detail)
    return found


async def try_edit(at: Desk, edition_id: str) -> EditTried:
    """What publishing a draft would do."""
    turn, step = _ids("preview")
    ask = PreviewEdit(conversation_id=_NOBODYS, turn_id=turn, step_id=step, edition=edition_id)
    return (await _asked(at, PREVIEW_EDIT, ask, _LONG)).tried


async def publish_edit(at: Desk, edition_id: str) -> EditSettled:
    """Publish a draft."""
    turn, step = _ids("publish")
    ask = PublishEdit(conversation_id=_NOBODYS, turn_id=turn, step_id=step, edition=edition_id)
    return (await _asked(at, PUBLISH_EDIT, ask, _LONG)).settled


def _ids(step: str) -> tuple[str, str]:
    turn = f"k-{secrets.token_hex(8)}"
    return turn, f"{turn}.{step}"


async def _asked(at: Desk, call: Call[Ask, Answer], ask: Ask, seconds: float) -> Answer:
    try:
        return await at.bus.ask(call, ask, timeout=seconds)
    except (AskFailed, BusDown) as error:
        why = error.detail if isinstance(error, AskFailed) and error.kind != "timeout" else ""
        detail = f"The knowledge service does not answer now: {why or 'it is away or busy'}. Try again soon."
        raise Problem(503, "unavailable", "Not now", detail) from None
