"""Turns are worked on by the owner of their partition; whoever takes a partition over goes on at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from nats.aio.msg import Msg
from nats.js import errors as js_errors
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy

from shared.adapters.bus_rules import PARTITIONS, partition_of, reason_of
from shared.adapters.chains import Chains, Waiting
from shared.adapters.nats.attempts import ACK, PROGRESS, Tries
from shared.adapters.nats.leases import Leases
from shared.adapters.nats.letters import bury
from shared.adapters.nats.link import Link
from shared.adapters.nats.pull import Pull, standing
from shared.adapters.nats.results import WORKER, Results
from shared.adapters.nats.streams import TURNS_IN
from shared.adapters.nats.wire import Wire, place_of, turn_in_subject
from shared.adapters.tasks import end
from shared.contracts import TurnAccepted
from shared.errors import BadMessage
from shared.ports import Delivered, TurnWorker

Key = tuple[str, str]


class Working:
    """The turns that one worker has in hand."""

    def __init__(
        self,
        link: Link,
        wire: Wire,
        results: Results,
        tries: Tries,
        worker: TurnWorker,
        finished: Callable[[Sequence[Delivered]], Awaitable[None]],
        *,
        beat: float,
    ) -> None:
        self._link = link
        self._wire = wire
        self._results = results
        self._tries = tries
        self._chains = Chains(worker, finished, results, backoff=tries.backoff)
        self._leases = Leases(link, beat=beat, hold=self._hold, lose=self._lose, give=self._give)
        self._owned: dict[int, tuple[Pull, AsyncExitStack]] = {}
        self._in_hand: dict[Key, str] = {}
        """By conversation and turn: the reply subject that acknowledges it."""
        self._old = 0
        self._closing = False
        self._changing = asyncio.Lock()
        self._log = logging.getLogger(__name__)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Bus.work`."""
        self._link.back.append(self._remember)
        beating = asyncio.create_task(self._beats())
        try:
            async with self._leases.open():
                self._link.back.append(self._start_over)
                try:
                    yield
                finally:
                    self._link.back.remove(self._start_over)
                    # The leases stay ours while the last turns end: nobody may run beside them.
                    self._closing = True
                    # A copy: a lease that is lost meanwhile closes its own.
                    await asyncio.gather(*map(self._close, list(self._owned)))
                    await self._chains.close(self._tries.drain_seconds)
        finally:
            self._link.back.remove(self._remember)
            await end([beating])

    async def _remember(self) -> None:
        """Turns stored until now may have run before, whatever the server remembers of it."""
        self._old = await self._link.last_seq(TURNS_IN)

    async def _hold(self, held: Mapping[int, int]) -> None:
        """Pull what is ours and not pulled yet, each partition from a consumer of this ownership."""
        async with self._changing:
            missing = held.keys() - self._owned.keys()
            if self._closing or not missing:
                return
            await self._remember()
            before = await self._link.manager.consumers_info(TURNS_IN)
            await asyncio.gather(
                *(
                    self._pull(
                        partition, held[partition], [each for each in before if _serves(each, partition)]
                    )
                    for partition in missing
                )
            )

    async def _start_over(self) -> None:
        """After a break: what was on its way to us is lost, and would come after turns that followed it.

        So the consumers are made again at the first turn that is not settled, as in a takeover.
        """
        for partition in list(self._owned):
            await self._close(partition)
        await self._hold(self._leases.held)

    async def _pull(self, partition: int, revision: int, before: Sequence[ConsumerInfo]) -> None:
        self._results.forget(partition)
        config = ConsumerConfig(
            durable_name=f"work-{partition}-{revision}",
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=max((_floor(each) for each in before), default=0) + 1,
            ack_policy=AckPolicy.EXPLICIT,
            filter_subject=turn_in_subject(partition),
            ack_wait=self._tries.ack_seconds,
            # Unlimited: a turn is promised. What cannot be worked on is dead-lettered by the chain.
            max_deliver=-1,
            max_ack_pending=1000,
        )
        pull = Pull(
            self._link,
            TURNS_IN,
            config,
            lambda msg: self._take(pull, msg),
            room=max(2 * self._tries.concurrency // PARTITIONS, 8),
            missing=self._leases.look,
        )
        stack = AsyncExitStack()
        await stack.enter_async_context(standing(self._link, pull))
        self._owned[partition] = pull, stack
        for each in before:
            # Only now: had we died in between, the old one would still know the place.
            try:
                await self._link.manager.delete_consumer(TURNS_IN, each.name)
            except js_errors.NotFoundError:
                self._log.debug("consumer %s was gone already", each.name)

    async def _lose(self, partition: int) -> None:
        """Another worker has it: stop what runs, it would only be refused."""
        await self._close(partition)
        await self._chains.drop(lambda conversation: partition_of(conversation) == partition)
        self._let_go(partition)

    async def _give(self, partition: int) -> None:
        """Let what runs there finish, then leave it to another worker."""
        await self._close(partition)
        await self._chains.idle(
            lambda conversation: partition_of(conversation) == partition, self._tries.drain_seconds
        )
        await self._chains.drop(lambda conversation: partition_of(conversation) == partition)
        self._let_go(partition)

    async def _close(self, partition: int) -> None:
        owned = self._owned.pop(partition, None)
        if owned is not None:
            pull, stack = owned
            await pull.stop()
            await stack.aclose()

    def _let_go(self, partition: int) -> None:
        self._results.forget(partition)
        for key in [key for key in self._in_hand if partition_of(key[0]) == partition]:
            del self._in_hand[key]

    def _take(self, pull: Pull, msg: Msg) -> None:
        try:
            turn = self._wire.decode(msg.data, TurnAccepted)
        except BadMessage as error:
            task = asyncio.create_task(self._refuse(pull, msg, error))
            task.add_done_callback(_raised)
            return
        key = (turn.conversation_id, turn.turn_id)
        again = key in self._in_hand
        self._in_hand[key] = msg.reply
        place = place_of(msg.reply)

        async def settle() -> None:
            reply = self._in_hand.pop(key, None)
            if reply is not None:
                await self._link.send(reply, ACK)
            await pull.done()

        if again:
            # It came twice while it runs: the first one is settled with the newer reply.
            asyncio.create_task(pull.done()).add_done_callback(_raised)
            return
        replay = place.tries > 1 or place.seq <= self._old or self._link.forgetful
        self._chains.add(Waiting(turn, settle, msg.headers, replay))

    async def _refuse(self, pull: Pull, msg: Msg, error: BadMessage) -> None:
        self._log.error("turn at %s cannot be read: %s", msg.subject, error)
        await bury(self._link, msg.subject, msg.data, reason_of(error), by=WORKER, headers=msg.headers)
        await self._link.send(msg.reply, ACK)
        await pull.done()

    async def _beats(self) -> None:
        """Tell the server that turns in hand are alive."""
        while True:
            await asyncio.sleep(self._tries.ack_seconds / 3)
            for reply in list(self._in_hand.values()):
                await self._link.send(reply, PROGRESS)


def _serves(consumer: ConsumerInfo, partition: int) -> bool:
    return bool(consumer.config.filter_subject == turn_in_subject(partition))


def _floor(consumer: ConsumerInfo) -> int:
    """Everything up to here is settled; a consumer that settled nothing yet knows where it began."""
    settled = consumer.ack_floor.stream_seq if consumer.ack_floor else 0
    return max(settled, (consumer.config.opt_start_seq or 1) - 1)


def _raised(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logging.getLogger(__name__).error("turn not refused, it comes again: %s", task.exception())
