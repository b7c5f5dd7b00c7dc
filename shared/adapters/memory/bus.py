"""A bus inside one process; nothing it holds outlives the process, for tests and a machine without NATS."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared import telemetry
from shared.adapters.bus_rules import (
    BACKOFF,
    checked,
    legal_id,
    legal_step,
    partition_of,
    problem_of,
    reason_of,
)
from shared.adapters.chains import Chains, Waiting
from shared.adapters.failed_asks import counted, gave_up
from shared.adapters.memory.hearers import Hearers
from shared.adapters.memory.inbox import Inbox
from shared.adapters.memory.load import load
from shared.adapters.memory.results import MemoryResults
from shared.contracts import Answer, Ask, Body, Call, Event, Message, Problem, TracesSent, TurnAccepted
from shared.errors import AskFailed
from shared.ports import Agent, DeadLetter, Delivered, Handler, Load, News, Sign, TurnWorker
from shared.ports.bus import resendable


@dataclass(slots=True)
class _Asked:
    """An ask in its queue, with the trace it belongs to."""

    ask: Message
    headers: Mapping[str, str]


class MemoryBus:
    """The `Bus` port without a server. `concurrency` handlers run at once per call and per listener."""

    kind = "memory"

    def __init__(
        self, *, backoff: Sequence[float] = BACKOFF, concurrency: int = 64, drain_seconds: float = 10.0
    ) -> None:
        self._backoff = backoff
        self._concurrency = concurrency
        self._drain_seconds = drain_seconds
        self._asks: dict[str, Inbox] = {}
        self._answers: dict[tuple[str, str, str], asyncio.Future[Message]] = {}
        self._events: dict[str, dict[str, Any]] = defaultdict(dict)
        self._heard: dict[tuple[str, str], Inbox] = {}
        self._turns: dict[tuple[str, str], Waiting] = {}
        self._workers: list[Chains] = []
        self._results = MemoryResults()
        self._flags: Hearers[[str, str]] = Hearers()
        self._sent: Hearers[[TracesSent]] = Hearers()

    async def ask(self, call: Call[Ask, Answer], ask: Ask, *, timeout: float) -> Answer:
        """See `Bus.ask`."""
        key = (legal_id("conversation_id", ask.conversation_id), call.subject, legal_step(ask.step_id))
        answered = self._answers.get(key)
        if answered is None:
            answered = self._answers[key] = asyncio.get_running_loop().create_future()
            self._asked(call).put(_Asked(ask, telemetry.headers()))
        try:
            # Shielded: the answer is kept for whoever asks again, also when this caller has gone.
            async with asyncio.timeout(timeout):
                answer = await asyncio.shield(answered)
        except TimeoutError:
            why = f"no answer to {ask.step_id} in {timeout} s"
            raise counted(AskFailed(call.subject, "timeout", why, retry=True)) from None
        if isinstance(answer, Problem):
            raise AskFailed(call.subject, answer.kind, answer.detail, retry=answer.retry)
        assert isinstance(answer, call.answer)
        return answer

    @asynccontextmanager
    async def serve(self, agent: Agent) -> AsyncIterator[None]:
        """See `Bus.serve`."""
        async with AsyncExitStack() as stack:
            for call, handler in agent.handlers.items():
                inbox = self._asked(call)
                inbox.service = agent.name
                handle = partial(self._answer, call, handler)
                await stack.enter_async_context(self._taking(inbox, handle))
            yield

    async def publish(self, event: Event[Body], body: Body, *, key: str) -> None:
        """See `Bus.publish`."""
        if key in self._events[event.subject]:
            return
        self._events[event.subject][key] = body
        for (subject, _), heard in self._heard.items():
            if subject == event.subject:
                heard.put(body)

    @asynccontextmanager
    async def listen(
        self, event: Event[Body], handler: Callable[[Body], Awaitable[None]], *, name: str
    ) -> AsyncIterator[None]:
        """See `Bus.listen`."""
        place = (event.subject, legal_id("listener name", name))
        inbox = self._heard.get(place) or Inbox(f"{name}-{event.subject}".replace(".", "-"), "EVENTS", name)
        if place not in self._heard:
            self._heard[place] = inbox
            for body in self._events[event.subject].values():
                inbox.put(body)

        async def handle(body: Body) -> None:
            error = await inbox.attempt(lambda: handler(body), self._backoff)
            if error is not None:
                self._results.dead_letter(f"event.{event.subject}", body, reason_of(error), by=inbox.name)

        async with self._taking(inbox, handle):
            yield

    async def submit(self, turn: TurnAccepted) -> None:
        """See `Bus.submit`."""
        legal_id("conversation_id", turn.conversation_id)
        legal_id("turn_id", turn.turn_id)
        key = (turn.conversation_id, turn.turn_id)
        if key not in self._turns:
            self._accept(turn, telemetry.headers())

    def _accept(self, turn: TurnAccepted, headers: Mapping[str, str]) -> None:
        async def settle() -> None:
            """Nothing to acknowledge: the turn leaves with its result."""

        waiting = Waiting(turn, settle, headers)
        self._turns[turn.conversation_id, turn.turn_id] = waiting
        self._hand(waiting)

    @asynccontextmanager
    async def work(
        self, worker: TurnWorker, *, finished: Callable[[Sequence[Delivered]], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """See `Bus.work`."""
        chains = Chains(worker, finished, self._results, backoff=self._backoff)
        self._workers.append(chains)
        if len(self._workers) == 1:
            for waiting in self._turns.values():
                self._hand(waiting)
        try:
            yield
        finally:
            self._workers.remove(chains)
            for waiting in await chains.close(self._drain_seconds):
                waiting.replay = True
                self._hand(waiting)

    def _hand(self, waiting: Waiting) -> None:
        """Give a turn to the worker of its partition; without one it waits in `_turns`."""
        if self._workers:
            share = partition_of(waiting.turn.conversation_id) % len(self._workers)
            self._workers[share].add(waiting)

    async def progress(self, sign: Sign) -> None:
        """See `Bus.progress`."""
        legal_id("conversation_id", sign.conversation_id)
        self._results.show(sign)

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[News]]:
        """See `Bus.watch`."""
        queue: asyncio.Queue[News] = asyncio.Queue()
        self._results.watchers.add(queue)

        async def heard() -> AsyncIterator[News]:
            while True:
                yield await queue.get()

        try:
            yield heard()
        finally:
            self._results.watchers.discard(queue)

    async def flag_trace(self, trace_id: str, reason: str) -> None:
        """See `Bus.flag_trace`."""
        self._flags.tell(trace_id, reason)

    @asynccontextmanager
    async def flagged_traces(self, keep: Callable[[str, str], None]) -> AsyncIterator[None]:
        """See `Bus.flagged_traces`."""
        with self._flags.heard_by(keep):
            yield

    async def tell_sent(self, sent: TracesSent) -> None:
        """See `Bus.tell_sent`."""
        self._sent.tell(sent)

    @asynccontextmanager
    async def told_sent(self, hear: Callable[[TracesSent], None]) -> AsyncIterator[None]:
        """See `Bus.told_sent`."""
        with self._sent.heard_by(hear):
            yield

    async def results(self, conversation_id: str, *, after: int = 0) -> Sequence[Delivered]:
        """See `Bus.results`."""
        legal_id("conversation_id", conversation_id)
        return [each for each in self._results.of(conversation_id) if each.seq > after]

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """See `Bus.result`."""
        return self._results.find(conversation_id, turn_id)

    async def dead_letters(self, *, after: str = "", limit: int | None = None) -> Sequence[DeadLetter]:
        """See `Bus.dead_letters`."""
        found = [each.letter for each in self._results.dead.values()]
        return tuple(each for each in found if not after or int(each.id) > int(after))[:limit]

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """See `Bus.dead_letter`."""
        buried = self._results.dead.get(letter_id)
        return None if buried is None else buried.letter

    async def resend(self, letter_id: str) -> bool:
        """See `Bus.resend`."""
        if (letter := await self.dead_letter(letter_id)) is None:
            return False
        # A listener of this process stays known when it stops, so it is always there.
        resendable(letter)
        buried = self._results.dead.pop(letter_id)
        if isinstance(buried.body, TurnAccepted):
            self._accept(buried.body, buried.headers)
        for inbox in self._heard.values():
            if inbox.name == letter.by:
                inbox.put(buried.body)
        return True

    async def discard(self, letter_id: str) -> bool:
        """See `Bus.discard`."""
        return self._results.dead.pop(letter_id, None) is not None

    async def unanswered(self, conversation_ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """See `Bus.unanswered`."""
        mine = [key for key in self._turns if key[0] in conversation_ids]
        return [key for key in mine if self._results.find(*key) is None]

    async def expire(self, conversation_ids: Collection[str]) -> int:
        """See `Bus.expire`."""
        return self._results.expire(conversation_ids)

    async def erase(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """See `Bus.erase`."""
        gone = set(conversation_ids)
        turns = [key for key in self._turns if key[0] in gone]
        answers = [key for key in self._answers if key[0] in gone]
        for turn in turns:
            del self._turns[turn]
        for answer in answers:
            self._answers.pop(answer).cancel()
        events = 0
        for told in self._events.values():
            for key in [key for key, body in told.items() if getattr(body, "conversation_id", "") in gone]:
                del told[key]
                events += 1
        return {"turns": len(turns), "answers": len(answers), "events": events, **self._results.erase(gone)}

    async def ping(self) -> None:
        """Memory is always there."""

    async def load(self) -> Load:
        """See `Bus.load`."""
        kept = {"ASKS": len(self._answers), "EVENTS": sum(map(len, self._events.values()))}
        inboxes = (*self._asks.values(), *self._heard.values())
        return load(inboxes, self._turns, self._results, len(self._workers), kept)

    def _asked(self, call: Call[Any, Any]) -> Inbox:
        """Where asks of a call wait."""
        name = call.subject.replace(".", "-")
        return self._asks.setdefault(call.subject, Inbox(name, "ASKS"))

    def _taking(
        self, inbox: Inbox, handle: Callable[[Any], Awaitable[None]]
    ) -> AbstractAsyncContextManager[None]:
        return inbox.taking(handle, concurrency=self._concurrency, drain_seconds=self._drain_seconds)

    async def _answer(self, call: Call[Any, Any], handler: Handler[Any, Any], asked: _Asked) -> None:
        telemetry.join(asked.headers)
        ask = asked.ask
        answered = self._answers[ask.conversation_id, call.subject, ask.step_id]
        got: list[Message] = []

        async def attempt() -> None:
            got.append(checked(call, ask, await handler(ask)))

        error = await self._asked(call).attempt(attempt, self._backoff)
        if error is not None and gave_up(call, error):
            by = self._asked(call).name
            self._results.dead_letter(f"ask.{call.subject}", ask, reason_of(error), by=by)
        if not answered.done():
            answered.set_result(got[0] if error is None else problem_of(ask, error))
