"""Sends a mock vendor's webhooks: signed, in the background, again when they were not taken.

Sources: "Updates to webhook retry mechanism" (shopify.dev/changelog: eight times over four hours, five
seconds each), "Webhook retries" (developer.zendesk.com/api-reference/webhooks/introduction: twelve seconds;
409 three times, 429 and 503 when `Retry-After` is under a minute, a time-out five times).
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TRIGGER_PATH = "/__mock__/webhook"
"""`POST` sends a webhook by hand: Shopify {topic, order or customer}, Zendesk {type, ticket, event}."""
Headers = Mapping[str, str]
Again = Callable[[int, httpx.Response | None], float | None]
"""Seconds until the next try after the nth (from 0) ended so (None: no answer in time); None ends it."""


@dataclass(frozen=True)
class Rules:
    """How patient a vendor is: how long it waits for an answer in seconds, and when it tries again."""

    seconds: float
    again: Again


def signature(secret: str, message: bytes) -> str:
    """Base64 of the HMAC-SHA256, as both vendors write it."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def _shopify_again(nth: int, answer: httpx.Response | None) -> float | None:
    if (answer is not None and answer.is_success) or nth >= 8:
        return None
    return 56.0 * (
        1 << nth
    )  # 255 times 56 seconds are four hours; the vendor says no more than "exponential"


def _zendesk_again(nth: int, answer: httpx.Response | None) -> float | None:
    if answer is None:
        return 1.0 if nth < 5 else None
    if answer.status_code == httpx.codes.CONFLICT:
        return 1.0 if nth < 3 else None
    asked = str(answer.headers.get("retry-after", ""))
    waits = answer.status_code in {429, 503} and asked.isdecimal() and int(asked) < 60
    return float(asked) if waits and nth < 3 else None


SHOPIFY = Rules(seconds=5.0, again=_shopify_again)
ZENDESK = Rules(seconds=12.0, again=_zendesk_again)


@dataclass
class Sender:
    """Deliveries on their way. With `pace` 0.01 an hour of retries is half a minute."""

    pace: float = 1.0
    transport: httpx.AsyncBaseTransport | None = None
    answers: list[int] = field(default_factory=list)
    """The status of each try, 0 for none in time; the last thousand."""
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, address: str, body: bytes, *, rules: Rules, sign: Callable[[], Headers]) -> None:
        """Deliver these bytes; `sign` gives the headers of each try (Zendesk signs its time)."""
        task = asyncio.get_running_loop().create_task(self._deliver(address, body, rules, sign))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def delivered(self) -> None:
        """Return when nothing is on its way any more."""
        while self._going:
            await asyncio.gather(*self._going)

    async def _deliver(self, address: str, body: bytes, rules: Rules, sign: Callable[[], Headers]) -> None:
        nth = 0
        async with httpx.AsyncClient(transport=self.transport, timeout=rules.seconds) as client:
            while True:
                answer = await _try(client, address, body, sign())
                self.answers = [*self.answers[-999:], answer.status_code if answer is not None else 0]
                wait = rules.again(nth, answer)
                if wait is None:
                    return
                await asyncio.sleep(wait * self.pace)
                nth += 1


def trigger_route(trigger: Callable[[Mapping[str, Any]], int]) -> Route:
    """`POST /__mock__/webhook`: send one by hand; answers how many addresses it goes to, or what is wrong."""

    async def by_hand(request: Request) -> Response:
        try:
            wish = await request.json()
            sent = trigger(wish if isinstance(wish, dict) else {})
            return JSONResponse({"sent": sent}, status_code=202)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route(TRIGGER_PATH, by_hand, methods=["POST"])


async def _try(
    client: httpx.AsyncClient, address: str, body: bytes, headers: Headers
) -> httpx.Response | None:
    try:
        return await client.post(address, content=body, headers=dict(headers))
    except httpx.HTTPError:
        return None
