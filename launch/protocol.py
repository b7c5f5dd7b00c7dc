"""One HTTP connection, bounded: its head, its body and its reader must not keep us waiting.

uvicorn has a time-out between requests only (`timeout_keep_alive`), and its `h11_max_incomplete_event_size`
is not for httptools ("Settings" of the uvicorn docs); so a connection that sends a byte a minute stayed.
"""

import asyncio
import socket
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.edges import refusal
from gateway.headers import secured
from gateway.problems import Problem

HEAD_SECONDS = 10.0
"""From the connection, or the first byte of a further request, to the end of its headers."""
BODY_SECONDS = 20.0
"""From there to the end of its body; the application asks for it within 10 s and answers 408."""
READER_SECONDS = 30.0
"""How long a reader may leave 64 KB unread before it is cut off; a stream resumes from its last id."""
HEAD_BYTES = 32 * 1024
HEAD_FIELDS = 100
_UNACKED_MS = 60_000
_BAD = Problem(400, "bad-request", "Bad request", "This is no HTTP/1.1 request.")
_LARGE = Problem(431, "headers-too-large", "Headers too large", "Send less than 32 KB and 100 headers.")
_LATE = Problem(408, "too-slow", "Request timeout", "The request did not come in time; send it again.")


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with these bounds, for every connection of the gateway."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn would say "too many" in plain text, without our headers.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None
        self._head_bytes = self._head_fields = self._raw_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock; let the kernel give up a peer that is gone."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKED_MS)
        self._within(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        self._stop()
        self.resume_writing()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head_bytes = self._head_fields = self._raw_bytes = 0
        self._in_head = True
        self._within(HEAD_SECONDS)

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        super().on_url(url)
        self._weigh(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field; what follows a chunked body is none, and must not look like one to a route."""
        if self._in_head:
            super().on_header(name, value)
        self._head_fields += 1
        self._weigh(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """The head is whole: pass it on, or say that the house is full."""
        self._in_head = False
        if self.transport.is_closing():
            return
        self._within(BODY_SECONDS)
        own = self.app
        if self._most is not None and len(self.connections) > self._most:
            self.app = refusal(_full())
        try:
            super().on_headers_complete()
        finally:
            self.app = own

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._stop()
        if not self.transport.is_closing():
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes; a header without an end never becomes a field, so they are counted as they come."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._raw_bytes += len(data)
        if self._in_head and self._raw_bytes > HEAD_BYTES:
            self._refuse(_LARGE)

    def pause_writing(self) -> None:
        """The peer does not read."""
        super().pause_writing()
        self._reader = self.loop.call_later(READER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  ours says more
        """What cannot be parsed is answered like every other error."""
        self._refuse(_BAD)

    def _weigh(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES or self._head_fields > HEAD_FIELDS:
            self._refuse(_LARGE)

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        answering = self.cycle is not None and self.cycle.response_started
        if answering or self._raw_bytes == 0:
            self.transport.abort()  # nobody asked, or the answer is out already
        else:
            self._refuse(_LATE)

    def _refuse(self, problem: Problem) -> None:
        if self.transport.is_closing():
            return
        answer = problem.response()
        head = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\nconnection: close\r\n"
        fields = secured(answer.raw_headers, "", https=False)
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(head.encode() + lines + b"\r\n" + bytes(answer.body))
        self.transport.close()


def _full() -> Problem:
    detail = "This server has no free connection; try again in a few seconds."
    headers = {"Retry-After": "5", "Connection": "close"}
    return Problem(503, "full", "Too many connections", detail, headers=headers)
