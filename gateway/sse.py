"""Server-sent events: one line format, heartbeats while nothing happens."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec
from starlette.responses import StreamingResponse

HEARTBEAT_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: object, *, seq: int | None = None) -> bytes:
    """One event; `seq` becomes the id a client resumes from."""
    head = f"id: {seq}\n" if seq is not None else ""
    return head.encode() + b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"


def stream(events: AsyncGenerator[bytes], *, first: bytes = b"") -> StreamingResponse:
    """The response that sends `first`, then these events; a comment whenever 15 s pass without one."""
    body = _with_heartbeats(events, first)
    return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)


async def _with_heartbeats(events: AsyncGenerator[bytes], first: bytes) -> AsyncGenerator[bytes]:
    pending: asyncio.Future[bytes] | None = None
    try:
        if first:
            yield first
        while True:
            pending = pending or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({pending}, timeout=HEARTBEAT_SECONDS)
            if not done:
                yield b": still here\n\n"
                continue
            finished, pending = pending, None
            try:
                yield finished.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.gather(pending, return_exceptions=True)
        await events.aclose()
