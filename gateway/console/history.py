"""A customer's earlier conversations, a line each; any of them opens to be read."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import CaseId, Cursor, SearchOf, Speaker
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.thread import find_case, lines_of
from gateway.context import Desk, DeskOf
from gateway.problems import not_found
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Permission
from shared.contracts import Case, CaseClosed, CaseReturned, ConversationState, StaffSpoke
from shared.ports.search import ConversationSearch, Thread, ThreadPlace, Wanted
from shared.routing.outcomes import told

router = APIRouter(prefix="/console", include_in_schema=False, route_class=render.PageRoute)
PAGE = 20
_MOST_LINES = 500
_CURSORS = Cursors(tuple[float, Annotated[str, msgspec.Meta(max_length=100)]])
_BOT = {
    "answered": "answered",
    "asked": "left open",
    "refused": "refused",
    "handed_over": "handed over",
    "with_person": "with a person",
}


@dataclass(frozen=True)
class Entry:
    """One conversation in one line; `who` had the last word in it, `about` is its case's (tokenized)."""

    conversation_id: str
    href: str
    at: float
    intent: str
    outcome: str
    who: str
    about: str = ""


@router.get("/cases/{case_id}/history")
async def earlier(
    request: Request, at: DeskOf, who: Speaker, search: SearchOf, case_id: CaseId, cursor: Cursor = ""
) -> Response:
    """What else this customer wrote to us, newest first."""
    del search
    case = await find_case(at, case_id)
    state = await at.store.load(case.conversation_id)
    entries, more = await history_of(at, case, state, after=place_of(cursor)) if state else ([], "")
    template = "history.html" if render.by_htmx(request) else "history-page.html"
    return render.html(template, me=who, case=case, entries=entries, more=more)


@router.get("/conversations/{conversation_id}")
async def read(
    at: DeskOf,
    who: Speaker,
    session: HeldOf,
    conversation_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,100}$")],
) -> Response:
    """A conversation to read; what is to be done in it is done in its case."""
    stored = await at.store.read(conversation_id)
    if stored is None:
        raise not_found("conversation")
    events = await at.casework.cases.events(conversation_id)
    lines = lines_of(stored.messages, events)
    return render.html(
        "conversation.html",
        me=who,
        due=await due_of(at, who),
        csrf=session.csrf if session else "",
        conversation_id=conversation_id,
        may_explain=who.may(Permission.TRACES),
        lines=lines[-_MOST_LINES:],
        cut=len(lines) > _MOST_LINES,
        case=await at.casework.cases.of(conversation_id),
    )


async def history_of(
    at: Desk, case: Case, state: ConversationState, *, after: ThreadPlace | None = None, limit: int = PAGE
) -> tuple[list[Entry], str]:
    """A page of the customer's other conversations, and where the next one begins; a guest has none."""
    if at.search is None or not state.customer_mark:
        return [], ""
    wanted = Wanted(customer_mark=state.customer_mark, but=case.conversation_id)
    return await entries_of(at, at.search, wanted, after=after, limit=limit)


async def entries_of(
    at: Desk, search: ConversationSearch, wanted: Wanted, *, after: ThreadPlace | None, limit: int = PAGE
) -> tuple[list[Entry], str]:
    """A page of what is found, and where the next one begins (empty on the last)."""
    # One more than the page shows whether there is another.
    found = await search.find(wanted, after=after, limit=limit + 1)
    more = cursor_of(found[limit - 1].place) if len(found) > limit else ""
    return [await _entry(at, thread) for thread in found[:limit]], more


async def _entry(at: Desk, thread: Thread) -> Entry:
    case = thread.case
    shown: dict[str, Any] = {
        "conversation_id": thread.conversation_id,
        "at": thread.at,
        "intent": thread.intent.replace("_", " ").lower() or "no request",
    }
    if case is None:
        href, outcome = f"/console/conversations/{thread.conversation_id}", _BOT.get(thread.status, "")
        return Entry(**shown, href=href, outcome=outcome or "read", who="the bot")
    shown["about"] = case.hand_over.packet.summary
    if case.open:
        outcome, who = ("with a person", case.owner_name) if case.owner else ("waits", "nobody yet")
    else:
        outcome = {"closed": told(case.outcome) or "closed", "returned": "given back"}.get(
            case.phase, case.phase
        )
        outcome, who = ("merged" if case.merged_into else outcome), await _who(at, case)
    return Entry(**shown, href=f"/console/cases/{case.id}", outcome=outcome, who=who)


async def _who(at: Desk, case: Case) -> str:
    """Who ended it, or spoke last."""
    for each in reversed(await at.casework.cases.events(case.conversation_id, case_id=case.id)):
        if isinstance(each.event, CaseClosed | CaseReturned | StaffSpoke) and each.event.name:
            return each.event.name
    return "nobody"


def cursor_of(place: ThreadPlace) -> str:
    """A place as it stands in an address."""
    return _CURSORS.of((place.at, place.conversation_id))


def place_of(cursor: str) -> ThreadPlace | None:
    """The place of a cursor, or None for the beginning.

    Raises:
        Problem: 422 for what is none.
    """
    return ThreadPlace(*_CURSORS.read(cursor)) if cursor else None
