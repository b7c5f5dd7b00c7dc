"""One chain of turns per conversation: in order, never two at once, a burst answered together."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from shared import telemetry
from shared.adapters.bus_rules import may_retry, reason_of
from shared.adapters.tasks import end
from shared.contracts import TurnAccepted, TurnFinished
from shared.errors import BadMessage
from shared.ports import Delivered, TurnWorker

Given = TypeVar("Given")
Got = TypeVar("Got")

replaying: ContextVar[bool] = ContextVar("replaying", default=False)
"""True while a turn runs that may have run before: then its steps are looked up before they are asked."""


@dataclass(slots=True)
class Waiting:
    """A turn in hand; `settle` acknowledges it, `replay` says that it may have run before."""

    turn: TurnAccepted
    settle: Callable[[], Awaitable[None]]
    headers: Mapping[str, str] | None = None
    replay: bool = False


class Shelf:
    """Where results are kept; a bus gives its own."""

    async def stored(self, turn: TurnAccepted) -> Delivered | None:
        """The result of the turn, when it has one already."""
        raise NotImplementedError

    async def store(self, result: TurnFinished) -> Delivered:
        """Keep the result, or give back the one the turn has."""
        raise NotImplementedError

    async def bury(self, turn: TurnAccepted, reason: str, headers: Mapping[str, str] | None) -> None:
        """Dead-letter a turn that could not be handled; `headers` are those it came with."""
        raise NotImplementedError


class Chains:
    """Runs a worker over waiting turns; different conversations side by side."""

    def __init__(
        self,
        worker: TurnWorker,
        finished: Callable[[Sequence[Delivered]], Awaitable[None]],
        shelf: Shelf,
        *,
        backoff: Sequence[float],
    ) -> None:
        self._worker = worker
        self._finished = finished
        self._shelf = shelf
        self._backoff = backoff
        self._queues: dict[str, list[Waiting]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = False
        self._log = logging.getLogger(__name__)

    def add(self, waiting: Waiting) -> None:
        """Queue a turn behind the others of its conversation; it joins the next burst."""
        conversation = waiting.turn.conversation_id
        queue = self._queues.setdefault(conversation, [])
        queue.append(waiting)
        if conversation not in self._tasks and not self._closing:
            self._tasks[conversation] = asyncio.create_task(self._run(conversation, queue))

    async def close(self, seconds: float) -> list[Waiting]:
        """Let running bursts end, at most `seconds`, then stop them; gives back what was not handled."""
        self._closing = True
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            await end(late)
        return [waiting for queue in self._queues.values() for waiting in queue]

    async def drop(self, conversations: Callable[[str], bool]) -> None:
        """Stop at once what runs for these conversations: somebody else owns them now."""
        mine = [name for name in self._queues if conversations(name)]
        await end([task for name in mine if (task := self._tasks.get(name)) is not None])
        for name in mine:
            self._queues.pop(name, None)

    async def idle(self, conversations: Callable[[str], bool], seconds: float) -> None:
        """Wait until nothing runs for these conversations, at most `seconds`."""
        tasks = [task for name, task in self._tasks.items() if conversations(name)]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def _run(self, conversation: str, queue: list[Waiting]) -> None:
        try:
            while queue and not self._closing:
                burst = queue.copy()
                try:
                    await self._answer(burst)
                except Exception as error:  # noqa: BLE001  said aloud and dead-lettered
                    # A result nobody can store (too big, unreadable): said aloud, never silently repeated.
                    self._log.exception("turns of conversation %s cannot be finished", conversation)
                    await self._give_up([waiting.turn for waiting in burst], reason_of(error))
                    for waiting in burst:
                        await waiting.settle()
                del queue[: len(burst)]
        finally:
            del self._tasks[conversation]
            if not queue:
                self._queues.pop(conversation, None)

    async def _answer(self, burst: list[Waiting]) -> None:
        # A burst is answered in the trace of its first message, which points to those of the others.
        telemetry.join(
            burst[0].headers,
            also=[waiting.headers for waiting in burst[1:]],
            destination="turn.in",
            delivery=2 if any(waiting.replay for waiting in burst) else 1,
            queued_ms=max(0.0, round((time.time() - burst[0].turn.accepted_at) * 1000, 2)),
        )
        replaying.set(any(waiting.replay for waiting in burst))
        known: dict[str, Delivered] = {}
        for waiting in burst:
            found = await self._insist(self._shelf.stored, waiting.turn)
            if found is not None:
                known[waiting.turn.turn_id] = found
        fresh = list({w.turn.turn_id: w.turn for w in burst if w.turn.turn_id not in known}.values())
        if fresh:
            for result in await self._work(fresh):
                known[result.turn_id] = await self._insist(self._shelf.store, result)
        delivered = [known[t] for t in dict.fromkeys(w.turn.turn_id for w in burst) if t in known]
        if delivered:
            await self._tell(delivered)
        for waiting in burst:
            await waiting.settle()

    async def _work(self, turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        """Run the worker; tries again here, because a turn given back would be overtaken by the next.

        What may pass is tried until it does: the turn is promised. What cannot is dead-lettered.
        """
        tries = 0
        while True:
            try:
                results = await self._worker(turns)
                _check(turns, results)
            except Exception as error:  # noqa: BLE001  a worker may raise anything; it is logged and buried
                # The type only: a stranger's message may quote what the customer wrote.
                self._log.warning("worker failed on turn %s: %s", turns[0].turn_id, reason_of(error))
                if not may_retry(error):
                    await self._give_up(turns, reason_of(error))
                    return ()
                await asyncio.sleep(self._backoff[min(tries, len(self._backoff) - 1)])
                tries += 1
                replaying.set(True)
            else:
                return results

    async def _tell(self, delivered: Sequence[Delivered]) -> None:
        """Call `finished` until it works: the results are stored, a store that is down comes back."""
        tries = 0
        while True:
            try:
                await self._finished(delivered)
            except Exception as error:  # noqa: BLE001  told, then tried again or buried
                self._log.warning("finished() failed: %s", reason_of(error))
                if not may_retry(error) and tries >= len(self._backoff):
                    turns = [_accepted(each.turn) for each in delivered]
                    await self._give_up(turns, f"finished: {reason_of(error)}")
                    return
                await asyncio.sleep(self._backoff[min(tries, len(self._backoff) - 1)])
                tries += 1
            else:
                return

    async def _give_up(self, turns: Sequence[TurnAccepted], reason: str) -> None:
        for turn in turns:
            waiting = self._queues.get(turn.conversation_id, ())
            came = next((each.headers for each in waiting if each.turn.turn_id == turn.turn_id), None)
            await self._insist(partial(self._shelf.bury, reason=reason, headers=came), turn)

    async def _insist(self, act: Callable[[Given], Awaitable[Got]], thing: Given) -> Got:
        """Do it, however long the bus is away: the turn is promised."""
        tries = 0
        while True:
            try:
                return await act(thing)
            except Exception as error:
                if not may_retry(error):
                    raise
                self._log.warning("the bus does not take or give: %s", reason_of(error))
            await asyncio.sleep(self._backoff[min(tries, len(self._backoff) - 1)])
            tries += 1


def _check(turns: Sequence[TurnAccepted], results: Sequence[TurnFinished]) -> None:
    """One result for each turn, in order, or the worker is wrong."""
    asked = [turn.turn_id for turn in turns]
    given = [result.turn_id for result in results]
    if asked != given:
        raise BadMessage(
            f"a worker asked for turns {asked} gave results for {given}; give one for each, in order"
        )


def _accepted(result: TurnFinished) -> TurnAccepted:
    return TurnAccepted(
        conversation_id=result.conversation_id,
        turn_id=result.turn_id,
        text=result.said,
        accepted_at=result.accepted_at,
    )
