"""Server-sent events: one line format, heartbeats while nothing happens."""

import asyncio
import random
from collections.abc import AsyncGenerator

import msgspec
from starlette.responses import StreamingResponse

HEARTBEAT_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: object, *, seq: int | None = None) -> bytes:
    """One event; `seq` becomes the id a client resumes from."""
    head = f"id: {seq}\n" if seq is not None else ""
    return head.encode() + b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"


def stream(
    events: AsyncGenerator[bytes], *, first: bytes = b"", seconds: float = 86400.0
) -> StreamingResponse:
    """The response that sends `first`, then these events; a comment whenever 15 s pass without one.

    It ends after about `seconds`, not of all clients at once; they resume from their last id, with a token
    that is looked at anew.
    """
    body = _with_heartbeats(events, first, seconds * random.uniform(0.9, 1.0))
    return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)


async def _with_heartbeats(
    events: AsyncGenerator[bytes], first: bytes, seconds: float
) -> AsyncGenerator[bytes]:
    pending: asyncio.Future[bytes] | None = None
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        if first:
            yield first
        while (left := until - loop.time()) > 0:
            pending = pending or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({pending}, timeout=min(HEARTBEAT_SECONDS, left))
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
