"""`python -m tests.security.canaries.quoting <role>` is `launch` with bugs that quote what they choke on.

Each bug has a word in the message that sets it off. Bugs of strangers' libraries do the same: `int()`,
codecs and parsers put what they were given into their exception.
"""

import sys
from typing import Any

import agents.intent
import gateway.delivery
import gateway.intake
import shared.adapters.shopify
import shared.adapters.zendesk
from launch.__main__ import main

INTAKE, DELIVERY, INTENT, HELPDESK, SHOP = (
    "tripintake", "tripdelivery", "tripintent", "triphelpdesk", "77777",
)  # fmt: skip


def plant() -> None:
    """Put the bugs in: at both doors, in an agent, and where vendors get what is personal."""
    _at_the_doors()
    _in_agents()


def _at_the_doors() -> None:
    clean, opened = gateway.intake.clean, gateway.delivery.Delivery._open

    def bad_clean(message: str, **named: Any) -> str:
        if INTAKE in message:
            raise ValueError(f"cannot read {message!r}")
        return clean(message, **named)

    async def bad_open(self: Any, text: str, conversation_id: str) -> str:
        raw = await opened(self, text, conversation_id)
        if DELIVERY in raw:
            raise ValueError(f"cannot write {raw!r}")
        return raw

    gateway.intake.clean = bad_clean
    gateway.delivery.Delivery._open = bad_open  # type: ignore[method-assign]


def _in_agents() -> None:
    classify = agents.intent.classify
    filed = shared.adapters.zendesk.ZendeskHelpdesk._open
    ordered = shared.adapters.shopify.ShopifyCommerce._order

    async def bad_classify(ask: Any, **ports: Any) -> Any:
        if INTENT in ask.text:
            raise KeyError(ask.text)
        return await classify(ask, **ports)

    async def bad_filing(self: Any, external_id: str, ticket: Any) -> str:
        if HELPDESK in str(ticket):
            raise TypeError(f"cannot file {ticket}")
        return await filed(self, external_id, ticket)

    async def bad_order(self: Any, search: str) -> Any:
        if SHOP in search:
            raise LookupError(f"nothing for {search}")
        return await ordered(self, search)

    agents.intent.classify = bad_classify
    shared.adapters.zendesk.ZendeskHelpdesk._open = bad_filing  # type: ignore[method-assign]
    shared.adapters.shopify.ShopifyCommerce._order = bad_order  # type: ignore[method-assign]


if __name__ == "__main__":
    plant()
    sys.exit(main())
