"""Quotas in JetStream: a message per key with what was given out, changed only by who saw it last.

Compare-and-set is `Nats-Expected-Last-Subject-Sequence` ("JetStream headers" of the NATS docs).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from shared.adapters.bus_rules import legal_id
from shared.adapters.nats.acks import Overtaken
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import DAY, MINUTE, QUOTAS, RATES
from shared.adapters.nats.wire import EXPECTED_LAST, SEQUENCE
from shared.adapters.quota_windows import EMPTY, Window
from shared.errors import BusDown
from shared.ports import Lease

LEASE_SECONDS = 2.0
"""How long a request may wait to be counted; then the taker decides what a silent bus means."""
_MOST = 50_000
_STREAMS = {int(MINUTE): RATES, int(DAY): QUOTAS}


class NatsQuotas:
    """The `Quotas` port on one connection. Windows are a minute or a day long, as their streams keep them.

    What was last seen of a key is remembered, so that a lease is mostly one round trip: who was overtaken
    looks again. A lease whose acknowledgement got lost is taken twice and given once.
    """

    def __init__(self, link: Link, *, clock: Callable[[], float] = time.time) -> None:
        self._link = link
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, Window]] = OrderedDict()

    async def lease(self, key: str, *, limit: int, seconds: int) -> Lease:
        """See `Quotas.lease`."""
        stream = _STREAMS[seconds]
        subject = f"$KV.{stream.removeprefix('KV_')}.{legal_id('quota key', key)}"
        until = asyncio.get_running_loop().time() + LEASE_SECONDS
        while (left := until - asyncio.get_running_loop().time()) > 0:
            revision, seen = self._seen.get(subject, (0, EMPTY))
            window = seen.at(self._clock(), seconds)
            granted = window.part(limit)
            if not granted:
                return Lease(granted=0, until=window.until(seconds))
            wanted = Window(window.started, window.taken + granted)
            data = msgspec.json.encode(wanted)
            try:
                ack = await self._link.store(subject, data, {EXPECTED_LAST: str(revision)}, seconds=left)
            except Overtaken:
                await self._look(stream, subject, left)
                continue
            self._remember(subject, ack.seq, wanted)
            return Lease(granted=granted, until=window.until(seconds))
        raise BusDown(f"others were faster for {LEASE_SECONDS:.0f} s at one quota; it is safe to try again")

    async def _look(self, stream: str, subject: str, seconds: float) -> None:
        there = await self._link.get(stream, seconds, last_by_subj=subject)
        if there is None or not there.headers:
            self._seen.pop(subject, None)
            return
        stored = msgspec.json.decode(there.data, type=Window)
        self._remember(subject, int(there.headers[SEQUENCE]), stored)

    def _remember(self, subject: str, revision: int, window: Window) -> None:
        self._seen[subject] = (revision, window)
        self._seen.move_to_end(subject)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
