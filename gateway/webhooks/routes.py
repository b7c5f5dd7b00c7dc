"""The doors for vendors: a signed webhook becomes an event, stored before it is answered.

Answers follow what the vendors do with them. Shopify tries anything but 2xx eight times in four hours, waits
five seconds, and drops a subscription that keeps failing ("Updates to webhook retry mechanism",
shopify.dev/changelog). Zendesk waits twelve seconds and tries again after 409, after 429
and 503 with `Retry-After` under a minute, and after its own time-out ("Webhook retries",
developer.zendesk.com/api-reference/webhooks/introduction). So: 200 for all that is signed, also what we do
not use or cannot read; 401 for what is not; 503 when it could not be stored.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.context import Desk, DeskOf
from gateway.doors import address_of
from gateway.problems import Problem
from gateway.webhooks.bodies import Stale, Unreadable, read
from gateway.webhooks.doors import Door, ShopifyDoor, ZendeskDoor
from gateway.webhooks.signatures import secrets_of
from gateway.webhooks.told import People
from shared import contracts as c
from shared import metrics, telemetry
from shared.errors import BusDown, DeskError, SettingsError
from shared.ports import PIIVault
from shared.settings import Settings, without_password

_LOG = logging.getLogger("answerdesk.gateway")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_TOPIC = re.compile(r"[a-z_]{1,40}/[a-z_]{1,40}|zen:event-type:[a-z_.]{1,80}")
_MOST_UNUSED = 50
"""Topics of no use that are said in the log; all are counted."""
_DEADLINE_SECONDS = 4.0
"""Shopify hangs up after five; what was stored meanwhile is stored once."""
Outcome = Literal["stored", "unused", "unreadable", "refused", "unavailable"]


def webhooks_router(
    settings: Settings, vault: PIIVault, *, now: Callable[[], float] = time.time
) -> APIRouter:
    """`POST /v1/webhooks/shopify` and `/zendesk`; without its secret a vendor's door is not there.

    Raises:
        SettingsError: a secret could be guessed, or Shopify's is set and the shop's domain is not known.
    """
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
    shopify_secrets = secrets_of("SHOPIFY_WEBHOOK_SECRET", settings.shopify_webhook_secret)
    shopify = ShopifyDoor(shopify_secrets, _shop_domain(settings) if shopify_secrets else "")
    zendesk_secrets = secrets_of("ZENDESK_WEBHOOK_SECRET", settings.zendesk_webhook_secret)
    zendesk = ZendeskDoor(zendesk_secrets, settings.webhook_window_seconds)
    desk = _Reception(vault, now)

    @router.post("/shopify")
    async def from_shopify(request: Request, at: DeskOf) -> Response:
        """A signed event of the shop (`X-Shopify-Hmac-Sha256`); 200 when it is stored, or of no use."""
        return await desk.take(request, at, shopify)

    @router.post("/zendesk")
    async def from_zendesk(request: Request, at: DeskOf) -> Response:
        """A signed event of the helpdesk (`X-Zendesk-Webhook-Signature`); 200 when stored, or of no use."""
        return await desk.take(request, at, zendesk)

    return router


class _Reception:
    """The same way for every vendor: verify, read, store, answer."""

    def __init__(self, vault: PIIVault, now: Callable[[], float]) -> None:
        self._vault = vault
        self._now = now
        self._unused: set[tuple[str, str]] = set()

    async def take(self, request: Request, at: Desk, door: Door) -> Response:
        if not door.secrets:
            detail = f"No {door.vendor} webhook is taken here; set {door.vendor.upper()}_WEBHOOK_SECRET."
            raise Problem(404, "webhook-off", "Not set up", detail)
        headers, now = request.headers.raw, self._now()
        body = await read(request)
        if not door.signed(headers, body, now):
            raise await self._refused(request, at, door)
        topic = door.topic(headers, body)
        if topic not in door.topics:
            self._tell_of(door, topic)
            return self._answer(door, "unused")
        try:
            with telemetry.root(f"webhook {door.vendor}", agent="gateway", action=topic, vendor=door.vendor):
                async with asyncio.timeout(_DEADLINE_SECONDS):
                    return await self._store(request, at, door, topic, body, now)
        except TimeoutError:
            metrics.count(metrics.WEBHOOKS, door.vendor, "unavailable")
            raise BusDown(
                f"a {door.vendor} webhook was not stored within {_DEADLINE_SECONDS:.0f} s"
            ) from None
        except DeskError:
            metrics.count(metrics.WEBHOOKS, door.vendor, "unavailable")
            raise

    async def _store(
        self, request: Request, at: Desk, door: Door, topic: str, body: bytes, now: float
    ) -> Response:
        try:
            told = await door.told(topic, body, People(self._vault, at.entries.audit), now)
        except Unreadable as error:
            digest = hashlib.sha256(body).hexdigest()
            _LOG.warning("a signed %s webhook is no %s: %s is wrong", door.vendor, topic, error.field)
            unreadable = c.WebhookUnreadable(
                vendor=door.vendor,
                topic=topic,
                field=error.field,
                digest=digest,
                size=len(body),
                received_at=now,
            )
            await at.bus.publish(c.WEBHOOK_UNREADABLE, unreadable, key=f"{topic} {digest}")
            return self._answer(door, "unreadable")
        except Stale:
            raise await self._refused(request, at, door) from None
        await at.bus.publish(told.event, told.body, key=told.key)
        return self._answer(door, "stored")

    def _tell_of(self, door: Door, topic: str) -> None:
        """Say once that a topic is of no use here: whoever subscribed to it should know."""
        shown = topic if _TOPIC.fullmatch(topic) else "of no topic"
        if (door.vendor, shown) in self._unused or len(self._unused) >= _MOST_UNUSED:
            return
        self._unused.add((door.vendor, shown))
        _LOG.warning(
            "signed %s webhooks %s are answered with 200 and dropped; docs/webhooks.md lists what is used",
            door.vendor, shown,
        )  # fmt: skip

    async def _refused(self, request: Request, at: Desk, door: Door) -> Problem:
        metrics.count(metrics.WEBHOOKS, door.vendor, "refused")
        await at.entries.denied(f"{door.vendor} webhook", customer="", address=address_of(request))
        # Which part was wrong would help only who tries to make one.
        return Problem(401, "webhook-refused", "Not signed", "This is no webhook of ours.")

    def _answer(self, door: Door, outcome: Outcome) -> Response:
        metrics.count(metrics.WEBHOOKS, door.vendor, outcome)
        telemetry.note(outcome=outcome)
        return Response(msgspec.json.encode({"status": outcome}), media_type="application/json")


def _shop_domain(settings: Settings) -> str:
    url = urlsplit(settings.commerce_url)
    domain = settings.shopify_shop_domain or (url.hostname or "" if url.scheme == "https" else "")
    if not domain:
        raise SettingsError(
            f"SHOPIFY_WEBHOOK_SECRET is set, and COMMERCE_URL={without_password(settings.commerce_url)} "
            "names no shop; set SHOPIFY_SHOP_DOMAIN, e.g. harbor-and-pine.myshopify.com"
        )
    if not _DOMAIN.fullmatch(domain.lower()):
        raise SettingsError(
            f"SHOPIFY_SHOP_DOMAIN={domain!r}: expected a name without scheme or path, "
            "e.g. harbor-and-pine.myshopify.com"
        )
    return domain.lower()
