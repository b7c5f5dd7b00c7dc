"""Asks are answered by an agent's handlers, and events heard by listeners."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from nats.aio.msg import Msg

from shared import telemetry
from shared.adapters.bus_rules import checked, legal_id, problem_of, reason_of
from shared.adapters.failed_asks import gave_up
from shared.adapters.nats.acks import Taken
from shared.adapters.nats.attempts import Attempts, Tries
from shared.adapters.nats.letters import STORE_SECONDS, bury
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import ASKS, EVENTS
from shared.adapters.nats.wire import DEADLINE, FOR, PROBLEM, Wire, ask_subject, durable_name, step_of
from shared.contracts import Body, Call, Event, Message
from shared.errors import AskFailed, BadMessage
from shared.ports import Agent, Handler

GRACE = 30.0
"""Seconds after its deadline that an ask is still worth an answer: turns are replayed, clocks differ."""
REMEMBERED = 10_000
"""Events a listener knows it has handled, so that a lost acknowledgement does not repeat them."""


class Answering:
    """One call, answered by one handler."""

    def __init__(
        self, link: Link, wire: Wire, tries: Tries, call: Call[Any, Any], handler: Handler[Any, Any]
    ) -> None:
        self._link = link
        self._wire = wire
        self._call = call
        self._handler = handler
        self.attempts = Attempts(
            link,
            ASKS,
            durable_name(call.subject),
            ask_subject(call.subject),
            tries,
            handle=self._handle,
            give_up=self._give_up,
        )

    async def _handle(self, msg: Msg, again: bool) -> None:
        ask: Message = self._wire.decode(msg.data, self._call.ask)
        subject = f"answer.{step_of(self._call.subject, ask)}"
        if again and await self._link.holds(subject):
            return
        _in_time(self._call, msg)
        answer = checked(self._call, ask, await self._handler(ask))
        await self._store(subject, self._wire.encode(answer))

    async def _give_up(self, msg: Msg, error: Exception) -> None:
        try:
            ask: Message = self._wire.decode(msg.data, self._call.ask)
            subject = f"answer.{step_of(self._call.subject, ask)}"
        except BadMessage as unreadable:
            # Nobody can be told: the ids cannot be trusted.
            gave_up(self._call, unreadable)
            await self._bury(msg, unreadable)
            return
        # What came too late was counted by who waited for it.
        if not isinstance(error, AskFailed) and gave_up(self._call, error):
            await self._bury(msg, error)
        await self._store(subject, self._wire.encode(problem_of(ask, error)), {PROBLEM: "1"})

    async def _bury(self, msg: Msg, error: Exception) -> None:
        by = durable_name(self._call.subject)
        await bury(self._link, msg.subject, msg.data, reason_of(error), by=by, headers=msg.headers)

    async def _store(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            await self._link.store(subject, data, headers, seconds=STORE_SECONDS)
        except Taken:
            # Somebody answered while we did; the first answer stands.
            return


def _in_time(call: Call[Any, Any], msg: Msg) -> None:
    """Under overload work on what somebody waits for; the rest ends here instead of being paid."""
    deadline = (msg.headers or {}).get(DEADLINE)
    if deadline is not None and time.time() > float(deadline) + GRACE:
        raise AskFailed(call.subject, "timeout", "nobody waits for this answer any more", retry=False)


@asynccontextmanager
async def serve(link: Link, wire: Wire, tries: Tries, agent: Agent) -> AsyncIterator[None]:
    """See `Bus.serve`."""
    async with AsyncExitStack() as stack:
        for call, handler in agent.handlers.items():
            answering = Answering(link, wire, tries, call, handler)
            await stack.enter_async_context(answering.attempts.open())
        yield


@asynccontextmanager
async def listen(
    link: Link,
    wire: Wire,
    tries: Tries,
    event: Event[Body],
    handler: Callable[[Body], Awaitable[None]],
    name: str,
) -> AsyncIterator[None]:
    """See `Bus.listen`."""
    durable = durable_name(legal_id("listener name", name), event.subject)
    done: OrderedDict[str, None] = OrderedDict()

    async def handle(msg: Msg, again: bool) -> None:
        if again and msg.subject in done:
            return
        if (msg.headers or {}).get(FOR, durable) != durable:
            # A dead letter that somebody else shall have again.
            return
        body = wire.decode(msg.data, event.body)
        with telemetry.span(
            f"handle {event.subject}",
            kind=telemetry.CONSUMER,
            conversation=getattr(body, "conversation_id", ""),
            turn=getattr(body, "turn_id", ""),
            slight=True,
            agent=name,
            action=event.subject,
        ):
            await handler(body)
        done[msg.subject] = None
        if len(done) > REMEMBERED:
            done.popitem(last=False)

    async def give_up(msg: Msg, error: Exception) -> None:
        await bury(link, msg.subject, msg.data, reason_of(error), by=durable, headers=msg.headers)

    attempts = Attempts(
        link, EVENTS, durable, f"event.{event.subject}.*", tries, handle=handle, give_up=give_up
    )
    async with attempts.open():
        yield
