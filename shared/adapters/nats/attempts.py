"""Delivered messages in hand: tried, tried again later, given up, and never silently lost."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared import telemetry
from shared.adapters.bus_rules import may_retry, reason_of
from shared.adapters.nats.link import Link
from shared.adapters.nats.pull import Pull, standing
from shared.adapters.nats.wire import Place, place_of
from shared.adapters.tasks import end
from shared.errors import BadMessage

ACK = b""
NAK = b"-NAK"
PROGRESS = b"+WPI"


@dataclass(frozen=True)
class Tries:
    """How often and how long. `ack_seconds` is when a message of a dead process is given to another."""

    backoff: Sequence[float]
    concurrency: int
    drain_seconds: float
    ack_seconds: float = 5.0


def durable_config(durable: str, subject: str, tries: Tries) -> ConsumerConfig:
    """The consumer of a call or listener; who makes it for another service must say the same of it."""
    return ConsumerConfig(
        durable_name=durable,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        filter_subject=subject,
        ack_wait=tries.ack_seconds,
        # We give up ourselves, and say so; this only ends what kills us before we can.
        max_deliver=3 * (len(tries.backoff) + 1),
        max_ack_pending=max(1024, 4 * tries.concurrency),
    )


class Attempts:
    """Runs `handle` on what a durable consumer delivers; `give_up` has the last word on what fails.

    `handle` is told whether the message may have been handled before: it came again, or it was stored
    before we (re)connected, when the server may have forgotten what it delivered.
    """

    def __init__(
        self,
        link: Link,
        stream: str,
        durable: str,
        subject: str,
        tries: Tries,
        *,
        handle: Callable[[Msg, bool], Awaitable[None]],
        give_up: Callable[[Msg, Exception], Awaitable[None]],
    ) -> None:
        self._link = link
        self._stream = stream
        self._tries = tries
        self._handle = handle
        self._give_up = give_up
        self._name = durable
        self._running: set[asyncio.Task[None]] = set()
        self._replies: dict[tuple[int, str], str] = {}
        """Where to acknowledge what is in hand, by position and time of storing."""
        self._old = 0
        self._log = logging.getLogger(__name__)
        config = durable_config(durable, subject, tries)
        self._pull = Pull(link, stream, config, self._take, room=tries.concurrency)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Handle messages until the context ends, then let what runs finish."""
        await self._remember()
        self._link.back.insert(0, self._remember)
        beating = asyncio.create_task(self._beat())
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(standing(self._link, self._pull))
                try:
                    yield
                finally:
                    await self._pull.stop()
                    await self._drain()
        finally:
            self._link.back.remove(self._remember)
            await end([beating])

    async def _remember(self) -> None:
        """What is stored now may have been handled already, whatever the server remembers of it."""
        self._old = await self._link.last_seq(self._stream)

    async def _drain(self) -> None:
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=self._tries.drain_seconds)
        await end(late)

    def _take(self, msg: Msg) -> None:
        place = place_of(msg.reply)
        key = (place.seq, place.stored)
        again = key in self._replies
        self._replies[key] = msg.reply
        # Again while it runs here: a server that restarted forgot that we have it.
        task = asyncio.create_task(self._pull.done() if again else self._run(msg, place))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, msg: Msg, place: Place) -> None:
        verdict = ACK
        try:
            telemetry.join(msg.headers, **_arrival(msg, place))
            self._survivable(place)
            await self._handle(msg, self._again(place))
        except asyncio.CancelledError:
            verdict = NAK
            raise
        except Exception as error:  # noqa: BLE001  a handler may raise anything; it is told and buried
            verdict = NAK  # until it is given up: we may be stopped meanwhile
            verdict = await self._failed(msg, place, error)
        finally:
            await self._link.send(self._replies.pop((place.seq, place.stored)), verdict)
            await self._pull.done()

    def _again(self, place: Place) -> bool:
        return place.tries > 1 or place.seq <= self._old or self._link.forgetful

    def _survivable(self, place: Place) -> None:
        """Whoever had it in the earlier tries died of it: once more would only kill the next."""
        if place.tries > len(self._tries.backoff) + 1:
            raise BadMessage(f"delivered {place.tries - 1} times without an end")

    async def _failed(self, msg: Msg, place: Place, error: Exception) -> bytes:
        """How to answer the server: try again later, or settled because it was given up."""
        self._log.warning(
            "%s failed on %s (try %s): %s", self._name, msg.subject, place.tries, reason_of(error)
        )
        if may_retry(error) and place.tries <= len(self._tries.backoff):
            return _later(self._tries.backoff[place.tries - 1])
        try:
            await self._give_up(msg, error)
        except Exception as trouble:  # noqa: BLE001  whatever it is, the message is neither handled nor kept
            self._log.error(
                "%s cannot give up %s, so it comes again: %s", self._name, msg.subject, reason_of(trouble)
            )
            return _later(max(self._tries.backoff, default=1.0))
        return ACK

    async def _beat(self) -> None:
        """Tell the server that long ones are alive, so that nobody else gets them."""
        while True:
            await asyncio.sleep(self._tries.ack_seconds / 3)
            for reply in list(self._replies.values()):
                await self._link.send(reply, PROGRESS)


def _later(seconds: float) -> bytes:
    """Bring it again then: a bare nak comes back at once and burns every try within milliseconds."""
    return NAK + b" " + json.dumps({"delay": int(seconds * 1e9)}).encode()


def _arrival(msg: Msg, place: Place) -> telemetry.Notes:
    """How a message came; clocks differ between machines, so a wait is never less than nothing."""
    waited = time.time() - int(place.stored) / 1e9
    return {
        "destination": msg.subject,
        "delivery": place.tries,
        "queued_ms": max(0.0, round(waited * 1000, 2)),
    }
