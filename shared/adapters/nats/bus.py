"""The bus on NATS JetStream: durable, the same step answered once, one result per turn."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from nats import errors
from nats.js import errors as js_errors

from shared import telemetry
from shared.adapters.bus_rules import BACKOFF, legal_id, partition_of
from shared.adapters.nats import erasing, letters, loading, serving, watching
from shared.adapters.nats.access import SERVICES, consumers, may_make
from shared.adapters.nats.acks import Taken
from shared.adapters.nats.asking import Asking
from shared.adapters.nats.attempts import Tries, durable_config
from shared.adapters.nats.link import Link
from shared.adapters.nats.login import Login
from shared.adapters.nats.opening import open_link
from shared.adapters.nats.quotas import NatsQuotas
from shared.adapters.nats.results import Results
from shared.adapters.nats.streams import Retention
from shared.adapters.nats.wire import FLAGGED, MSG_ID, SENT, Wire, event_subject, turn_in_subject
from shared.adapters.nats.working import Working
from shared.contracts import Answer, Ask, Body, Call, Event, TracesSent, TurnAccepted
from shared.errors import BusDown
from shared.ports import Agent, Bus, DeadLetter, Delivered, Load, News, Sign, TurnWorker

PUBLISH_SECONDS = 10.0
"""How long a submitted turn or an event may wait for a server that restarts."""
PING_SECONDS = 2.0


class NatsBus:
    """The `Bus` port on one connection; made by `open_bus`."""

    kind = "nats"

    def __init__(self, link: Link, tries: Tries, *, name: str, lease: float) -> None:
        self._link = link
        self._tries = tries
        self._name = name
        self._lease = lease
        self._wire = Wire()
        self._asking = Asking(link, self._wire)
        self._results = Results(link, self._wire)
        self.quotas = NatsQuotas(link)
        """The `Quotas` port on this bus's connection."""

    async def ask(self, call: Call[Ask, Answer], ask: Ask, *, timeout: float) -> Answer:
        """See `Bus.ask`."""
        return await self._asking.ask(call, ask, timeout=timeout)

    def serve(self, agent: Agent) -> AbstractAsyncContextManager[None]:
        """See `Bus.serve`."""
        return serving.serve(self._link, self._wire, self._tries, agent)

    async def publish(self, event: Event[Body], body: Body, *, key: str) -> None:
        """See `Bus.publish`."""
        data = self._wire.encode(body)
        try:
            await self._link.store(
                event_subject(event.subject, key), data, telemetry.headers() or None, seconds=PUBLISH_SECONDS
            )
        except Taken:
            # The same key is stored once.
            return

    def listen(
        self, event: Event[Body], handler: Callable[[Body], Awaitable[None]], *, name: str
    ) -> AbstractAsyncContextManager[None]:
        """See `Bus.listen`."""
        return serving.listen(self._link, self._wire, self._tries, event, handler, name)

    async def submit(self, turn: TurnAccepted) -> None:
        """See `Bus.submit`."""
        conversation = legal_id("conversation_id", turn.conversation_id)
        headers = {
            MSG_ID: f"{conversation}.{legal_id('turn_id', turn.turn_id)}",
            **telemetry.headers(),
        }
        subject = turn_in_subject(partition_of(conversation))
        await self._link.store(subject, self._wire.encode(turn), headers, seconds=PUBLISH_SECONDS)

    def work(
        self, worker: TurnWorker, *, finished: Callable[[Sequence[Delivered]], Awaitable[None]]
    ) -> AbstractAsyncContextManager[None]:
        """See `Bus.work`."""
        # Its own results: what it remembers of them is true only while it owns their partitions.
        results = Results(self._link, self._wire)
        working = Working(
            self._link, self._wire, results, self._tries, worker, finished, beat=self._lease / 3
        )
        return working.open()

    async def progress(self, sign: Sign) -> None:
        """See `Bus.progress`."""
        await watching.progress(self._link, self._wire, sign)

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """See `Bus.watch`."""
        return watching.watch(self._link, self._wire, self._results)

    async def flag_trace(self, trace_id: str, reason: str) -> None:
        """See `Bus.flag_trace`."""
        await self._link.send(FLAGGED, f"{trace_id} {reason}".encode())

    def flagged_traces(self, keep: Callable[[str, str], None]) -> AbstractAsyncContextManager[None]:
        """See `Bus.flagged_traces`."""
        return watching.flagged(self._link, keep)

    async def tell_sent(self, sent: TracesSent) -> None:
        """See `Bus.tell_sent`."""
        await self._link.send(SENT, self._wire.encode(sent))

    def told_sent(self, hear: Callable[[TracesSent], None]) -> AbstractAsyncContextManager[None]:
        """See `Bus.told_sent`."""
        return watching.told_sent(self._link, self._wire, hear)

    async def results(self, conversation_id: str, *, after: int = 0) -> Sequence[Delivered]:
        """See `Bus.results`."""
        return await self._results.of(conversation_id, after)

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """See `Bus.result`."""
        return await self._results.find(conversation_id, turn_id)

    async def dead_letters(self, *, after: str = "", limit: int | None = None) -> Sequence[DeadLetter]:
        """See `Bus.dead_letters`."""
        return tuple(await letters.letters(self._link, after=after, limit=limit))

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """See `Bus.dead_letter`."""
        found = await letters.find(self._link, letter_id)
        return None if found is None else found[0]

    async def resend(self, letter_id: str) -> bool:
        """See `Bus.resend`."""
        return await letters.resend(self._link, letter_id)

    async def discard(self, letter_id: str) -> bool:
        """See `Bus.discard`."""
        return await letters.discard(self._link, letter_id)

    async def load(self) -> Load:
        """See `Bus.load`."""
        return await loading.load(self._link)

    async def unanswered(self, conversation_ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """See `Bus.unanswered`."""
        turns = await erasing.accepted(self._link, conversation_ids)
        return [each for each in turns if await self._results.find(*each) is None]

    async def expire(self, conversation_ids: Collection[str]) -> int:
        """See `Bus.expire`."""
        return await erasing.expire(self._link, conversation_ids)

    async def erase(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """See `Bus.erase`."""
        return await erasing.erase(self._link, conversation_ids)

    async def ping(self) -> None:
        """See `Bus.ping`: stores a message that is gone a moment later."""
        try:
            await self._link.store(f"$KV.LEASES.ping.{self._name}", b"", seconds=PING_SECONDS)
        except (errors.Error, js_errors.APIError) as error:
            raise BusDown(f"NATS does not store: {error}; look at the nats-server log") from None


@asynccontextmanager
async def open_bus(
    url: str,
    *,
    name: str,
    login: Login | None = None,
    keep: Retention | None = None,
    backoff: Sequence[float] = BACKOFF,
    concurrency: int = 256,
    drain_seconds: float = 10.0,
    ack_seconds: float = 5.0,
    connect_seconds: float = 10.0,
    **options: Any,
) -> AsyncIterator[Bus]:
    """A bus on the server at `url` until the context ends; `name` says in NATS who is connected.

    `concurrency` messages are in hand at once per call, per listener, and (roughly) of turns. An ask of a
    process that died is given to another after `ack_seconds`; its partitions after `keep.lease` seconds.
    With a `login` as a user of `access.py` only what that user may do is tried; without, everything.
    `options` go to nats-py's `connect`.

    Raises:
        BusDown: no server with JetStream answers within `connect_seconds`.
        SettingsError: the server refuses the login, or its certificate is not trusted.
    """
    legal_id("bus name", name)
    keep = keep or Retention()
    tries = Tries(
        backoff=backoff, concurrency=concurrency, drain_seconds=drain_seconds, ack_seconds=ack_seconds
    )
    login = login or Login()
    every = [each for service in SERVICES for each in consumers(service)]
    made = every if login.user and may_make(login.user) else []
    link_opened = open_link(
        url,
        name=name,
        login=login,
        keep=keep,
        consumers=[(each.stream, durable_config(each.durable, each.subject, tries)) for each in made],
        connect_seconds=connect_seconds,
        options=options,
    )
    async with link_opened as link:
        yield NatsBus(link, tries, name=name, lease=keep.lease)
