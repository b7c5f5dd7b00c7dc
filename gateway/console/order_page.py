"""The orders of a case's customer, fetched after the page that shows the case."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker
from gateway.console.due import due_of
from gateway.console.orders import orders_of
from gateway.console.revealing import PURPOSES, may_reveal
from gateway.console.thread import find_case
from gateway.context import DeskOf
from gateway.staff.guard import HeldOf
from shared.contracts import Order
from shared.errors import VaultDown, VendorDown, VendorRefused

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)


@router.get("/orders")
async def orders(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """Orders with status, items and tracking: the signed-in customer's newest, or those a guest proved."""
    case = await find_case(at, case_id)
    state = await at.store.load(case.conversation_id)
    found: Sequence[Order] = ()
    down = ""
    try:
        if state is not None:
            found = await orders_of(at, state, case.conversation_id)
    except (VendorDown, VendorRefused, VaultDown):
        # Why is in the shop's own log lines; here it is enough what can be done.
        down = "The shop does not answer now. What the bot found before is above; try again in a minute."
    return render.html(
        "orders.html" if render.by_htmx(request) else "orders-page.html",
        me=who,
        due=None if render.by_htmx(request) else await due_of(at, who),
        case=case,
        orders=found,
        down=down,
        known=bool(state and (state.customer or state.proved_orders)),
        may_reveal=may_reveal(case, who),
        purposes=PURPOSES,
        csrf=session.csrf if session else "",
    )
