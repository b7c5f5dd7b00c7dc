"""Event streams: nobody takes all places, none lasts for ever, and a slow or dead reader is let go."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from gateway import sse
from launch import protocol
from shared.contracts import TurnProgress
from tests.security.gate import gate, served, token


def request(conversation: str) -> bytes:
    """Asks for the events of this conversation, with its token."""
    [(name, value)] = token(conversation).items()
    path = f"/v1/conversations/{conversation}/events"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{name}: {value}\r\n\r\n".encode()


@asynccontextmanager
async def stream(port: int, conversation: str) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """Status line and what follows of one `GET .../events`, hung up at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(conversation))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        yield head.decode(), reader
    finally:
        writer.close()


async def opened(stack: AsyncExitStack, port: int, conversation: str) -> asyncio.StreamReader:
    head, reader = await stack.enter_async_context(stream(port, conversation))
    assert head.startswith("HTTP/1.1 200"), head
    return reader


async def drained(app: FastAPI) -> None:
    """Until every place is free again."""
    async with asyncio.timeout(30):
        while app.state.desk.streams._open or app.state.desk.hub.streams:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_the_oldest_stream_of_a_conversation_makes_room(tmp_path: Path) -> None:
    """The tab in front of the customer is the newest; the one that was closed may come back."""
    async with gate(tmp_path, sse_per_conversation=2) as app, served(app) as port, AsyncExitStack() as stack:
        first = await opened(stack, port, "c-1")
        await opened(stack, port, "c-1")
        await opened(stack, port, "c-2")
        third = await opened(stack, port, "c-1")
        await asyncio.wait_for(first.readuntil(b"0\r\n\r\n"), 5)
        sign = TurnProgress(conversation_id="c-1", turn_id="t-1", stage="writing")
        await app.state.desk.bus.progress(sign)
        assert b"writing" in await asyncio.wait_for(third.readuntil(b"\n\n"), 5)
        await stack.aclose()
        await drained(app)
        assert not app.state.desk.streams._following


async def test_an_address_and_the_house_have_so_many_places(tmp_path: Path) -> None:
    """429 for one address, 503 for all, each with Retry-After; a closed stream gives its place back."""
    async with gate(tmp_path, sse_per_address=2) as app, served(app) as port:
        async with AsyncExitStack() as stack:
            await opened(stack, port, "c-1")
            await opened(stack, port, "c-2")
            async with stream(port, "c-3") as (head, _):
                assert head.startswith("HTTP/1.1 429"), head
                assert "retry-after: " in head
        await drained(app)
        async with AsyncExitStack() as stack:
            await opened(stack, port, "c-3")
    async with gate(tmp_path, sse_total=1) as app, served(app) as port, AsyncExitStack() as stack:
        await opened(stack, port, "c-1")
        async with stream(port, "c-2") as (head, _):
            assert head.startswith("HTTP/1.1 503"), head
            assert "retry-after: " in head


async def test_a_stream_ends_at_its_age(tmp_path: Path) -> None:
    """Its client resumes, and its token is looked at anew."""
    async with gate(tmp_path, sse_seconds=1) as app, served(app) as port, AsyncExitStack() as stack:
        reader = await opened(stack, port, "c-1")
        await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 3)
        await drained(app)


async def test_a_dead_client_is_noticed_by_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments while nothing happens; who hung up loses the place."""
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.05)
    async with gate(tmp_path) as app, served(app) as port:
        async with AsyncExitStack() as stack:
            reader = await opened(stack, port, "c-1")
            await asyncio.wait_for(reader.readuntil(b": still here\n\n"), 5)
        await drained(app)


async def test_a_reader_that_does_not_read_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its queue stays short, and its unread bytes do not stay: the connection is cut."""
    monkeypatch.setattr(protocol, "READER_SECONDS", 0.3)
    async with gate(tmp_path) as app, served(app) as port:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        sock.sendall(request("c-1"))
        hub = app.state.desk.hub
        large = TurnProgress(conversation_id="c-1", turn_id="t" * 20_000, stage="writing")
        async with asyncio.timeout(30):
            while not hub.streams:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            [queue] = hub._listeners["c-1"]
            while hub.streams:
                if queue.qsize() < 50:  # far from what would end the stream for falling behind
                    await app.state.desk.bus.progress(large)
                await asyncio.sleep(0.001)
        sock.close()
        await drained(app)


async def test_a_stream_that_falls_behind_is_ended(tmp_path: Path) -> None:
    """A queue holds 200 at most, then the stream ends and resumes from its last id."""
    async with gate(tmp_path) as app, served(app) as port, AsyncExitStack() as stack:
        reader = await opened(stack, port, "c-1")
        [queue] = app.state.desk.hub._listeners["c-1"]
        for number in range(1000):
            app.state.desk.hub._hand(queue, number)
            assert queue.qsize() <= 200
            if queue.qsize() == 1 and number:
                break
        await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
        await drained(app)
