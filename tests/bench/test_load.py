"""The load times what a customer would have waited, and counts what came of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.load import TURNS, Load

SERVICE = 0.03


class Server:
    """Answers one request after the other, each after `SERVICE` seconds, and keeps what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.hangs_up = False
        self.talks: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection, kept so that its end can be waited for."""
        self.talks.add(asyncio.create_task(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.bodies.append(json.loads(await reader.readexactly(length)))
                async with self._one:
                    await asyncio.sleep(SERVICE)  # the work itself
                status = self.statuses.pop(0) if self.statuses else 200
                n = len(self.bodies)
                body = {"conversation_id": f"c-{n}", "conversation_token": "t", "status": "answered"}
                data = json.dumps(body).encode()
                # In two writes, as uvicorn does: the load must wait for the body.
                writer.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (status, len(data)))
                await writer.drain()
                writer.write(data)
                if self.hangs_up:
                    break
        except asyncio.IncompleteReadError:
            pass  # the load has hung up
        finally:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, int]]:
    """The server and its port."""
    server = Server()
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    try:
        yield server, listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()
        # Each ends when the load has hung up; it must.
        await asyncio.wait_for(asyncio.gather(*server.talks), 5)


async def test_an_open_loop_counts_from_the_planned_moment() -> None:
    """A server that does half the rate makes the last message wait for all before it."""
    rate, seconds = 2 / SERVICE, 0.6
    async with serving() as (_, port):
        measured = await Load(port).open(rate, seconds=seconds, warm=0)
    assert measured.turns == measured.sent == int(rate * seconds)
    # Planned at about `seconds`, done after `turns` services of which half fit into that time.
    behind = measured.turns * SERVICE - seconds
    assert measured.worst >= 0.95 * behind * 1000
    assert measured.worst > 5 * SERVICE * 1000, "the time of the service alone is not what was waited"
    assert measured.late_p99 < measured.worst, "the load itself kept its plan"


async def test_an_open_loop_with_one_line_waits_in_line_and_still_counts_it() -> None:
    """When no more connections may be opened, waiting for a free one is waiting too."""
    async with serving() as (_, port):
        measured = await Load(port).open(2 / SERVICE, seconds=0.3, warm=0, most_lines=1)
    assert measured.worst >= 0.95 * (measured.turns * SERVICE - 0.3) * 1000


async def test_a_closed_loop_sends_the_next_when_the_last_is_answered() -> None:
    """One customer never has two messages on the way, so the rate is that of the server."""
    async with serving() as (server, port):
        measured = await Load(port).closed(1, seconds=0, warm=0, turns=6)
    assert measured.sent == len(server.bodies) == 6
    assert measured.per_second <= 1.05 / SERVICE
    assert measured.outcomes == {"answered": 6}


async def test_a_conversation_is_continued_and_then_a_new_one_begins() -> None:
    """Five messages carry the id and token of the first answer; no message is sent twice under one id."""
    async with serving() as (server, port):
        await Load(port).closed(1, seconds=0, warm=0, turns=TURNS + 1)
    ids = [body.get("conversation_id") for body in server.bodies]
    assert ids[0] is None
    assert all(ids[1:TURNS])
    assert ids[TURNS] is None
    assert len({body["client_message_id"] for body in server.bodies}) == TURNS + 1


async def test_a_connection_that_was_closed_while_idle_is_opened_again() -> None:
    """A server may hang up on a customer who says nothing for a while; the next message still arrives."""
    async with serving() as (server, port):
        server.hangs_up = True
        # Slower than the server, so that each message finds the only line idle and closed.
        measured = await Load(port).open(0.25 / SERVICE, seconds=0.6, warm=0, most_lines=1)
    assert len(server.talks) == measured.sent
    assert measured.outcomes == {"answered": measured.sent}


async def test_a_refusal_is_counted_as_what_it_is() -> None:
    """An answer that is not 200 is no turn that ended well."""
    async with serving() as (server, port):
        server.statuses = [200, 503, 429]
        measured = await Load(port).closed(1, seconds=0, warm=0, turns=4)
    assert measured.outcomes == {"answered": 2, "503": 1, "429": 1}
    assert measured.failed == 2
