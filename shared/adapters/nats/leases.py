"""Who owns which partition: leases that must be renewed, shared fairly between live workers."""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from nats import errors
from nats.js import errors as js_errors

from shared.adapters.bus_rules import PARTITIONS
from shared.adapters.nats.acks import Overtaken
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import LEASES
from shared.adapters.nats.wire import EXPECTED_LAST, POKE, SEQUENCE
from shared.adapters.tasks import end
from shared.errors import BusDown

PREFIX = "$KV.LEASES."
TROUBLE = (BusDown, errors.Error, js_errors.APIError)


class Leases:
    """The partitions of one worker. `hold` is told at every beat what is ours.

    A partition is a key with the owner's id; it disappears when it is not renewed in time, and only the
    owner of the last revision can renew it. Who cannot reach the server keeps what it has: when the
    connection is back the renewal says whether somebody else took it.
    """

    def __init__(
        self,
        link: Link,
        *,
        beat: float,
        hold: Callable[[Mapping[int, int]], Awaitable[None]],
        lose: Callable[[int], Awaitable[None]],
        give: Callable[[int], Awaitable[None]],
    ) -> None:
        self._link = link
        self._beat = beat
        self._hold = hold
        self._lose = lose
        self._give = give
        self._me = uuid.uuid4().hex
        self.held: dict[int, int] = {}
        """Our partitions, each with the revision of its lease; a revision is never used twice."""
        self._poke = asyncio.Event()
        self._turn = asyncio.Lock()
        self._log = logging.getLogger(__name__)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take part until the context ends, then give everything back."""

        async def poked(_: object) -> None:
            self._poke.set()

        subscription = await self._link.nc.subscribe(POKE, cb=poked)
        self._link.back.append(self._round)
        await self._round()
        await self._link.send(POKE)
        beating = asyncio.create_task(self._beats())
        try:
            yield
        finally:
            await end([beating])
            self._link.back.remove(self._round)
            with suppress(*TROUBLE):
                # A server that is away forgets us by itself.
                await subscription.unsubscribe()
                await self._leave()

    def look(self) -> None:
        """Something says that a lease may be lost: look now."""
        self._poke.set()

    async def _beats(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._beat):
                    await self._poke.wait()
            self._poke.clear()
            try:
                await self._round()
            except TROUBLE as error:
                self._log.warning("leases: %s; the next beat tries again", error)

    async def _round(self) -> None:
        """Renew, look who is there, then give or take until the share is fair."""
        async with self._turn:
            await self._balance()

    async def _balance(self) -> None:
        await self._link.store(f"{PREFIX}worker.{self._me}", b"", seconds=self._beat)
        await asyncio.gather(*(self._renew(partition) for partition in list(self.held)))
        taken, workers = await self._look()
        share = _share(sorted(workers | {self._me}), self._me)
        surplus = len(self.held) - share
        for partition in sorted(self.held)[: max(surplus, 0)]:
            await self._release(partition)
        free = [partition for partition in range(PARTITIONS) if partition not in taken | set(self.held)]
        # Workers begin at different places, so that they seldom want the same one.
        start = int(self._me[:8], 16) % PARTITIONS
        free.sort(key=lambda partition: (partition - start) % PARTITIONS)
        wanted = free[: max(-surplus, 0)]
        revisions = await asyncio.gather(*(self._write(partition, 0) for partition in wanted))
        gained = {
            partition: revision
            for partition, revision in zip(wanted, revisions, strict=True)
            if revision is not None
        }
        if gained:
            self.held.update(gained)
            self._log.info("took partitions %s", sorted(gained))
        await self._hold(self.held)
        if surplus > 0:
            await self._link.send(POKE)

    async def _look(self) -> tuple[set[int], set[str]]:
        """Partitions that have an owner, and the workers that live."""
        info = await self._link.manager.stream_info(LEASES, subjects_filter=f"{PREFIX}>")
        names = [subject[len(PREFIX) :].split(".", 1) for subject in info.state.subjects or ()]
        taken = {int(name) for kind, name in names if kind == "partition"}
        return taken, {name for kind, name in names if kind == "worker"}

    async def _renew(self, partition: int) -> None:
        revision = await self._write(partition, self.held[partition])
        if revision is None:
            revision = await self._again(partition)
        if revision is None:
            del self.held[partition]
            self._log.warning("lost partition %s to another worker", partition)
            await self._lose(partition)
        else:
            self.held[partition] = revision

    async def _again(self, partition: int) -> int | None:
        """Our renewal was refused: its acknowledgement got lost, or the lease expired, or it was taken."""
        there = await self._link.get(LEASES, self._beat, last_by_subj=f"{PREFIX}partition.{partition}")
        if there is None:
            return await self._write(partition, 0)
        if there.data == self._me.encode() and there.headers:
            return int(there.headers[SEQUENCE])
        return None

    async def _write(self, partition: int, last: int) -> int | None:
        headers = {EXPECTED_LAST: str(last)}
        subject = f"{PREFIX}partition.{partition}"
        try:
            return (await self._link.store(subject, self._me.encode(), headers, seconds=self._beat)).seq
        except Overtaken:
            return None

    async def _release(self, partition: int) -> None:
        """End what runs there, then let others have it."""
        await self._give(partition)
        await self._delete(self.held.pop(partition))

    async def _delete(self, revision: int) -> None:
        body = json.dumps({"seq": revision, "no_erase": True}).encode()
        until = asyncio.get_running_loop().time() + 2
        await self._link.request(f"$JS.API.STREAM.MSG.DELETE.{LEASES}", body, until=until)

    async def _leave(self) -> None:
        revisions, self.held = list(self.held.values()), {}
        me = await self._link.get(LEASES, 2, last_by_subj=f"{PREFIX}worker.{self._me}")
        if me is not None and me.headers:
            revisions.append(int(me.headers[SEQUENCE]))
        await asyncio.gather(*(self._delete(revision) for revision in revisions))
        await self._link.send(POKE)


def _share(workers: list[str], me: str) -> int:
    """How many partitions are mine: equal parts, the first few one more."""
    each, more = divmod(PARTITIONS, len(workers))
    return each + (workers.index(me) < more)
