"""What requests to the console bring: who asks, for which case, and the ports they need."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request

from gateway.console import render
from gateway.context import DeskOf
from gateway.problems import Problem
from gateway.staff.guard import requires
from gateway.staff.roles import Member, Permission
from shared.ports.search import ConversationSearch
from shared.ports.views import ViewStore

QueueReader = Annotated[Member, Depends(requires(Permission.QUEUE))]
Speaker = Annotated[Member, Depends(requires(Permission.CONVERSATIONS))]
CaseId = Annotated[str, Path(max_length=100)]
Cursor = Annotated[str, Query(max_length=300)]
Lead = Annotated[Member, Depends(requires(Permission.BULK))]


def leads(who: Member) -> bool:
    """Whether they may do to others' cases what only the owner may otherwise."""
    return who.may(Permission.BULK)


async def _search(at: DeskOf) -> ConversationSearch:
    if at.search is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without the search.")
    return at.search


async def _views(at: DeskOf) -> ViewStore:
    if at.views is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without saved views.")
    return at.views


SearchOf = Annotated[ConversationSearch, Depends(_search)]
ViewsOf = Annotated[ViewStore, Depends(_views)]


def wrong(field: str, what: str) -> Problem:
    """A field of a form or an address that cannot be taken; `what` says why, and what could be."""
    return Problem(422, "invalid-field", "Invalid request", f"{field}: {what}")


def labelled(detail: str, labels: Mapping[str, str]) -> str:
    """Why a field cannot be taken, with the name that a form shows of it."""
    field, colon, why = detail.partition(": ")
    return f"{labels[field]}: {why}" if colon and field in labels else detail


def back_to_case(request: Request, form: Mapping[str, str]) -> str:
    """Where a form goes back to that stood beside a case, its field `case`; empty for all others."""
    if not form.get("case"):
        return ""
    case = f"/console/cases/{quote(form['case'][:100], safe='')}"
    return f"{case}/belongs" if render.by_htmx(request) else f"{case}#belongs"
