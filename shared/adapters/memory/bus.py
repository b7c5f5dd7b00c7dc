"""A bus inside one process; nothing it holds outlives the process, for tests and a machine without NATS."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared import telemetry
from shared.adapters.bus_rules import (
    BACKOFF,
    checked,
    legal_id,
    legal_step,
    may_retry,
    partition_of,
    problem_of,
    reason_of,
)
from shared.adapters.chains import Chains, Waiting
from shared.adapters.memory.results import MemoryResults
from shared.adapters.tasks import end
from shared.contracts import (
    Answer,
    Ask,
    Body,
    Call,
    Event,
    Message,
    Problem,
    TurnAccepted,
)
from shared.errors import AskFailed
from shared.ports import Agent, DeadLetter, Delivered, Handler, News, Sign, TurnWorker


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
        self._asks: dict[str, asyncio.Queue[_Asked]] = defaultdict(asyncio.Queue)
        self._answers: dict[tuple[str, str, str], asyncio.Future[Message]] = {}
        self._events: dict[str, dict[str, Any]] = defaultdict(dict)
        self._heard: dict[tuple[str, str], asyncio.Queue[Any]] = {}
        self._turns: dict[tuple[str, str], Waiting] = {}
        self._workers: list[Chains] = []
        self._results = MemoryResults()
        self._flags: list[Callable[[str, str], None]] = []
        self._log = logging.getLogger(__name__)

    async def ask(self, call: Call[Ask, Answer], ask: Ask, *, timeout: float) -> Answer:
        """See `Bus.ask`."""
        key = (legal_id("conversation_id", ask.conversation_id), call.subject, legal_step(ask.step_id))
        answered = self._answers.get(key)
        if answered is None:
            answered = self._answers[key] = asyncio.get_running_loop().create_future()
            self._asks[call.subject].put_nowait(_Asked(ask, telemetry.headers()))
        try:
            # Shielded: the answer is kept for whoever asks again, also when this caller has gone.
            async with asyncio.timeout(timeout):
                answer = await asyncio.shield(answered)
        except TimeoutError:
            raise AskFailed(
                call.subject, "timeout", f"no answer to {ask.step_id} in {timeout} s", retry=True
            ) from None
        if isinstance(answer, Problem):
            raise AskFailed(call.subject, answer.kind, answer.detail, retry=answer.retry)
        assert isinstance(answer, call.answer)
        return answer

    @asynccontextmanager
    async def serve(self, agent: Agent) -> AsyncIterator[None]:
        """See `Bus.serve`."""
        async with AsyncExitStack() as stack:
            for call, handler in agent.handlers.items():
                handle = partial(self._answer, call, handler)
                await stack.enter_async_context(self._taking(self._asks[call.subject], handle))
            yield

    async def publish(self, event: Event[Body], body: Body, *, key: str) -> None:
        """See `Bus.publish`."""
        if key in self._events[event.subject]:
            return
        self._events[event.subject][key] = body
        for (subject, _), heard in self._heard.items():
            if subject == event.subject:
                heard.put_nowait(body)

    @asynccontextmanager
    async def listen(
        self, event: Event[Body], handler: Callable[[Body], Awaitable[None]], *, name: str
    ) -> AsyncIterator[None]:
        """See `Bus.listen`."""
        place = (event.subject, legal_id("listener name", name))
        if place not in self._heard:
            self._heard[place] = asyncio.Queue()
            for body in self._events[event.subject].values():
                self._heard[place].put_nowait(body)

        async def handle(body: Body) -> None:
            error = await self._attempt(lambda: handler(body))
            if error is not None:
                self._results.dead_letter(f"event.{event.subject}", body, reason_of(error))

        async with self._taking(self._heard[place], handle):
            yield

    async def submit(self, turn: TurnAccepted) -> None:
        """See `Bus.submit`."""
        legal_id("conversation_id", turn.conversation_id)
        legal_id("turn_id", turn.turn_id)
        key = (turn.conversation_id, turn.turn_id)
        if key in self._turns:
            return

        async def settle() -> None:
            """Nothing to acknowledge: the turn leaves with its result."""

        waiting = Waiting(turn, settle, telemetry.headers())
        self._turns[key] = waiting
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
        for keep in tuple(self._flags):
            keep(trace_id, reason)

    @asynccontextmanager
    async def flagged_traces(self, keep: Callable[[str, str], None]) -> AsyncIterator[None]:
        """See `Bus.flagged_traces`."""
        self._flags.append(keep)
        try:
            yield
        finally:
            self._flags.remove(keep)

    async def results(self, conversation_id: str, *, after: int = 0) -> Sequence[Delivered]:
        """See `Bus.results`."""
        legal_id("conversation_id", conversation_id)
        return [each for each in self._results.of(conversation_id) if each.seq > after]

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """See `Bus.result`."""
        return self._results.find(conversation_id, turn_id)

    async def dead_letters(self) -> Sequence[DeadLetter]:
        """See `Bus.dead_letters`."""
        return tuple(self._results.dead)

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

    @asynccontextmanager
    async def _taking(
        self, queue: "asyncio.Queue[Any]", handle: Callable[[Any], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Handle what comes, some at a time; on exit take nothing new and wait for what runs."""
        running: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(self._concurrency)

        async def one(thing: Any) -> None:
            try:
                await handle(thing)
            except asyncio.CancelledError:
                queue.put_nowait(thing)
                raise
            finally:
                room.release()

        async def take() -> None:
            while True:
                await room.acquire()
                task = asyncio.create_task(one(await queue.get()))
                running.add(task)
                task.add_done_callback(running.discard)

        taker = asyncio.create_task(take())
        try:
            yield
        finally:
            await end([taker])
            if running:
                _, late = await asyncio.wait(running, timeout=self._drain_seconds)
                await end(late)

    async def _answer(self, call: Call[Any, Any], handler: Handler[Any, Any], asked: _Asked) -> None:
        telemetry.join(asked.headers)
        ask = asked.ask
        answered = self._answers[ask.conversation_id, call.subject, ask.step_id]
        got: list[Message] = []

        async def attempt() -> None:
            got.append(checked(call, ask, await handler(ask)))

        error = await self._attempt(attempt)
        if error is not None:
            self._log.warning("%s failed on step %s: %s", call.subject, ask.step_id, reason_of(error))
            self._results.dead_letter(f"ask.{call.subject}", ask, reason_of(error))
        if not answered.done():
            answered.set_result(got[0] if error is None else problem_of(ask, error))

    async def _attempt(self, act: Callable[[], Awaitable[None]]) -> Exception | None:
        """Try, with the waits between; gives back the error that ended it."""
        for wait in (*self._backoff, None):
            try:
                await act()
            except Exception as error:  # noqa: BLE001  a handler may raise anything; the caller reports it
                if wait is None or not may_retry(error):
                    return error
                await asyncio.sleep(wait)
            else:
                return None
        return None
