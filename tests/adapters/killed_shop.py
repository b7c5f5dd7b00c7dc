"""Carries an exchange out in a process of its own that dies when the shop has said yes to the return.

`python -m tests.adapters.killed_shop <shop file>`; its exit code is 9.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from mock_apis import shopify as mock
from shared import contracts as c
from shared.adapters.shopify import ShopifyCommerce
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.vendor_http import Patience
from tests.adapters.till import MARC
from tests.adapters.vendors import NOW, TALK, PlainVault
from tests.clock import Clock

KILLED = 9
EXCHANGE = c.Exchange(
    order_number="1004",
    item="HP-KINDLF-M-M",
    wanted="HP-KINDLF-M-L",
    label="https://labels.example.com/{return}.pdf",
)


async def execute(shop_file: Path, *, dies: bool) -> c.Receipt:
    """Marc's exchange; with `dies` the process ends before it hears that the return is made."""

    async def die(answer: httpx.Response) -> None:
        if dies and b"mutation Return(" in answer.request.content:
            os._exit(KILLED)

    app = mock.create_app(shop_file, now=lambda: datetime.fromtimestamp(NOW, UTC))
    vault = PlainVault()
    customer = await vault.token(MARC, conversation_id=TALK, owner="o")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://s.test",
        headers={"X-Shopify-Access-Token": mock.TOKEN},
        event_hooks={"response": [die]},
    ) as http:
        shop = ShopifyCommerce(ShopifyClient(http=http, patience=Patience()), vault=vault, clock=Clock(NOW))
        return await shop.execute(EXCHANGE, customer=customer, conversation_id=TALK, key="k")


if __name__ == "__main__":
    asyncio.run(execute(Path(sys.argv[1]), dies=True))
