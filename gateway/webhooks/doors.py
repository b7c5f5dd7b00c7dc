"""What is particular to each vendor: who signs what, where the topic stands, how it becomes an event."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.webhooks import bodies, shopify, signatures, zendesk
from gateway.webhooks.told import People, Told
from shared import contracts as c


class Door(Protocol):
    """One vendor's rules."""

    @property
    def vendor(self) -> c.Vendor:
        """Whose door it is."""
        ...

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """What the vendor signs with; nothing closes the door."""
        ...

    def signed(self, headers: signatures.Headers, body: bytes, now: float) -> bool:
        """Whether the vendor sent these bytes to us."""
        ...

    @property
    def topics(self) -> Collection[str]:
        """Those of use to us."""
        ...

    def topic(self, headers: signatures.Headers, body: bytes) -> str:
        """What it is about, as the vendor wrote it."""
        ...

    async def told(self, topic: str, body: bytes, people: People, now: float) -> Told[Any]:
        """The event; raises `Unreadable`, `Stale`."""
        ...


@dataclass(frozen=True)
class ShopifyDoor:
    """Shopify's."""

    secrets: tuple[bytes, ...]
    shop: str
    vendor: c.Vendor = "shopify"
    topics: Collection[str] = frozenset(shopify.TOPICS)

    def signed(self, headers: signatures.Headers, body: bytes, now: float) -> bool:  # noqa: ARG002
        """The domain is not signed; it tells a delivery to another shop's installation of the same app."""
        domain = signatures.only(headers, "x-shopify-shop-domain").lower()
        ours = hmac.compare_digest(domain, self.shop.encode())
        return signatures.shopify_signed(headers, body, self.secrets) and ours

    def topic(self, headers: signatures.Headers, body: bytes) -> str:  # noqa: ARG002
        """`X-Shopify-Topic`, which is not signed: the body must bear it out."""
        return signatures.only(headers, "x-shopify-topic").decode("latin-1")

    async def told(self, topic: str, body: bytes, people: People, now: float) -> Told[Any]:
        """The event; raises `Unreadable`, `Stale`."""
        found = bodies.parsed(body)
        return await shopify.told(topic, body, found, shop=self.shop, people=people, now=now)


@dataclass(frozen=True)
class ZendeskDoor:
    """Zendesk's."""

    secrets: tuple[bytes, ...]
    window: float
    vendor: c.Vendor = "zendesk"
    topics: Collection[str] = frozenset(zendesk.TOPICS)

    def signed(self, headers: signatures.Headers, body: bytes, now: float) -> bool:
        """Time and body are signed."""
        return signatures.zendesk_signed(headers, body, self.secrets, now=now, window=self.window)

    def topic(self, headers: signatures.Headers, body: bytes) -> str:  # noqa: ARG002
        """`type` of the body."""
        return zendesk.topic_of(body)

    async def told(self, topic: str, body: bytes, people: People, now: float) -> Told[Any]:  # noqa: ARG002
        """The event; raises `Unreadable`, `Stale`."""
        return zendesk.told(topic, bodies.parsed(body), now=now)
