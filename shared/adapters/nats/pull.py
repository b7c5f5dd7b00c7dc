"""A standing pull: the server always owes us messages, as many as there is room for."""

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from nats import errors
from nats.aio.msg import Msg
from nats.js import errors as js_errors
from nats.js.api import ConsumerConfig

from shared.adapters.nats.link import Link
from shared.adapters.nats.wire import STATUS
from shared.adapters.tasks import end
from shared.errors import BusDown

EXPIRES = 5.0
"""Seconds one pull request stands; a lost one is noticed a little later."""


class Pull:
    """Messages of one durable consumer, at most `room` of them in hand."""

    def __init__(
        self,
        link: Link,
        stream: str,
        config: ConsumerConfig,
        handle: Callable[[Msg], None],
        *,
        room: int,
        missing: Callable[[], None] | None = None,
    ) -> None:
        self._link = link
        self._stream = stream
        self._config = config
        self._handle = handle
        self._room = room
        self._missing = missing
        self._durable = config.durable_name or ""
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self._durable}"
        self._inbox = f"{link.nc.new_inbox()}."
        self._tokens = itertools.count()
        self._standing: dict[str, list[float]] = {}
        """By inbox token, in the order sent: messages still owed, and when the request is surely over."""
        self._in_hand = 0
        self._open = False
        self._doubtful_until = 0.0
        """Until then the consumer is made again at every check."""
        self.stirred = asyncio.Event()
        """Set when the next check should not wait."""
        self._log = logging.getLogger(__name__)

    async def start(self) -> None:
        """Make the consumer, then pull."""
        self._subscription = await self._link.nc.subscribe(f"{self._inbox}*", cb=self._on_message)
        await self._link.made(self.ensure, f"consumer {self._durable} of {self._stream}")
        self._open = True
        await self._top_up()

    async def ensure(self) -> None:
        """Make the consumer unless it is there. A server that lost it has it again.

        Raises `NotFoundError` where another service makes it and has not yet.
        """
        if not self._link.makes:
            await self._link.manager.consumer_info(self._stream, self._durable)
            return
        try:
            await self._link.manager.add_consumer(self._stream, self._config)
        except js_errors.NotFoundError:
            await self._link.ensure()
            await self._link.manager.add_consumer(self._stream, self._config)

    async def renew(self) -> None:
        """Forget what was owed before a break and ask anew, at once."""
        self._doubt()
        self.stirred.set()

    def _doubt(self) -> None:
        """What was owed is lost: make the consumer again at the next checks."""
        self._standing.clear()
        self._doubtful_until = asyncio.get_running_loop().time() + 3

    async def check(self) -> None:
        """Called every second or so: requests that nobody ended are asked again."""
        now = asyncio.get_running_loop().time()
        late = [token for token, (_, until) in self._standing.items() if until < now]
        if (late or now < self._doubtful_until) and self._open:
            # A silent server may have lost the consumer: nothing answers a pull of a missing one.
            await self.ensure()
        for token in late:
            self._standing.pop(token, None)
        await self._top_up()

    async def done(self) -> None:
        """A message in hand was settled: there is room for another."""
        self._in_hand -= 1
        await self._top_up()

    async def stop(self) -> None:
        """Ask for nothing more; what has arrived and was not begun is given back."""
        self._open = False
        self._standing.clear()
        try:
            # Without interest in its inbox the server forgets the requests that stand.
            await self._subscription.drain()  # type: ignore[no-untyped-call]
        except errors.Error as error:
            self._log.debug("the server is away and will notice by itself: %s", error)

    async def _top_up(self) -> None:
        """Ask for more when at least half of the room is unspoken for: one request brings many."""
        owed = int(sum(left for left, _ in self._standing.values()))
        free = self._room - self._in_hand - owed
        if not self._open or free < max(1, self._room // 2):
            return
        token = str(next(self._tokens))
        self._standing[token] = [free, asyncio.get_running_loop().time() + EXPIRES + 2]
        body = json.dumps({"batch": free, "expires": int(EXPIRES * 1e9)}).encode()
        try:
            await self._link.nc.publish(self._next, body, reply=f"{self._inbox}{token}")
        except errors.Error as error:
            self._standing.pop(token, None)
            self._log.debug("pull not sent, the next check sends it: %s", error)

    async def _on_message(self, msg: Msg) -> None:
        if msg.headers and STATUS in msg.headers and msg.subject.startswith(self._inbox):
            await self._on_status(msg.subject[len(self._inbox) :], msg.headers)
            return
        for token, standing in self._standing.items():
            # The server serves requests in the order they came.
            standing[0] -= 1
            if standing[0] <= 0:
                del self._standing[token]
            break
        self._in_hand += 1
        if self._open:
            self._handle(msg)
        else:
            # Too late for us: another consumer of this agent shall have it now.
            self._in_hand -= 1
            await self._link.send(msg.reply, b"-NAK")

    async def _on_status(self, token: str, headers: dict[str, str]) -> None:
        status = headers[STATUS]
        if status == "100":
            return
        self._standing.pop(token, None)
        if status == "409" and "Deleted" in headers.get("Description", ""):
            self._standing.clear()
            if self._missing is not None:
                self._missing()
                return
            # Not at once: a stream of 2.9 that is made while its old files are removed loses its own.
            self._doubt()
        elif status == "408":
            await self._top_up()
        # Anything else (too many waiting, 503): the next check asks again, not a busy loop.


@asynccontextmanager
async def standing(link: Link, pull: Pull) -> AsyncIterator[None]:
    """Keep a pull going: through reconnects, lost requests and a lost consumer."""

    async def watch() -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await pull.stirred.wait()
            pull.stirred.clear()
            try:
                await pull.check()
            except (js_errors.APIError, errors.Error, BusDown) as error:
                logging.getLogger(__name__).warning("pull: %s; the next second tries again", error)

    await pull.start()
    link.back.append(pull.renew)
    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        link.back.remove(pull.renew)
        await end([watching])
