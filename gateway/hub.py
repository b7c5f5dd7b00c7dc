"""Brings results from the bus to the requests and streams that wait for them."""

import asyncio
import logging
import secrets
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from shared.contracts import CaseChanged, RecordChanged, StaffSeen, TaskTold, TurnProgress
from shared.errors import BusDown, DeskError
from shared.ports import Bus, Delivered, News

_LOG = logging.getLogger("answerdesk.gateway")
_AGAIN_SECONDS = 1.0
"""Until the bus is watched again after that broke."""
_MOST_PENDING = 200
"""Events one slow stream may fall behind before it is closed; it resumes from its last id."""

_FIRST_LOOK = 0.4
"""Seconds without news before the stored result is looked up; each later look waits twice as long."""
_RAREST_LOOK = 6.4
"""Results that a break swallowed come by themselves; looking more often only feeds an overload."""
_STORED_SECONDS = 2.0
"""A turn is told before it is stored: who reads so soon after may not find it."""
_REMEMBERED_SECONDS = 60.0
"""How long it is known which conversations were told of; for pages older than that, all were."""
FOR_PERSONS = frozenset({"handed_over", "with_person"})
"""Turns that change the queue of staff; of what the bot answers alone, only its own conversation changes."""


@dataclass(frozen=True)
class QueueTold:
    """How it stands for a customer who waits; never stored, the next one replaces it."""

    conversation_id: str
    body: dict[str, Any]


Arrivals = asyncio.Queue[Delivered | TurnProgress | StaffSeen | QueueTold | None]


class Hub:
    """One watcher per process; requests and streams register for a conversation."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._listeners: dict[str, set[Arrivals]] = defaultdict(set)
        self._consoles: set[Callable[[News | None], None]] = set()
        self._closing = False
        self._watch = secrets.token_hex(4)
        self._queue_at = 0.0
        self._talks_at: OrderedDict[str, float] = OrderedDict()

    def mark(self) -> str:
        """This moment, for a page of staff that is made now and listens later: see `missed`."""
        return f"{self._watch}.{time.monotonic() * 1000:.0f}"

    def missed(self, mark: str, conversation_id: str = "") -> bool:
        """Whether something of the queue, or of this conversation, was told since then.

        True, too, when nobody here can know: another process heard it, or a watch that broke since.
        """
        watch, _, at = mark.partition(".")
        if watch != self._watch or not at.isdecimal():
            return True
        since = int(at) / 1000 - _STORED_SECONDS
        told = self._talks_at.get(conversation_id, 0.0) if conversation_id else self._queue_at
        return told > since or since < time.monotonic() - _REMEMBERED_SECONDS

    @contextmanager
    def watched(self, tell: Callable[[News | None], None]) -> Iterator[None]:
        """Tell the console everything of every conversation while the context is open; it must not wait.

        None: something may have been missed, or this process closes (`closing`).
        """
        self._consoles.add(tell)
        try:
            yield
        finally:
            self._consoles.discard(tell)

    @property
    def closing(self) -> bool:
        """Whether this process ends: nothing more comes."""
        return self._closing

    @property
    def streams(self) -> int:
        """How many requests and streams listen now."""
        return sum(len(listeners) for listeners in self._listeners.values())

    async def run(self) -> None:
        """Hand out everything the bus brings, until cancelled; watches anew when that breaks."""
        broken = False
        while True:
            try:
                async with self._bus.watch() as arriving:
                    self._watch = secrets.token_hex(4)
                    if broken:
                        self._end()  # who comes back now reads what was missed, and misses nothing more
                    async for item in arriving:
                        self._spread(item)
                _LOG.warning("the bus brings no more news; watching anew")
            except DeskError as error:
                _LOG.warning("no live news for %.0f s: %s", _AGAIN_SECONDS, error)
            except Exception:  # noqa: BLE001
                # A fault of ours: without a watcher every stream would stay silent until the next start.
                _LOG.exception("the watcher of news broke")
            broken = True
            await asyncio.sleep(_AGAIN_SECONDS)

    def _spread(self, item: News) -> None:
        turn = item.turn if isinstance(item, Delivered) else item
        self._note(item, turn.conversation_id)
        for tell in tuple(self._consoles):
            tell(item)
        for_staff = isinstance(item, StaffSeen) and not item.heard
        if for_staff or isinstance(item, CaseChanged | TaskTold | RecordChanged):
            return  # nothing a customer hears
        for queue in tuple(self._listeners.get(turn.conversation_id, ())):
            self._hand(queue, item)

    def _note(self, item: News, conversation_id: str) -> None:
        """When staff were told of it; see `missed`."""
        now = time.monotonic()
        if isinstance(item, CaseChanged | Delivered):
            self._talks_at[conversation_id] = now
            self._talks_at.move_to_end(conversation_id)
            while next(iter(self._talks_at.values())) < now - _REMEMBERED_SECONDS:
                self._talks_at.popitem(last=False)
        persons = isinstance(item, Delivered) and item.turn.status in FOR_PERSONS
        if persons or isinstance(item, CaseChanged | TaskTold):
            self._queue_at = now

    def listens(self, conversation_id: str) -> bool:
        """Whether any request or stream of this conversation is open here."""
        return conversation_id in self._listeners

    def tell(self, item: QueueTold) -> None:
        """Hand something that did not come over the bus to who listens here."""
        for queue in tuple(self._listeners.get(item.conversation_id, ())):
            self._hand(queue, item)

    def close(self) -> None:
        """End every stream and waiting request now; their customers come back to the next process."""
        self._closing = True
        self._end()

    def _end(self) -> None:
        for tell in tuple(self._consoles):
            tell(None)
        for listeners in self._listeners.values():
            for queue in listeners:
                end(queue)

    @asynccontextmanager
    async def listening(self, conversation_id: str) -> AsyncIterator[Arrivals]:
        """A queue of everything of one conversation from now on; None ends it: something is missed."""
        queue: Arrivals = asyncio.Queue(_MOST_PENDING)
        if self._closing:
            end(queue)
        self._listeners[conversation_id].add(queue)
        try:
            yield queue
        finally:
            listeners = self._listeners[conversation_id]
            listeners.discard(queue)
            if not listeners:
                del self._listeners[conversation_id]

    async def follow(
        self, queue: Arrivals, conversation_id: str, turn_id: str, *, seconds: float
    ) -> AsyncIterator[Delivered | TurnProgress]:
        """Signs of a turn and last its result; ends without one when `seconds` pass or the hub closes.

        The stored result is looked up from time to time: a repeated message was answered before, and a
        restarted bus forgets who was listening.
        """
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + seconds, _FIRST_LOOK
        while (left := deadline - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(pause, left)):
                    item = await queue.get()
                if item is None and self._closing:
                    return
            except TimeoutError:
                item = await self._look_up(conversation_id, turn_id)
                pause = min(2 * pause, _RAREST_LOOK)
            if isinstance(item, TurnProgress) and item.turn_id == turn_id:
                yield item
            elif isinstance(item, Delivered) and item.turn.turn_id == turn_id:
                yield item
                return

    async def _look_up(self, conversation_id: str, turn_id: str) -> Delivered | None:
        try:
            return await self._bus.result(conversation_id, turn_id)
        except BusDown:
            return None

    @staticmethod
    def _hand(queue: Arrivals, item: Delivered | TurnProgress | StaffSeen | QueueTold) -> None:
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            end(queue)
            return
        queue.put_nowait(item)


def end(queue: Arrivals) -> None:
    """Tell who listens that nothing more comes, whatever it has not read yet."""
    while queue.full():
        queue.get_nowait()
    queue.put_nowait(None)
