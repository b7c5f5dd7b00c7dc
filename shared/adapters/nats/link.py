"""One connection to NATS: store with acknowledgement, look up, and come back after every break."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec
import nats
from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamManager
from nats.js import errors as js_errors

from shared.adapters.nats.acks import Ack, Acks, Overtaken, Taken
from shared.adapters.nats.streams import Retention, ensure_streams
from shared.adapters.nats.wire import EXPECTED_LAST, STATUS
from shared.adapters.tasks import end
from shared.errors import BadMessage, BusDown

ADMIN_SECONDS = 2.0
"""How long one request about streams or consumers may take; a server that just started drops some."""
ACK_SECONDS = 2.0
"""How long one publish may wait for its acknowledgement before it is sent again."""
_NEVER = str(2**63 - 1)
"""A position no stream reaches."""


class Link:
    """A connection whose calls survive a server restart; made by `open_link`."""

    def __init__(self, client: Client, keep: Retention) -> None:
        self.nc = client
        self.manager: JetStreamManager = client.jsm(timeout=ADMIN_SECONDS)
        self.back: list[Callable[[], Awaitable[None]]] = []
        """Called in order after every reconnect, when the streams are there again."""
        self.breaks = 0
        self._mended = 0
        self._keep = keep
        self._inbox = f"{client.new_inbox()}."
        self._tokens = itertools.count()
        self._replies: dict[str, asyncio.Future[Msg | None]] = {}
        self.acks = Acks()
        self._log = logging.getLogger(__name__)

    @property
    def forgetful(self) -> bool:
        """True from a break until everybody has looked where the streams end.

        A server that was killed forgets what it delivered in its last moments, and delivers it as new.
        """
        return self.breaks != self._mended

    async def start(self) -> None:
        """Listen for replies and make the streams."""
        await self.nc.subscribe(f"{self._inbox}*", cb=self._on_reply)
        await self.ensure()

    async def ensure(self) -> None:
        """Make the streams that are missing: somebody may have removed one, or the disk."""
        await ensure_streams(self.manager, self._keep)

    async def store(
        self, subject: str, data: bytes, headers: dict[str, str] | None = None, *, seconds: float = 10.0
    ) -> Ack:
        """Publish until a stream acknowledges it.

        Raises:
            Taken, Overtaken: the stream has rules and says no.
            BadMessage: it is too big.
            BusDown: nobody acknowledged it within `seconds`, or the disk is full.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            reply = await self.request(subject, data, headers, until=deadline)
            if reply.headers and STATUS in reply.headers:
                # No stream listens: the server has just started, or lost its disk.
                await self._mend(subject, deadline)
                continue
            return self.acks.read(subject, reply.data)

    async def request(
        self, subject: str, data: bytes, headers: dict[str, str] | None = None, *, until: float
    ) -> Msg:
        """Ask the server and wait, asking again after a break or when it stays silent.

        Raises:
            BusDown: `until` (the loop's clock) passed.
            BadMessage: it is too big.
        """
        loop = asyncio.get_running_loop()
        while True:
            left = until - loop.time()
            if left <= 0:
                where = self.nc.connected_url or "nowhere (not connected)"
                raise BusDown(
                    f"no answer to {subject} from {where}; is nats-server up? It is safe to try again"
                )
            token = str(next(self._tokens))
            future = self._replies[token] = loop.create_future()
            timer = loop.call_later(min(left, ACK_SECONDS), _give_up, future)
            try:
                await self._send(subject, data, f"{self._inbox}{token}", headers)
                reply: Msg | None = await future
            finally:
                timer.cancel()
                self._replies.pop(token, None)
            if reply is not None:
                return reply

    async def send(self, subject: str, data: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Publish without acknowledgement; lost when the connection is gone for long."""
        try:
            await self._send(subject, data, "", headers)
        except BusDown as error:
            self._log.debug("not sent: %s", error)

    async def _send(self, subject: str, data: bytes, reply: str, headers: dict[str, str] | None) -> None:
        try:
            await self.nc.publish(subject, data, reply=reply, headers=headers)
        except errors.MaxPayloadError:
            raise BadMessage(
                f"a message of {len(data)} bytes for {subject} is over the server's {self.nc.max_payload}; "
                "send less or raise max_payload"
            ) from None
        except (errors.ConnectionClosedError, errors.OutboundBufferLimitError) as error:
            raise BusDown(f"cannot publish to {subject}: {error}") from None

    def notice(self, handle: Callable[[Msg | None], None]) -> tuple[str, Callable[[], None]]:
        """A reply subject whose first message goes to `handle`, and how to stop waiting for it."""
        token = str(next(self._tokens))
        future = self._replies[token] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: None if done.cancelled() else handle(done.result()))

        def forget() -> None:
            self._replies.pop(token, None)
            future.cancel()

        return f"{self._inbox}{token}", forget

    async def holds(self, subject: str, *, seconds: float = 10.0) -> bool:
        """Whether a stream has a message of this subject, asked by who may only write there.

        The server refuses what expects an impossible position, and says which one is there. A right to read
        would be one to have a stored message sent to any subject: the server checks no reply subject.
        """
        try:
            await self.store(subject, b"", {EXPECTED_LAST: _NEVER}, seconds=seconds)
        except Overtaken as error:
            return error.last > 0
        except Taken:
            return True
        return False

    async def get(self, stream: str, seconds: float = 10.0, **which: str | int) -> Msg | None:
        """A stored message by `last_by_subj`, or `seq`, or `next_by_subj` and `seq`; none when not there."""
        deadline = asyncio.get_running_loop().time() + seconds
        subject = f"$JS.API.DIRECT.GET.{stream}"
        data = msgspec.json.encode(which)
        while True:
            reply = await self.request(subject, data, until=deadline)
            status = (reply.headers or {}).get(STATUS)
            if status == "404":
                return None
            if status is None:
                return reply
            await self._mend(subject, deadline)

    async def last_seq(self, stream: str) -> int:
        """The position of the newest message of a stream."""
        info = await self.manager.stream_info(stream)
        return int(info.state.last_seq)

    async def _mend(self, subject: str, deadline: float) -> None:
        """Wait a little and make the streams again: nobody answered for them.

        Not at once: a stream of 2.9 that is made while its old files are removed loses its own.
        """
        await asyncio.sleep(0.25)
        if asyncio.get_running_loop().time() > deadline:
            raise BusDown(f"no stream takes {subject}; is JetStream enabled and its disk writable?")
        with suppress(js_errors.APIError, errors.TimeoutError):
            # JetStream is not up yet; the next round tries again until the deadline.
            await self.ensure()

    async def _on_reply(self, msg: Msg) -> None:
        future = self._replies.pop(msg.subject[len(self._inbox) :], None)
        if future is not None and not future.done():
            future.set_result(msg)

    async def came_back(self) -> None:
        """Streams first, then whoever waits: what was in flight is asked again."""
        breaks = self.breaks
        for future in list(self._replies.values()):
            if not future.done():
                future.set_result(None)
        for hook in [self.ensure, *self.back]:
            await self._insist(hook, breaks)
        # Of the breaks known when we began: another one since has its own run of this.
        self._mended = breaks

    async def _insist(self, hook: Callable[[], Awaitable[None]], breaks: int) -> None:
        """Until it works or the connection breaks again."""
        pause = 0.1
        while self.breaks == breaks:
            try:
                await hook()
            except (js_errors.APIError, errors.Error, BusDown) as error:
                self._log.warning("after the reconnect: %s; trying again", error)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)


def _give_up(future: "asyncio.Future[Msg | None]") -> None:
    if not future.done():
        future.set_result(None)


@asynccontextmanager
async def open_link(
    url: str, *, name: str, keep: Retention, connect_seconds: float, options: Mapping[str, object]
) -> AsyncIterator[Link]:
    """Connect, make the streams, and stay connected until the context ends.

    Raises:
        BusDown: no server answers at `url` within `connect_seconds`, or it has no JetStream.
    """
    log = logging.getLogger(__name__)
    tasks: set[asyncio.Task[None]] = set()
    link: Link | None = None
    closing = False

    async def told(error: Exception) -> None:
        log.debug("nats: %s", error)

    async def gone() -> None:
        if link is not None:
            link.breaks += 1
        if not closing:
            log.warning("the connection to NATS broke; trying again until it is back")

    async def back() -> None:
        log.warning("the connection to NATS is back")
        if link is not None:
            task = asyncio.create_task(link.came_back())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    try:
        async with asyncio.timeout(connect_seconds):
            client = await nats.connect(
                url,
                name=name,
                error_cb=told,
                disconnected_cb=gone,
                reconnected_cb=back,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.1,
                ping_interval=10,
                pending_size=32 * 1024 * 1024,
                **options,
            )
            link = Link(client, keep)
            await link.start()
    except (TimeoutError, errors.Error, OSError) as error:
        raise BusDown(
            f"no NATS with JetStream at {url} after {connect_seconds} s ({error or type(error).__name__}); "
            "start nats-server -js or correct BUS_URL"
        ) from None
    try:
        yield link
    finally:
        closing = True
        await end(tasks)
        if not client.is_closed:
            with suppress(errors.Error, TimeoutError):
                # Acknowledgements leave before the connection does; without a server there is nobody to tell.
                await client.flush(2)
            await client.close()
