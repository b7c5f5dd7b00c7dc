"""What waits for one call or listener of the bus in memory, and who takes it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.adapters.bus_rules import may_retry
from shared.adapters.tasks import end
from shared.ports import ConsumerLoad


class Inbox:
    """A queue with its takers. `name`, `stream` and `service` are those that the look at the bus tells."""

    def __init__(self, name: str, stream: str, service: str = "") -> None:
        self.name = name
        self.stream = stream
        self.service = service
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._free = 0
        self._running = 0
        self._again = 0
        self._moved: float | None = None
        self._taken = False

    def put(self, thing: Any) -> None:
        """Leave something for whoever takes it, now or later."""
        self._queue.put_nowait(thing)

    @asynccontextmanager
    async def taking(
        self, handle: Callable[[Any], Awaitable[None]], *, concurrency: int, drain_seconds: float
    ) -> AsyncIterator[None]:
        """Handle what comes, some at a time; on exit take nothing new and wait for what runs."""
        running: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(concurrency)
        self._taken = True

        async def one(thing: Any) -> None:
            self._moved = time.time()
            self._running += 1
            try:
                await handle(thing)
            except asyncio.CancelledError:
                self._queue.put_nowait(thing)
                raise
            finally:
                self._moved = time.time()
                self._running -= 1
                room.release()

        async def take() -> None:
            while True:
                await room.acquire()
                self._free += 1
                try:
                    thing = await self._queue.get()
                finally:
                    self._free -= 1
                task = asyncio.create_task(one(thing))
                running.add(task)
                task.add_done_callback(running.discard)

        taker = asyncio.create_task(take())
        try:
            yield
        finally:
            await end([taker])
            if running:
                _, late = await asyncio.wait(running, timeout=drain_seconds)
                await end(late)

    async def attempt(self, act: Callable[[], Awaitable[None]], backoff: Sequence[float]) -> Exception | None:
        """Try, with these waits between; gives back the error that ended it."""
        tries = 0
        try:
            for wait in (*backoff, None):
                try:
                    await act()
                except Exception as error:  # noqa: BLE001  a handler may raise anything; the caller reports it
                    if wait is None or not may_retry(error):
                        return error
                    self._again += tries == 0
                    tries += 1
                    await asyncio.sleep(wait)
                else:
                    return None
        finally:
            self._again -= tries > 0
        return None

    def load(self, now: float) -> ConsumerLoad:
        """How it stands; `now` in seconds since 1970."""
        return ConsumerLoad(
            name=self.name,
            stream=self.stream,
            service=self.service,
            pending=self._queue.qsize(),
            ack_pending=self._running,
            redelivered=self._again,
            waiting=self._free,
            idle=None if self._moved is None else max(0.0, now - self._moved),
            there=self._taken,
        )
