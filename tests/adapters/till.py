"""Executes actions of a signed-in customer at the mock shop, and looks at what became of them."""

from typing import Any

import msgspec

from shared import contracts as c
from shared.adapters.shopify import ShopifyCommerce

from .vendors import TALK, PlainVault

ANA, MARC, EMMA, JAMES = (str(7_100_000_000_000 + n) for n in (1, 2, 3, 4))


class Till:
    """The port with a customer's token and a default key."""

    def __init__(self, shop: ShopifyCommerce, vault: PlainVault) -> None:
        self.shop = shop
        self.vault = vault

    async def act(self, customer: str, key: str = "k", **action: Any) -> c.Receipt:
        """Carry out one action."""
        token = await self.vault.token(customer, conversation_id=TALK, owner="o") if customer else ""
        wish: c.Action = msgspec.convert(action, c.Action)
        return await self.shop.execute(wish, customer=token, conversation_id=TALK, key=key)

    async def order(self, number: str) -> c.Order:
        """The order now."""
        found = await self.shop.order_proved(number, conversation_id=TALK)
        assert found is not None
        return found
