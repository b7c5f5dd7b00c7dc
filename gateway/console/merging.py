"""Two open cases of one customer become one."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker
from gateway.console.forms import FormOf
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from shared.contracts import Case, ConversationState
from shared.contracts.cases import OPEN
from shared.errors import NotNow
from shared.ports.search import Wanted

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)
_MOST = 10


@router.post("/merge")
async def merge(at: DeskOf, who: Speaker, case_id: CaseId, form: FormOf) -> Response:
    """The case `other` goes on in this one: it is closed, and its customer's page says where it goes on."""
    case, other = await find_case(at, case_id), await find_case(at, form.get("other", ""))
    if not await same_customer(at, case, other):
        raise NotNow(
            "other_customer",
            f"case {other.id} is not of this customer, as far as is proved; only cases of one customer merge",
        )
    await at.entries.did(
        who.actor, "cases_merged", f"{other.id} into {case.id}", conversation_id=other.conversation_id
    )
    await at.casework.merge(other, case, who)
    return RedirectResponse(f"/console/cases/{case.id}", 303)


async def same_customer(at: Desk, one: Case, other: Case) -> bool:
    """Whether both are of one customer: signed in as the same one, or guests who proved the same order."""
    states = [await at.store.load(case.conversation_id) for case in (one, other)]
    return all(states) and _same(*[state for state in states if state])


async def other_cases(at: Desk, case: Case, state: ConversationState) -> list[Case]:
    """Other open cases of this customer, the latest first."""
    if at.search is None:
        return []
    if state.customer_mark:
        asked = [Wanted(customer_mark=state.customer_mark, phases=OPEN, but=case.conversation_id)]
    else:
        asked = [
            Wanted(words=number, phases=OPEN, but=case.conversation_id) for number in state.proved_orders[-3:]
        ]
    found: dict[str, Case] = {}
    for wanted in asked:
        for thread in await at.search.find(wanted, limit=_MOST):
            if thread.case is not None and await same_customer(at, case, thread.case):
                found[thread.case.id] = thread.case
    return list(found.values())


def _same(one: ConversationState, other: ConversationState) -> bool:
    if one.customer_mark or other.customer_mark:
        return one.customer_mark == other.customer_mark
    return bool(set(one.proved_orders) & set(other.proved_orders))
