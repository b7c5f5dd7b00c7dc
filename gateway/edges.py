"""Bounds every request and sends the security headers, before any route runs."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem

MOST_BYTES = 64 * 1024
MOST_WEBHOOK_BYTES = 1024 * 1024
_CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]


class Edges:
    """ASGI middleware without buffering: a body is counted while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP requests on, bounded; everything else untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read, refused = 0, False
        most = MOST_WEBHOOK_BYTES if scope["path"].startswith("/v1/webhooks/") else MOST_BYTES

        async def bounded() -> Message:
            nonlocal read, refused
            message = await receive()
            read += len(message.get("body", b""))
            if read > most and not refused:
                refused = True
                await _too_large(most).response()(scope, receive, send)
            return message if not refused else {"type": "http.disconnect"}

        # Swagger's page loads its script from elsewhere, so only our own pages get the strict policy.
        strict = not scope["path"].startswith("/docs")

        async def sealed(message: MutableMapping[str, Any]) -> None:
            if refused:
                return  # the refusal was the response; whatever a route says about half a body is dropped
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *_HEADERS]
                if strict:
                    headers.append((b"content-security-policy", _CSP.encode()))
                message["headers"] = headers
            await send(message)

        await self.app(scope, bounded, sealed)


def _too_large(most: int) -> Problem:
    detail = f"The body is over {most} bytes; a message has at most 5,000 characters."
    return Problem(413, "too-large", "Request too large", detail)
