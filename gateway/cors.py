"""Lets scripts of listed origins use the customers' routes, and of no others.

The Fetch standard's CORS protocol, without credentials: tokens travel in headers, never in cookies.
"""

from starlette.datastructures import Headers
from starlette.responses import Response

from gateway.problems import Problem

_MAX_AGE = 7200
"""Seconds a browser may remember a preflight; Chromium's own most."""
_ALLOWED = b"authorization, content-type, last-event-id, x-conversation-token"
_EXPOSED = b"retry-after, ratelimit, ratelimit-policy"


def shared(path: str) -> bool:
    """Whether a widget on the shop's own domain needs this path: the API, and its own script (a module)."""
    return path.startswith("/v1/") or path == "/static/widget.js"


def response_headers(origin: str, origins: frozenset[str]) -> list[tuple[bytes, bytes]]:
    """What a response on a shared path says to this origin; `Vary` even to others, for caches between."""
    found = [(b"vary", b"Origin")]
    if origin in origins:
        found += [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-expose-headers", _EXPOSED),
        ]
    return found


def preflight(headers: Headers, origins: frozenset[str]) -> Response:
    """The answer to a browser that asks before it sends; the origin's headers are added at the edge."""
    if headers.get("origin", "") not in origins:
        detail = "This origin is not allowed here; an operator lists it in CORS_ORIGINS."
        return Problem(403, "origin", "Origin not allowed", detail).response()
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": _ALLOWED.decode(),
            "Access-Control-Max-Age": str(_MAX_AGE),
        },
    )
