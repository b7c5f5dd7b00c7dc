"""Opens event streams by the thousand and reads what one of them costs the gateway in memory."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from bench.load import MESSAGES, percentile, run_load
from bench.processes import Rooms

_AT_ONCE = 50
_HEARD = 50
_GIVE_UP = 30.0


class StreamsMeasured(msgspec.Struct, kw_only=True):
    """Memory in bytes; `heard_p95` is milliseconds from sending a message to its `done` on the stream."""

    streams: int
    before: int
    after: int
    heard: int
    heard_p95: float

    @property
    def growth_mb(self) -> float:
        """What the gateway grew by, in MB."""
        return (self.after - self.before) / 1e6

    @property
    def memory_mb(self) -> float:
        """The whole gateway with all of them open, in MB."""
        return self.after / 1e6

    @property
    def kb_each(self) -> float:
        """KB of one stream."""
        return (self.after - self.before) / self.streams / 1e3


class Stream:
    """One open `GET /v1/conversations/{id}/events`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, conversation_id: str, token: str) -> "Stream":
        """Connected, authenticated, and up to date: the result that is stored has come."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /v1/conversations/{conversation_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Accept: text/event-stream\r\nX-Conversation-Token: {token}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(f"the stream of {conversation_id} was refused: {head[:200]!r}")
        stream = cls(reader, writer)
        await stream.done()
        return stream

    async def done(self) -> None:
        """The next `done` event, read to its end."""
        await self._reader.readuntil(b"event: done\n")
        await self._reader.readuntil(b"\n\n")

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def measure_streams(rooms: Rooms, count: int) -> StreamsMeasured:
    """Open `count` streams, each of a conversation of its own, then send messages to some of them."""
    load = await run_load(
        rooms.port, "--closed", "32", "--turns", str(count), "--each", "1", "--warm", "0", "--keep"
    )
    opened = load.opened
    before = rooms.memory("gateway")
    streams: list[Stream] = []
    try:
        for at in range(0, len(opened), _AT_ONCE):
            some = opened[at : at + _AT_ONCE]
            streams += await asyncio.gather(*(Stream.open(rooms.port, *each) for each in some))
        after = rooms.memory("gateway")
        heard = await _heard(rooms.port, opened[:_HEARD], streams[:_HEARD])
    finally:
        for stream in streams:
            stream.close()
    return StreamsMeasured(
        streams=len(streams), before=before, after=after, heard=len(heard), heard_p95=percentile(heard, 0.95)
    )


async def _heard(port: int, opened: Sequence[tuple[str, str]], streams: Sequence[Stream]) -> list[float]:
    """Milliseconds until a stream shows what another connection sent; one message after the other."""
    spent: list[float] = []
    for (conversation_id, token), stream in zip(opened, streams, strict=True):
        body = {"message": MESSAGES[0], "conversation_id": conversation_id, "conversation_token": token}
        data = msgspec.json.encode(body)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.perf_counter()
        writer.write(
            b"POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(data) + data
        )
        async with asyncio.timeout(_GIVE_UP):
            await stream.done()
        spent.append((time.perf_counter() - began) * 1000)
        writer.close()
    return sorted(spent)
