"""Which cases the queue shows, a page at a time, and what a row of it says."""

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import msgspec

from gateway.console.cursors import Cursors
from gateway.console.views import EVERYTHING, Narrowed
from gateway.problems import Problem
from gateway.staff.roles import Member
from shared.cases import answer_due
from shared.contracts import Case, Priority
from shared.hand_over import told_of
from shared.ports import CaseFilter, CasePlace, CaseStore

View = Literal["open", "waiting", "mine", "over"]
VIEWS: dict[View, str] = {"open": "Open", "waiting": "Waiting", "mine": "Mine", "over": "Done"}
PAGE = 50
RANKS: dict[Priority, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
"""As the store orders them."""
_CURSORS = Cursors(tuple[Annotated[int, msgspec.Meta(ge=0, le=max(RANKS.values()))], float, str])
REASONS = {
    "asked_for_person": "asked for a person",
    "legal": "legal threat",
    "abuse": "abusive",
    "angry": "upset",
    "low_confidence": "the bot was unsure",
    "not_known": "the bot did not know",
    "approval": "needs approval",
    "taken_over": "taken over",
}


@dataclass(frozen=True)
class Row:
    """One line of the queue. Seconds since 1970; `about` is tokenized."""

    case: Case
    rank: int
    reason: str
    about: str
    raised: str
    """What the customer told of since, that cannot wait."""
    unheard: bool
    """The customer spoke last."""
    due: float
    """When the first answer must have been given; 0 once it was, or when it is over."""


def row_of(case: Case) -> Row:
    """What the queue says of a case, the same for everybody."""
    said = case.hand_over.reason
    return Row(
        case=case,
        rank=RANKS[case.priority],
        reason=REASONS.get(said, said.replace("_", " ")),
        about=case.hand_over.packet.summary,
        raised=raised_for(case),
        unheard=case.phase == "person" and case.heard_at > max(case.spoke_at, case.claimed_at),
        due=case.due_at if answer_due(case) else 0.0,
    )


def raised_for(case: Case) -> str:
    """What an open case was raised for, in words for staff."""
    return ", ".join(map(told_of, case.raised)) if case.open else ""


def view_named(name: str) -> View:
    """The view of this name.

    Raises:
        Problem: 422 for no view of ours.
    """
    for each in get_args(View):
        if each == (name or "open"):
            return each  # type: ignore[no-any-return]
    detail = f"view: {name[:20]!r} is not one of {', '.join(VIEWS)}"
    raise Problem(422, "invalid-field", "Invalid request", detail)


async def queue_page(
    cases: CaseStore,
    who: Member,
    *,
    view: str,
    cursor: str,
    count: int = PAGE,
    narrowed: Narrowed = EVERYTHING,
) -> dict[str, Any]:
    """What queue.html shows: rows, the views, where the next page begins (empty on the last)."""
    chosen = view_named(view)
    which = (
        narrowed.which
        or {
            "open": CaseFilter(),
            "waiting": CaseFilter(phases=("waiting",)),
            "mine": CaseFilter(owner=who.actor),
            "over": CaseFilter(phases=("returned", "closed")),
        }[chosen]
    )
    # One more than the page shows whether there is another.
    found = await cases.page(which, after=place_of(cursor) if cursor else None, limit=count + 1)
    page = found[:count]
    return {
        "rows": [row_of(case) for case in page],
        "view": chosen,
        "views": VIEWS,
        "narrowed": narrowed,
        "next": queue_cursor(page[-1]) if len(found) > count else "",
        "first": not cursor,
        "now": time.time(),
    }


def queue_cursor(last: Case) -> str:
    """The end of a page of the queue as it stands in an address."""
    return _CURSORS.of((RANKS[last.priority], last.opened_at, last.id))


def place_of(cursor: str) -> CasePlace:
    """The place of a cursor. Raises `Problem` for what is none."""
    rank, opened_at, case_id = _CURSORS.read(cursor)
    return CasePlace(rank=rank, opened_at=opened_at, id=case_id)
