"""Talks to a vendor over HTTP and tries again while its trouble may pass."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from shared import metrics, telemetry
from shared.errors import VendorDown, VendorRefused

Found = TypeVar("Found")
Sleep = Callable[[float], Awaitable[None]]

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 2.0
_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}
_IDS = re.compile(r"/(?:\d+|[0-9a-f-]{16,})(?=[/.]|$)")
_MOST_BYTES = 8 << 20
"""Of an answer, unpacked: ours have some hundred kilobytes. A packed megabyte may hold a gigabyte."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long one call of a port may take, one attempt of it, and whose time that is."""

    deadline_s: float = 6.0
    attempt_s: float = 3.0
    sleep: Sleep = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


async def persist(attempt: Callable[[], Awaitable[Found]], *, vendor: str, patience: Patience) -> Found:
    """Run `attempt` until it succeeds, is refused, or the deadline passes.

    It is run again only after `VendorDown`: with the vendor's own waiting time, else 0.1-0.2-0.4 ... 2 s
    with jitter. So everything in it must be safe to do twice.
    """
    end = patience.clock() + patience.deadline_s
    tries = 0
    while True:
        left = end - patience.clock()
        try:
            async with asyncio.timeout(min(patience.attempt_s, max(left, 0.001))):
                return await attempt()
        except TimeoutError:
            problem = VendorDown(vendor, f"no answer in {patience.attempt_s:g} s")
        except VendorDown as down:
            problem = down
        wait = min(_FIRST_WAIT_S * 2**tries, _LONGEST_WAIT_S) * (0.5 + random.random() / 2)
        if problem.retry_after is not None:
            wait = problem.retry_after
        if patience.clock() + wait >= end:
            raise problem
        tries += 1
        metrics.count(metrics.VENDOR_RETRIES, vendor)
        await patience.sleep(wait)


async def exchange(
    client: httpx.AsyncClient, method: str, url: str, *, vendor: str, action: str = "", **request: Any
) -> httpx.Response:
    """One request, timed; returns what is below 500 and no refusal of credentials or rate.

    `action` is what it is called in the trace, where that is not its path.

    Raises `VendorDown` for 429, 5xx, broken connections and answers too large, `VendorRefused` for 401 and
    403. The texts hold no word of the request or the answer: either may be personal.
    """
    with (
        metrics.timed(metrics.VENDOR_SECONDS, vendor),
        telemetry.span(
            f"call {vendor}",
            kind=telemetry.CLIENT,
            vendor=vendor,
            action=action or _named(method, url),
        ) as call,
    ):
        answer = await _answer(client, method, url, vendor=vendor, **request)
        call.note(code=answer.status_code)
        taken = _checked(answer, vendor)
        call.note(outcome="answered")
        return taken


def _named(method: str, url: str) -> str:
    """A path without ids, as a trace names it."""
    return f"{method} {_IDS.sub('/{id}', url.partition('?')[0])}"


async def _answer(
    client: httpx.AsyncClient, method: str, url: str, *, vendor: str, **request: Any
) -> httpx.Response:
    try:
        async with client.stream(method, url, **request) as streamed:
            return await _whole(streamed, vendor)
    except httpx.TransportError as error:
        raise VendorDown(vendor, f"no connection: {type(error).__name__}") from error
    except httpx.DecodingError as error:
        raise VendorDown(vendor, "answered garbage (DecodingError)") from error


def _checked(answer: httpx.Response, vendor: str) -> httpx.Response:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise VendorDown(vendor, "429: too many requests", retry_after=_retry_after(answer))
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise VendorDown(vendor, f"answered {answer.status_code}", retry_after=_retry_after(answer))
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise VendorRefused(vendor, f"answered {answer.status_code}: check the credentials in the settings")
    return answer


async def _whole(streamed: httpx.Response, vendor: str) -> httpx.Response:
    """The answer with its body, which is counted while it is unpacked."""
    body = bytearray()
    async for piece in streamed.aiter_bytes():
        body += piece
        if len(body) > _MOST_BYTES:
            raise VendorDown(vendor, f"answered more than {_MOST_BYTES:,} bytes")
    headers = [(key, value) for key, value in streamed.headers.multi_items() if key not in _OF_THE_WIRE]
    return httpx.Response(
        streamed.status_code, headers=headers, content=bytes(body), request=streamed.request
    )


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds the vendor asks to wait; its date form and nonsense count as nothing said."""
    told = answer.headers.get("retry-after", "")
    try:
        return max(float(told), 0.0)
    except ValueError:
        return None
