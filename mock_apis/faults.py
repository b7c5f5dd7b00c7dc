"""Makes a mock vendor fail on demand, for every process that shares its file."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_apis.store import Store

FAULT_PATH = "/__mock__/fault"
_FIELDS = {"status", "body", "times", "delay_ms", "retry_after"}
_BODIES = {
    "empty": b"",
    "garbage": b'<html><h1>upstream connect error</h1> {"data": [tru',
    "error": b'{"errors":"Internal Server Error"}',
}


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
        if not isinstance(wish, dict) or (unknown := set(wish) - _FIELDS):
            named = f"unknown {sorted(unknown)}" if isinstance(wish, dict) else "not an object"
            return JSONResponse({"error": f"{named}; a fault has {sorted(_FIELDS)}"}, status_code=400)
        body = wish.get("body", "error")
        if body not in _BODIES:
            return JSONResponse({"error": f"body {body!r} is none of {sorted(_BODIES)}"}, status_code=400)
        set_fault(self._store, **(wish | {"body": body}))
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
        return Response(_BODIES[body], status, headers, media_type="application/json")
