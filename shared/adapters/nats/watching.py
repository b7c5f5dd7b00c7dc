"""Who watches sees every result in order: what was missed in a break is fetched by its position."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from nats import errors
from nats.aio.msg import Msg

from shared.adapters.bus_rules import legal_id, partition_of
from shared.adapters.nats.link import Link
from shared.adapters.nats.results import Results
from shared.adapters.nats.streams import TURNS_OUT
from shared.adapters.nats.wire import Wire
from shared.contracts import TurnProgress
from shared.errors import BadMessage
from shared.ports import Delivered

SIGN = "heard.sign."
"""Beside `heard.turn.`, where results are republished: one subscription hears both in the order sent."""
BACKLOG = 65_536
"""News that may wait for a slow reader; more is dropped, and results are fetched again later."""


async def progress(link: Link, wire: Wire, sign: TurnProgress) -> None:
    """See `Bus.progress`."""
    conversation = legal_id("conversation_id", sign.conversation_id)
    await link.send(f"{SIGN}{partition_of(conversation)}.{conversation}", wire.encode(sign))


@asynccontextmanager
async def watch(
    link: Link, wire: Wire, results: Results
) -> AsyncIterator[AsyncIterator[Delivered | TurnProgress]]:
    """See `Bus.watch`."""
    news: asyncio.Queue[Msg | None] = asyncio.Queue(BACKLOG)

    async def hear(msg: Msg | None) -> None:
        with suppress(asyncio.QueueFull):
            news.put_nowait(msg)

    async def back() -> None:
        await hear(None)

    subscription = await link.nc.subscribe("heard.>", cb=hear)
    # The server has the subscription before we ask where the stream ends: nothing falls between.
    await link.nc.flush()
    seen = await link.last_seq(TURNS_OUT)
    link.back.append(back)

    async def missed(upto: int) -> AsyncIterator[Delivered]:
        """Positions have no holes but what retention removed: a gap is a result we did not hear."""
        nonlocal seen
        while seen < upto:
            msg = await link.get(TURNS_OUT, seq=seen + 1, seconds=60)
            seen += 1
            if msg is not None:
                yield results.delivered(msg)

    async def heard() -> AsyncIterator[Delivered | TurnProgress]:
        nonlocal seen
        while True:
            msg = await news.get()
            if msg is not None and msg.subject.startswith(SIGN):
                with suppress(BadMessage):
                    # A sign of another version; it may be lost, so it is.
                    yield wire.decode(msg.data, TurnProgress)
                continue
            delivered = None if msg is None else results.delivered(msg)
            upto = await link.last_seq(TURNS_OUT) if delivered is None else delivered.seq - 1
            async for late in missed(upto):
                yield late
            if delivered is not None and delivered.seq > seen:
                seen = delivered.seq
                yield delivered

    try:
        yield heard()
    finally:
        link.back.remove(back)
        with suppress(errors.Error):
            await subscription.unsubscribe()
