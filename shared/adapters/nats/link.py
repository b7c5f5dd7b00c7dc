"""One connection to NATS: store with acknowledgement, look up, and come back after every break."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec
from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamManager
from nats.js import errors as js_errors
from nats.js.api import ConsumerConfig

from shared.adapters.nats.access import may_make
from shared.adapters.nats.acks import Ack, Acks, Overtaken, Taken
from shared.adapters.nats.connecting import pattern_of
from shared.adapters.nats.streams import Retention, ensure_streams
from shared.adapters.nats.wire import EXPECTED_LAST, STATUS
from shared.errors import BadMessage, BusDown

ADMIN_SECONDS = 2.0
"""How long one request about streams or consumers may take; a server that just started drops some."""
ACK_SECONDS = 2.0
"""How long one publish may wait for its acknowledgement before it is sent again."""
MADE_SECONDS = 30.0
"""How long who may not make streams waits for them: the services of an installation start at once."""
Thing = TypeVar("Thing")
_NEVER = str(2**63 - 1)
"""A position no stream reaches."""


class Link:
    """A connection whose calls survive a server restart; made by `opening.open_link`."""

    def __init__(
        self,
        client: Client,
        keep: Retention,
        *,
        user: str = "",
        consumers: Sequence[tuple[str, ConsumerConfig]] = (),
    ) -> None:
        self.nc = client
        self.makes = not user or may_make(user)
        """Whether streams and consumers are ours to make; others wait until they are there."""
        self._user = user
        self._consumers = consumers
        self.manager: JetStreamManager = client.jsm(timeout=ADMIN_SECONDS)
        self.back: list[Callable[[], Awaitable[None]]] = []
        """Called in order after every reconnect, when the streams are there again."""
        self.breaks = 0
        self._mended = 0
        self._keep = keep
        self._inbox = f"{client.new_inbox()}."
        self._tokens = itertools.count()
        self._replies: dict[str, tuple[str, asyncio.Future[Msg | None]]] = {}
        """By token: the subject that was published, and who waits for the reply."""
        self._denied: set[str] = set()
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
        """Make what is missing: somebody may have removed a stream, or the disk."""
        if not self.makes:
            return
        await ensure_streams(self.manager, self._keep)
        for stream, config in self._consumers:
            await self.manager.add_consumer(stream, config)

    async def made(self, look: Callable[[], Awaitable[Thing]], what: str) -> Thing:
        """What `look` finds, when it is there: it may be another service that makes it.

        Raises:
            BusDown: nobody made it in time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + MADE_SECONDS
        while True:
            try:
                return await look()
            except js_errors.NotFoundError:
                if self.makes:
                    raise
            if loop.time() > until:
                raise BusDown(f"{what} is not there; start the conversation service, which makes it")
            await asyncio.sleep(0.1)

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
            BusDown: `until` (the loop's clock) passed, or we may not publish there.
            BadMessage: it is too big.
        """
        loop = asyncio.get_running_loop()
        while True:
            left = until - loop.time()
            if left <= 0:
                url = self.nc.connected_url
                where = f"{url.hostname}:{url.port}" if url else "nowhere (not connected)"
                raise BusDown(
                    f"no answer to {subject} from {where}; is nats-server up? It is safe to try again"
                )
            token = str(next(self._tokens))
            future: asyncio.Future[Msg | None] = loop.create_future()
            self._replies[token] = subject, future
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

    def notice(
        self, subject: str, handle: Callable[[Msg | BaseException | None], None]
    ) -> tuple[str, Callable[[], None]]:
        """A reply subject for a message to `subject`, and how to stop waiting.

        The first reply goes to `handle`; nothing after a break, an error when we may not publish there.
        """
        token = str(next(self._tokens))
        future: asyncio.Future[Msg | None] = asyncio.get_running_loop().create_future()
        self._replies[token] = subject, future
        future.add_done_callback(
            lambda done: None if done.cancelled() else handle(done.exception() or done.result())
        )

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
        info = await self.made(lambda: self.manager.stream_info(stream), f"stream {stream}")
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
        _, future = self._replies.pop(msg.subject[len(self._inbox) :], ("", None))
        if future is not None and not future.done():
            future.set_result(msg)

    def refuse(self, deed: str, subject: str) -> None:
        """The server did not let us: whoever waits for it hears so, and the log once."""
        place = pattern_of(subject)
        why = f"{self._user or 'our user'} has no permission for {deed} to {place} on NATS"
        remedy = "write the users anew with `python -m launch bus-users` and reload the server"
        if why not in self._denied:
            self._denied.add(why)
            self._log.error("%s; %s", why, remedy)
        for asked, future in list(self._replies.values()):
            # The server's words come in small letters.
            if deed == "publish" and asked.lower() == subject and not future.done():
                future.set_exception(BusDown(f"{why}; {remedy}"))

    async def came_back(self) -> None:
        """Streams first, then whoever waits: what was in flight is asked again."""
        breaks = self.breaks
        for _, future in list(self._replies.values()):
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
