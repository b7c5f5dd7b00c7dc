"""Reads a webhook's body: bounded, strict JSON, into the few fields that may go on."""

import json
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from gateway.problems import Problem

MOST_BYTES = 1024 * 1024
"""Shopify's largest orders have some hundred kilobytes."""
_MOST_LEVELS = 32
STALE_SECONDS = 20 * 3600.0
"""Events, and with them the keys that stop replays, are kept a day or longer; nothing older gets in.

Vendors try for four hours; the rest is for a backlog of theirs, and four hours are left for clocks.
"""
Shape = TypeVar("Shape")


class Unreadable(Exception):
    """The body is not what its topic should be; `field` is where (`.customer.id`), nothing of its content."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Stale(Exception):
    """The signed bytes are so old that the bus may not know any more that it has stored them."""


async def read(request: Request) -> bytes:
    """The raw bytes of the body.

    Raises:
        Problem: 413 over a megabyte, 415 when it is compressed or not JSON, 400 when it was cut off.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        detail = "Send application/json, not compressed; set the webhook's format to JSON."
        raise Problem(415, "unsupported-media-type", "Unsupported media type", detail)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise Problem(413, "too-large", "Request too large", f"The body is over {MOST_BYTES} bytes.")
    except ClientDisconnect:
        raise Problem(400, "cut-off", "Cut off", "The body did not come to its end.") from None
    return bytes(body)


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in these bytes.

    Raises:
        Unreadable: not UTF-8, not JSON, no object, a key twice, or nested more than 32 deep.
    """
    try:
        found = json.loads(body.decode(), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("body") from None
    if not isinstance(found, dict) or _levels_over(found, _MOST_LEVELS):
        raise Unreadable("body")
    return found


def shaped(found: dict[str, Any], shape: type[Shape]) -> Shape:
    """The fields of `shape`; whatever else the vendor sent is left behind.

    Raises:
        Unreadable: one is missing or not of its type; the message names it and quotes nothing.
    """
    try:
        return msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        # "... - at `$.customer.id`": the path is ours, names of fields that the shape has.
        _, _, path = str(error).rpartition(" - at `$")
        raise Unreadable(path.rstrip("`") or "fields") from None


def happened(at: datetime, *, now: float) -> float:
    """Unix seconds; a vendor's time without a zone is UTC.

    Raises:
        Stale: it is more than twenty hours before `now`.
    """
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if now - seconds > STALE_SECONDS:
        raise Stale
    return seconds


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_: str) -> NoReturn:
    """NaN and the infinities are no JSON."""
    raise ValueError


def _levels_over(found: object, most: int) -> bool:
    level: list[object] = [found]
    for _ in range(most):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True
