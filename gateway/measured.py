"""Times every request by the template of its route."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """ASGI middleware around the routes; what `Edges` refuses before them is not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, and observe the time to the first byte: a stream of events may last an hour."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds, method = time.perf_counter() - began, scope["method"]
                metrics.observe(
                    metrics.REQUEST_SECONDS,
                    seconds,
                    method if method in _METHODS else metrics.OTHER,
                    route_of(scope),
                    f"{message['status'] // 100}xx",
                )
            await send(message)

        await self.app(scope, receive, timed)


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, with the prefixes of all its routers.

    Of files it is the folder that is mounted. `none` when no route took it, whatever its path says.
    """
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    if route is not None:
        return str(route.path)
    return str(scope["root_path"]) if "endpoint" in scope else "none"
