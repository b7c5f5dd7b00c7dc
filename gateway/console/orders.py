"""The orders of a case's customer, read when somebody looks at them."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker
from gateway.console.revealing import PURPOSES, may_reveal
from gateway.console.thread import find_case
from gateway.context import DeskOf
from gateway.staff.guard import HeldOf
from shared.contracts import ConversationState, Order
from shared.errors import VaultDown, VendorDown, VendorRefused

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)
SHOP_SECONDS = 8.0
_MOST = 5


class Orders(Protocol):
    """What of the shop's port this may use: reading the orders of who wrote, and nothing else.

    The gateway has the port already, for the intake. Asking the knowledge agent instead would need the right
    to hear every answer of every agent on the bus.
    """

    async def orders_of_customer(
        self, *, customer: str, conversation_id: str, limit: int = 5
    ) -> Sequence[Order]:
        """See `CommerceApi.orders_of_customer`."""
        ...

    async def order_proved(self, number: str, *, conversation_id: str) -> Order | None:
        """See `CommerceApi.order_proved`."""
        ...


@router.get("/orders")
async def orders(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """Orders with status, items and tracking: the signed-in customer's newest, or those a guest proved."""
    case = await find_case(at, case_id)
    state = await at.store.load(case.conversation_id)
    found: Sequence[Order] = ()
    down = ""
    try:
        if state is not None:
            async with asyncio.timeout(SHOP_SECONDS):
                found = await orders_of(at.intake.shop, state, case.conversation_id)
    except (VendorDown, VendorRefused, VaultDown, TimeoutError):
        # Why is in the shop's own log lines; here it is enough what can be done.
        down = "The shop does not answer now. What the bot found before is above; try again in a minute."
    return render.html(
        "orders.html" if render.by_htmx(request) else "orders-page.html",
        case=case,
        orders=found,
        down=down,
        known=bool(state and (state.customer or state.proved_orders)),
        may_reveal=may_reveal(case, who),
        purposes=PURPOSES,
        csrf=session.csrf if session else "",
    )


async def orders_of(shop: Orders, state: ConversationState, conversation_id: str) -> Sequence[Order]:
    """The orders that the customer may hear of. Raises `VendorDown`, `VendorRefused`, `VaultDown`."""
    if state.customer:
        return await shop.orders_of_customer(
            customer=state.customer, conversation_id=conversation_id, limit=_MOST
        )
    proved = [
        await shop.order_proved(number, conversation_id=conversation_id)
        for number in state.proved_orders[-_MOST:]
    ]
    return [order for order in proved if order is not None]
