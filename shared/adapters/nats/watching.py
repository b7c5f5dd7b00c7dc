"""Who watches sees every result in order: what was missed in a break is fetched by its position."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from nats import errors
from nats.aio.msg import Msg

from shared.adapters.bus_rules import legal_id, partition_of
from shared.adapters.nats.link import Link
from shared.adapters.nats.results import Results
from shared.adapters.nats.streams import TURNS_OUT
from shared.adapters.nats.wire import FLAGGED, SENT, Wire
from shared.contracts import CaseChanged, RecordChanged, StaffSeen, TaskTold, TracesSent, TurnProgress
from shared.errors import BadMessage
from shared.ports import Delivered, News, Sign

SIGN = "heard.sign."
"""Beside `heard.turn.`, where results are republished: one subscription hears both in the order sent."""
CASE = "heard.case."
STAFF = "heard.staff."
TASK = "heard.task."
RECORD = "heard.record."
_SIGNS: tuple[tuple[str, type[Sign]], ...] = (
    (SIGN, TurnProgress), (CASE, CaseChanged), (STAFF, StaffSeen), (TASK, TaskTold), (RECORD, RecordChanged),
)  # fmt: skip
_FLAG = re.compile(rb"([0-9a-f]{32}) ([a-z_]{1,40})")
BACKLOG = 65_536
"""News that may wait for a slow reader; more is dropped, and results are fetched again later."""


async def progress(link: Link, wire: Wire, sign: Sign) -> None:
    """See `Bus.progress`."""
    conversation = legal_id("conversation_id", sign.conversation_id)
    prefix = next(prefix for prefix, kind in _SIGNS if isinstance(sign, kind))
    await link.send(f"{prefix}{partition_of(conversation)}.{conversation}", wire.encode(sign))


class _News:
    """What one watcher has heard and not read yet."""

    def __init__(self, link: Link, wire: Wire, results: Results) -> None:
        self._link = link
        self._wire = wire
        self._results = results
        self._queue: asyncio.Queue[Msg | None] = asyncio.Queue(BACKLOG)
        self.seen = 0

    async def hear(self, msg: Msg | None = None) -> None:
        """Keep it for the reader; nothing (after a reconnect) means: look what was missed."""
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(msg)

    async def read(self) -> AsyncIterator[News]:
        """Signs as they come, results without a gap."""
        while True:
            msg = await self._queue.get()
            kind = next((kind for prefix, kind in _SIGNS if msg and msg.subject.startswith(prefix)), None)
            if msg is not None and kind is not None:
                with suppress(BadMessage):
                    # A sign of another version; it may be lost, so it is.
                    yield self._wire.decode(msg.data, kind)
                continue
            delivered = None if msg is None else self._results.read(msg)
            upto = await self._link.last_seq(TURNS_OUT) if delivered is None else delivered.seq - 1
            async for late in self._missed(upto):
                yield late
            if delivered is not None and delivered.seq > self.seen:
                self.seen = delivered.seq
                yield delivered

    async def _missed(self, upto: int) -> AsyncIterator[Delivered]:
        """Positions have no holes but what retention removed: a gap is a result we did not hear."""
        while self.seen < upto:
            msg = await self._link.get(TURNS_OUT, seq=self.seen + 1, seconds=60)
            self.seen += 1
            late = None if msg is None else self._results.read(msg)
            if late is not None:
                yield late


@asynccontextmanager
async def flagged(link: Link, keep: Callable[[str, str], None]) -> AsyncIterator[None]:
    """See `Bus.flagged_traces`."""

    async def hear(msg: Msg) -> None:
        if found := _FLAG.fullmatch(msg.data):
            keep(found[1].decode(), found[2].decode())

    async with _heard(link, FLAGGED, hear):
        yield


@asynccontextmanager
async def told_sent(link: Link, wire: Wire, tell: Callable[[TracesSent], None]) -> AsyncIterator[None]:
    """See `Bus.told_sent`."""

    async def hear(msg: Msg) -> None:
        with suppress(BadMessage):  # of a process of another version
            tell(wire.decode(msg.data, TracesSent))

    async with _heard(link, SENT, hear):
        yield


@asynccontextmanager
async def _heard(link: Link, subject: str, hear: Callable[[Msg], Awaitable[None]]) -> AsyncIterator[None]:
    subscription = await link.nc.subscribe(subject, cb=hear)
    await link.nc.flush()
    try:
        yield
    finally:
        with suppress(errors.Error):
            await subscription.unsubscribe()


@asynccontextmanager
async def watch(link: Link, wire: Wire, results: Results) -> AsyncIterator[AsyncIterator[News]]:
    """See `Bus.watch`."""
    news = _News(link, wire, results)
    subscription = await link.nc.subscribe("heard.>", cb=news.hear)
    # The server has the subscription before we ask where the stream ends: nothing falls between.
    await link.nc.flush()
    news.seen = await link.last_seq(TURNS_OUT)
    link.back.append(news.hear)
    try:
        yield news.read()
    finally:
        link.back.remove(news.hear)
        with suppress(errors.Error):
            await subscription.unsubscribe()
