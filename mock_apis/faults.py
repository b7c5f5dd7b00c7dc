"""Makes a mock vendor fail on demand, for every process that shares its file."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_apis.store import Store

FAULT_PATH = "/__mock__/fault"
_BODIES = {
    "empty": b"",
    "garbage": b'<html><h1>upstream connect error</h1> {"data": [tru',
    "error": b'{"errors":"Internal Server Error"}',
}
_BODILESS = (204, 304)
_MOST_MS, _MOST_S = 600_000, 86_400


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "status": (
        lambda each: each is None or _whole(each, 200, 599),
        "a status from 200 to 599, or null to delay alone",
    ),
    "body": (lambda each: isinstance(each, str) and each in _BODIES, f"one of {', '.join(_BODIES)}"),
    "times": (
        lambda each: each is None or _whole(each, 1, 1_000_000),
        "how many requests, from 1, or null for all",
    ),
    "delay_ms": (lambda each: _number(each, _MOST_MS), f"milliseconds from 0 to {_MOST_MS}"),
    "retry_after": (
        lambda each: each is None or _number(each, _MOST_S),
        f"seconds from 0 to {_MOST_S}, or null for none",
    ),
}
"""What a fault may have, and how it is told what else would fit."""


def set_fault(
    store: Store,
    *,
    status: int | None = 500,
    body: str = "error",
    times: int | None = None,
    delay_ms: float = 0,
    retry_after: float | None = None,
) -> None:
    """Break the vendor of this file from its next request on, in every process."""
    values = (status, body, times, delay_ms, retry_after)
    store.sql("INSERT OR REPLACE INTO fault VALUES (1, ?, ?, ?, ?, ?)", *values)


def clear_fault(store: Store) -> None:
    """Mend the vendor of this file."""
    store.sql("DELETE FROM fault")


class Faults:
    """An ASGI wrapper that answers for the vendor while a fault is set.

    `POST /__mock__/fault` {status, body: error|garbage|empty, times: n|null, delay_ms, retry_after} breaks
    the next `times` requests (null: all); `DELETE` mends. A `status` of null only delays.
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the command, the fault, or hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == FAULT_PATH:
            answer: Response | None = await self._command(Request(scope, receive))
        else:
            answer = await self._break()
        if answer is None:
            await self._app(scope, receive, send)
        else:
            await answer(scope, receive, send)

    def close(self) -> None:
        """Close the vendor's file."""
        self._store.close()

    async def _command(self, request: Request) -> Response:
        if request.method == "DELETE":
            clear_fault(self._store)
            return Response(status_code=204)
        if request.method != "POST":
            return JSONResponse({"error": "POST a fault or DELETE it"}, status_code=405)
        try:
            wish = await request.json()
        except ValueError as error:
            return JSONResponse({"error": f"the fault is not JSON: {error}"}, status_code=400)
        if told := _wrong(wish):
            return JSONResponse({"error": told}, status_code=400)
        set_fault(self._store, **wish)
        return JSONResponse(wish, status_code=201)

    async def _break(self) -> Response | None:
        if not self._store.sql("SELECT 1 FROM fault"):
            return None
        with self._store.writing():
            rows = self._store.sql("SELECT status, body, times, delay_ms, retry_after FROM fault")
            if not rows:
                return None
            status, body, times, delay_ms, retry_after = rows[0]
            if times is not None:
                if times <= 1:
                    self._store.sql("DELETE FROM fault")
                else:
                    self._store.sql("UPDATE fault SET times = times - 1")
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        if status is None:
            return None
        headers = {"Retry-After": f"{retry_after:g}"} if retry_after is not None else {}
        content = b"" if status in _BODILESS else _BODIES[body]
        return Response(content, status, headers, media_type="application/json")


def _wrong(wish: Any) -> str:
    """What is wrong with a fault that is asked for, and what would fit; empty when nothing is."""
    if not isinstance(wish, dict):
        return f'a fault is an object such as {{"status": 503}}; it has {sorted(_FIELDS)}'
    if unknown := sorted(set(wish) - set(_FIELDS)):
        return f"unknown {unknown}; a fault has {sorted(_FIELDS)}"
    for name, value in wish.items():
        fits, expected = _FIELDS[name]
        if not fits(value):
            return f"{name}: expected {expected}, not {value!r}"
    return ""
