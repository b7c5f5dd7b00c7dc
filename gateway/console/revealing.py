"""Opens personal values for staff: for a purpose, written down under their name, and not for long."""

import re
import time
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker, leads, wrong
from gateway.console.due import due_of
from gateway.console.forms import FormOf
from gateway.console.orders import orders_of
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.delivery import Delivery
from gateway.doors import address_of
from gateway.limits import DAY, Rule
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from shared.contracts import Case
from shared.personal_data import CONSOLE_PURPOSES, tokens_in

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)
PURPOSES = {
    "answer": "Answer the customer",
    "identity": "Verify who they are",
    "delivery": "Arrange delivery",
    "fraud": "Check for fraud",
    "legal": "Legal request",
}
SHOWN_SECONDS = 60
MOST_AN_HOUR = 200
_MOST_AT_ONCE = 100
_HOUR = 3600
_LABEL = re.compile("[0-9a-f]{4}")
DIGITS = slice(6, 10)
"""Of a token, those that its label shows (`render`): the page never holds the token itself."""


def may_reveal(case: Case, who: Member) -> bool:
    """Whether it is their case, or they lead."""
    return case.owner == who.actor or leads(who)


async def hidden_in(at: Desk, case: Case) -> dict[str, list[str]]:
    """The tokens in what the pane and the thread of a case show, by conversation, in order."""
    found: dict[str, list[str]] = {}
    for each in (case, *[await at.casework.cases.case(name) for name in case.absorbed]):
        if each is None:
            continue  # removed by now
        stored = await at.store.read(each.conversation_id)
        events = await at.casework.cases.events(each.conversation_id)
        # As it is packed: whatever holds a text, now or later, is looked through.
        held = msgspec.json.encode((each.hand_over.packet, stored, [one.event for one in events]))
        found[each.conversation_id] = tokens_in(held.decode())[:_MOST_AT_ONCE]
    return found


@router.post("/reveal")
async def reveal(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf
) -> Response:
    """The value behind the label `value`, or with `all=1` behind every label of the case, for a `purpose`.

    Only for who has the case, or leads; at most 200 an hour. Never kept by anything on the way.
    """
    case = await find_case(at, case_id)
    if not may_reveal(case, who):
        await at.entries.denied(
            "reveal", customer="", address=address_of(request), actor=who.actor,
            conversation_id=case.conversation_id,
        )  # fmt: skip
        detail = "Only who has the case, or a lead, may look at personal values; take the case first."
        raise Problem(403, "not-allowed", "Not allowed", detail)
    purpose = _purpose(form)
    hidden = await hidden_in(at, case)
    if form.get("all") != "1":
        hidden = await _labelled(at, case, hidden, _label(form))
    await _count(at, request, who, case, sum(map(len, hidden.values())))
    values = await _opened(at, who, hidden, purpose)
    return render.html(
        "revealed.html" if render.by_htmx(request) else "revealed-page.html",
        me=who,
        due=None if render.by_htmx(request) else await due_of(at, who),
        case=case,
        values=values,
        seconds=SHOWN_SECONDS,
        purpose=PURPOSES[purpose],
        csrf=session.csrf if session else "",
    )


async def _opened(at: Desk, who: Member, hidden: dict[str, list[str]], purpose: str) -> list[tuple[str, str]]:
    """Tokens with their values; those that are gone stay closed. Written down before it is done."""
    found: list[tuple[str, str]] = []
    why = f"console:{purpose}"
    for conversation_id, tokens in hidden.items():
        if not tokens:
            continue
        await at.entries.did(
            who.actor, "values_shown", why, conversation_id=conversation_id, values=len(tokens)
        )
        door = Delivery(vault=at.delivery.vault, purpose=why)
        shown: dict[str, Any] = await door.opened({token: token for token in tokens}, conversation_id)
        found += [(token, str(value)) for token, value in shown.items() if value != token]
    return found


async def _count(at: Desk, request: Request, who: Member, case: Case, values: int) -> None:
    """Count the values; a member who looks at too many is stopped, and that is written down."""
    # A window is a day long: with the hour in its key it is an hour.
    rule = Rule("console-reveal", f"{who.id}-{int(time.time() // _HOUR)}", MOST_AN_HOUR, DAY)
    try:
        await at.limits.take(*[rule] * values)
    except Problem as problem:
        await at.entries.denied(
            "reveal limit", customer="", address=address_of(request), actor=who.actor,
            conversation_id=case.conversation_id,
        )  # fmt: skip
        left = _HOUR - int(time.time() % _HOUR)
        detail = (
            f"You have looked at {MOST_AN_HOUR} personal values within the hour, which is the most; that was "
            f"written down. The next one can be opened in {left // 60 + 1} min."
        )
        raise Problem(
            429, problem.kind, "Too many values", detail, headers={"Retry-After": str(left)}
        ) from None


def _purpose(form: dict[str, str]) -> str:
    purpose = form.get("purpose", "")
    if purpose not in CONSOLE_PURPOSES:
        raise wrong("purpose", f"{purpose[:20]!r} is not one of {', '.join(CONSOLE_PURPOSES)}")
    return purpose


def _label(form: dict[str, str]) -> str:
    label = form.get("value", "")
    if not _LABEL.fullmatch(label):
        raise wrong(
            "value", f"{label[:20]!r} is no label of a closed value; it has four digits of 0-9 and a-f"
        )
    return label


async def _labelled(at: Desk, case: Case, hidden: dict[str, list[str]], label: str) -> dict[str, list[str]]:
    """The tokens with this label: in the case, or else in the orders that are shown beside it."""
    found = {name: [token for token in there if token[DIGITS] == label] for name, there in hidden.items()}
    if any(found.values()):
        return found
    state = await at.store.load(case.conversation_id)
    read = await orders_of(at, state, case.conversation_id) if state else ()
    facts = "\n".join(fact.value for order in read for fact in order.facts())
    return {case.conversation_id: [token for token in tokens_in(facts) if token[DIGITS] == label]}
