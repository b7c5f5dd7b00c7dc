"""What a lead does to many cases at once: each by itself, told which went and which not."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.acts import outcome_of
from gateway.console.asking import Cursor, Lead, labelled, wrong
from gateway.console.due import due_of
from gateway.console.forms import pairs_in
from gateway.console.kinds import kinds_in
from gateway.console.queue import place_of, queue_cursor, row_of
from gateway.console.views import filters_of, query_of
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.contracts import Case, Priority
from shared.errors import DeskError
from shared.routing.outcomes import outcomes
from shared.routing.queues import Queue, routing

router = APIRouter(prefix="/console/bulk", include_in_schema=False, route_class=render.PageRoute)
MOST = 100
ACTS = {
    "claim": "Take for me",
    "release": "Put back into the queue",
    "move": "Move to queue",
    "priority": "Change priority",
    "close": "Close",
}
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
_LONGEST_REASON = 500
_LABELS = {"act": "Do with the chosen", "case": "Cases", "queue": "Queue", "reason": "In your words"}


@dataclass(frozen=True)
class Went:
    """What became of one case; `why` says why not, and is empty when it went."""

    case_id: str
    why: str


@router.get("")
async def choose(request: Request, at: DeskOf, who: Lead, session: HeldOf, cursor: Cursor = "") -> Response:
    """The queue as a list to choose from, narrowed like the queue by the address."""
    return await _page(request, at, who, session, cursor)


async def _page(
    request: Request, at: Desk, who: Member, session: Held | None, cursor: str = "", *, problem: str = "",
    form: dict[str, str] | None = None, chosen: Sequence[str] = (),
) -> Response:  # fmt: skip
    """`problem` says why nothing was done with what was `chosen`."""
    which = filters_of(request, who)
    found = await at.casework.cases.page(which, after=place_of(cursor) if cursor else None, limit=MOST + 1)
    rows = [row_of(case) for case in found[:MOST]]
    query = query_of(request.query_params.multi_items())
    return render.html(
        "bulk.html",
        status=422 if problem else 200,
        wrong=problem,
        form=form or {},
        chosen=frozenset(chosen),
        here=f"{query}&cursor={quote(cursor)}" if cursor else query,
        rows=rows,
        now=time.time(),
        kinds=await kinds_in(at, [row.about for row in rows]),
        more=queue_cursor(found[MOST - 1]) if len(found) > MOST else "",
        query=query,
        acts=ACTS,
        outcomes=outcomes(),
        due=await due_of(at, who),
        priorities=PRIORITIES,
        queues=sorted(routing().queues),
        me=who,
        csrf=session.csrf if session else "",
    )


@router.post("")
async def act(request: Request, at: DeskOf, who: Lead, session: HeldOf, cursor: Cursor = "") -> Response:
    """Do `act` to each `case`, at most a hundred; `queue`, `priority` and `reason` as the act needs them.

    The page that cannot be taken comes back with all that was chosen in it.
    """
    body = (await request.body()).decode("utf-8", "replace")
    pairs = pairs_in(body, most=MOST + 20, field="the form")
    chosen = list(dict.fromkeys(value for name, value in pairs if name == "case" and value))
    form = dict(pairs)
    what = form.get("act", "")
    try:
        if what not in ACTS:
            raise wrong("act", f"{what[:20]!r} is not one of {', '.join(ACTS)}")
        if not 0 < len(chosen) <= MOST:
            raise wrong("case", f"{len(chosen)} are chosen; choose 1 to {MOST}")
        do = await _deed(at, who, what, form)
    except Problem as problem:
        if not render.wants_html(request):
            raise
        return await _page(
            request,
            at,
            who,
            session,
            cursor,
            problem=labelled(str(problem), _LABELS),
            form=form,
            chosen=chosen,
        )
    await at.entries.did(who.actor, "bulk_act", what, cases=len(chosen))
    went = [Went(case_id[:100], await _one(at, case_id, do)) for case_id in chosen]
    return render.html("bulk-done.html", act=ACTS[what], went=went, me=who, due=await due_of(at, who))


async def _one(at: Desk, case_id: str, do: Callable[[Case], Awaitable[object]]) -> str:
    """Why it did not go, or nothing. One that fails stops no other."""
    try:
        case = await at.casework.cases.case(case_id)
        if case is None:
            return "there is no such case; it may have been erased"
        await do(case)
    except (DeskError, Problem) as error:
        return str(error)
    return ""


async def _deed(
    at: Desk, who: Member, what: str, form: dict[str, str]
) -> Callable[[Case], Awaitable[object]]:
    """The act on one case. Raises `Problem` for a field that is wrong for all of them."""
    work = at.casework
    if what == "move":
        queue = _queue(form.get("queue", ""))
        return lambda case: work.move(
            case.id, who, queue=queue.name, priority=case.priority, why="moved by a lead",
            # As when the clock moves one on: what was promised to the customer comes no later for it.
            due_at=min(case.due_at, queue.due_at(case.priority, case.opened_at)),
        )  # fmt: skip
    if what == "priority":
        priority = _priority(form.get("priority", ""))
        return lambda case: work.move(
            case.id, who, queue=case.queue, priority=priority, why="changed by a lead",
            due_at=routing().queue(case.queue).due_at(priority, case.opened_at),
        )  # fmt: skip
    if what == "close":
        outcome, reason = outcome_of(form, words="reason"), form.get("reason", "").strip()
        if not (0 if outcome else 1) <= len(reason) <= _LONGEST_REASON:
            raise wrong(
                "reason", f"has {len(reason)} characters; say in 1 to {_LONGEST_REASON} why they close"
            )
        return lambda case: _close(at, who, case, outcome, reason)
    if what == "release":
        return lambda case: work.release(case.id, who, "gave_back" if case.owner == who.actor else "lead")
    return lambda case: work.claim(case.id, who)


async def _close(at: Desk, who: Member, case: Case, outcome: str, reason: str) -> None:
    """Close it; one that another has is taken from them first, as a lead may."""
    said = await at.intake.note(reason, about=case.conversation_id) if reason else ""
    if case.owner and case.owner != who.actor:
        await at.casework.release(case.id, who, "lead")
    await at.casework.close(case.id, who, said, outcome=outcome)


def _queue(given: str) -> Queue:
    """One of the shop's own: of another nobody would be told that it has a case."""
    queues = routing().queues
    if given not in queues:
        raise wrong("queue", f"{given[:40]!r} is not one of {', '.join(sorted(queues))}")
    return queues[given]


def _priority(given: str) -> Priority:
    for each in PRIORITIES:
        if each == given:
            return each
    raise wrong("priority", f"{given[:20]!r} is not one of {', '.join(PRIORITIES)}")
