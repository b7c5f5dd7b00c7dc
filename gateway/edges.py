"""The outermost layer: bounds every request and seals every response, before and after any route."""

import asyncio
import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import bounds, cors
from gateway.doors import Doors
from gateway.headers import secured
from gateway.problems import Problem

_LOG = logging.getLogger("answerdesk.gateway")


class Edges:
    """ASGI middleware without buffering: a body is counted and timed while it is read."""

    def __init__(self, app: ASGIApp, doors: Doors | None = None) -> None:
        self.app = app
        self.doors = doors or Doors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP requests on, bounded; everything else untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = self.doors.seen(scope)
        headers = Headers(scope=scope)
        sealed = _Sealed(send, self._extra(scope, headers), scope, https=self._https(scope))
        try:
            bounds.check(scope, headers, self.doors)
        except Problem as problem:
            await problem.response()(scope, receive, sealed)
            return
        if _is_preflight(scope, headers):
            await cors.preflight(headers, self.doors.origins)(scope, receive, sealed)
            return
        try:
            await self.app(scope, _Bounded(receive, sealed, scope), sealed)
        except Exception as error:
            # The app has answered and logged it (problems.install); half an answer can only be cut off.
            _LOG.debug("a request ended in %s", type(error).__name__)
            if not sealed.complete:
                raise

    def _https(self, scope: Scope) -> bool:
        return self.doors.https or scope["scheme"] == "https"

    def _extra(self, scope: Scope, headers: Headers) -> list[tuple[bytes, bytes]]:
        if not self.doors.origins or not cors.shared(scope["path"]):
            return []
        return cors.response_headers(headers.get("origin", ""), self.doors.origins)


class _Sealed:
    """`send` that adds our headers; after `refuse` what the app says is dropped."""

    def __init__(self, send: Send, extra: list[tuple[bytes, bytes]], scope: Scope, *, https: bool) -> None:
        self._send = send
        self._extra = extra
        self._path: str = scope["path"]
        self._https = https
        self._refused = False
        self._started = False
        self.complete = False

    async def __call__(self, message: Message) -> None:
        if not self._refused:
            await self._out(message)

    async def refuse(self, problem: Problem, scope: Scope, receive: Receive) -> None:
        """Answer instead of the app, which may be waiting for the rest of the body."""
        self._refused = True
        if not self._started:
            await problem.response()(scope, receive, self._out)

    async def _out(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            message["headers"] = secured(
                [*message.get("headers", []), *self._extra], self._path, https=self._https
            )
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
        await self._send(message)


class _Bounded:
    """`receive` that ends a body which is too large, or does not come."""

    def __init__(self, receive: Receive, sealed: _Sealed, scope: Scope) -> None:
        self._receive = receive
        self._sealed = sealed
        self._scope = scope
        self._bound = bounds.bound_of(scope["path"])
        self._read = 0
        self._whole = self._refused = False
        self._until: float | None = None

    async def __call__(self) -> Message:
        if self._refused:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()  # waits for the client to hang up, however long that takes
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + bounds.BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return await self._refuse(bounds.too_slow())
        self._read += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._read > self._bound.most:
            return await self._refuse(bounds.too_large(self._bound))
        return message

    async def _refuse(self, problem: Problem) -> Message:
        self._refused = True
        await self._sealed.refuse(problem, self._scope, self._receive)
        return {"type": "http.disconnect"}


def _is_preflight(scope: Scope, headers: Headers) -> bool:
    asked = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
    return asked and cors.shared(scope["path"])


def refusal(problem: Problem) -> ASGIApp:
    """An application that says only this, under our headers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await problem.response()(scope, receive, send)

    return Edges(app)
