"""Reads the orders of who wrote, as the shop has them now."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from gateway.context import Desk
from shared.contracts import ConversationState, Order
from shared.errors import VendorDown

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


async def orders_of(at: Desk, state: ConversationState, conversation_id: str) -> Sequence[Order]:
    """The signed-in customer's newest orders, or those that a guest has proved.

    Raises:
        VendorDown, VendorRefused, VaultDown: after 8 seconds at the latest.
    """
    shop: Orders = at.intake.shop
    try:
        async with asyncio.timeout(SHOP_SECONDS):
            return await _read(shop, state, conversation_id)
    except TimeoutError as error:
        raise VendorDown("the shop", f"it took longer than {SHOP_SECONDS:.0f} s") from error


async def _read(shop: Orders, state: ConversationState, conversation_id: str) -> Sequence[Order]:
    if state.customer:
        return await shop.orders_of_customer(
            customer=state.customer, conversation_id=conversation_id, limit=_MOST
        )
    proved = [
        await shop.order_proved(number, conversation_id=conversation_id)
        for number in state.proved_orders[-_MOST:]
    ]
    return [order for order in proved if order is not None]
