"""A door of its own for Prometheus and orchestrators: `/metrics`, `/health/live`, `/health/ready`.

Roles without HTTP have no other; the gateway has its own beside it, which asks who is there. This one asks
nobody, so it listens on this machine unless it is told otherwise. It reads one GET without a body and closes:
a web framework would cost each agent 30 MB and half a second of its start.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import NamedTuple

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from gateway.ops.looking import Pings, answered
from launch.listening import listening
from shared.settings import Settings

_JSON = "application/json"
_HEAD_BYTES = 8192
_SECONDS = 10.0
"""For one request, from the connection to the last byte of the answer."""
_MOST_AT_ONCE = 32


def bind_metrics(settings: Settings) -> socket.socket | None:
    """The listening socket at `METRICS_HOST:METRICS_PORT`; None when the port is 0.

    Raises:
        SettingsError: it is taken, or not ours to take.
    """
    if not settings.metrics_port:
        return None
    host, port = settings.metrics_host, settings.metrics_port
    return listening(
        host, port, setting=f"METRICS_PORT={port} at METRICS_HOST={host}",
        remedy="each process on one machine needs a METRICS_PORT of its own",
    )  # fmt: skip


class Reply(NamedTuple):
    """What is answered."""

    status: HTTPStatus
    kind: str
    body: bytes


class Door:
    """Answers requests over these pings and this registry."""

    def __init__(self, pings: Pings, registry: CollectorRegistry) -> None:
        self._pings = pings
        self._registry = registry
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, one answer. Who is too slow, too long or too many is hung up on."""
        self._open += 1
        try:
            with suppress(
                TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                async with asyncio.timeout(_SECONDS):
                    if self._open <= _MOST_AT_ONCE:
                        await self._talk(reader, writer)
        finally:
            self._open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b" ")
        reply = await self.reply(method.decode("latin-1"), rest.split(b" ", 1)[0].decode("latin-1"))
        lines = (
            f"HTTP/1.1 {reply.status.value} {reply.status.phrase}",
            f"Content-Type: {reply.kind}",
            f"Content-Length: {len(reply.body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        )
        body = b"" if method == b"HEAD" else reply.body
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    async def reply(self, method: str, target: str) -> Reply:
        """What this request is answered."""
        if method not in {"GET", "HEAD"}:
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, _JSON, b'{"status":"only GET is answered here"}')
        match target.partition("?")[0]:
            case "/metrics":
                text = await asyncio.to_thread(generate_latest, self._registry)
                return Reply(HTTPStatus.OK, CONTENT_TYPE_LATEST, text)
            case "/health/live":
                return Reply(HTTPStatus.OK, _JSON, b'{"status":"ok"}')
            case "/health/ready":
                found = await asyncio.gather(*(answered(*each) for each in self._pings.items()))
                fine = not any(each.said for each in found)
                checks = {each.name: each.said or "ok" for each in found}
                body = {"status": "ok" if fine else "degraded", "checks": checks}
                status = HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
                return Reply(status, _JSON, msgspec.json.encode(body))
            case _:
                known = b'{"status":"not found: /metrics, /health/live and /health/ready are here"}'
                return Reply(HTTPStatus.NOT_FOUND, _JSON, known)


@asynccontextmanager
async def kept_scraped(
    sock: socket.socket | None, pings: Pings, registry: CollectorRegistry
) -> AsyncIterator[None]:
    """Answer there while the context is open."""
    if sock is None:
        yield
        return
    server = await asyncio.start_server(Door(pings, registry).serve, sock=sock, limit=_HEAD_BYTES)
    async with server:
        yield
