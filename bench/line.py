"""A keep-alive HTTP connection that costs next to nothing, so that the load is not what is measured."""

import asyncio
from typing import cast


class Line(asyncio.Protocol):
    """One keep-alive connection with one request on its way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._length = -1
        self._status = 0
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self.closed = False
        """True once the other side hung up; uvicorn does when nothing came for 5 s."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # uvloop's transports are not subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears that it is gone."""
        self.closed = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(f"the gateway closed the connection: {exc}"))

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        """Collect until the body is whole."""
        self._buffer += data
        if self._length < 0:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            at = head.lower().find(b"\r\ncontent-length:")
            if at < 0:
                self._fail(f"an answer without Content-Length: {head[:200]!r}")
                return
            self._length = int(head[at + 17 :].split(b"\r\n", 1)[0])
            self._status = int(head[9:12])
            self._buffer = rest
        if len(self._buffer) >= self._length and self._waiting is not None:
            body, self._buffer, self._length = self._buffer[: self._length], b"", -1
            self._waiting.set_result((self._status, body))

    def _fail(self, why: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(why))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()
