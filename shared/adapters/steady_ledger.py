"""The spend ledger that may be away: opened when it can be, and anew after it has failed.

Customers come before the count of what their answers cost: no process waits for it, or stops without it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import date
from typing import TypeVar

from shared.contracts import Usage
from shared.errors import StoreDown
from shared.ports.spending import Spend, Spending, SpendLine
from shared.spending import billed

_T = TypeVar("_T")
_PAUSE_S = 2.0
"""Between two tries to open it: to open a server's that is away takes as long as a call may."""
Opener = Callable[[], AbstractAsyncContextManager[Spending]]


@asynccontextmanager
async def open_steady(opener: Opener) -> AsyncIterator["SteadyLedger"]:
    """The ledger that `opener` opens, now or later. SettingsError when it is set wrongly."""
    ledger = SteadyLedger(opener)
    await ledger.begin()
    try:
        yield ledger
    finally:
        await ledger.close()


class SteadyLedger:
    """The `Spending` port; every call raises `StoreDown` while the ledger cannot be opened."""

    def __init__(self, opener: Opener, *, pause: float = _PAUSE_S) -> None:
        self._opener = opener
        self._pause = pause
        self._stack = AsyncExitStack()
        self._ledger: Spending | None = None
        self._doubted = False
        self._busy = 0
        self._opening = asyncio.Lock()
        self._why: StoreDown | None = None
        self._next_try = 0.0

    async def begin(self) -> None:
        """Open it if that is possible; the calls say why it was not."""
        try:
            await self._usable()
        except StoreDown as error:
            self._why = error

    async def close(self) -> None:
        """Close what is open."""
        self._ledger = None
        await self._stack.aclose()

    async def record(self, turn_id: str, *, conversation_id: str, at: float, usages: Iterable[Usage]) -> bool:
        """See `Spending.record`. What cost nothing needs no ledger."""
        paid = billed(usages)
        return bool(paid) and await self._do(
            lambda ledger: ledger.record(turn_id, conversation_id=conversation_id, at=at, usages=paid)
        )

    async def recorded(self, turn_ids: Collection[str]) -> set[str]:
        """See `Spending.recorded`."""
        return await self._do(lambda ledger: ledger.recorded(turn_ids))

    async def of_day(self, day: date) -> Spend:
        """See `Spending.of_day`."""
        return await self._do(lambda ledger: ledger.of_day(day))

    async def of_month(self, day: date) -> Spend:
        """See `Spending.of_month`."""
        return await self._do(lambda ledger: ledger.of_month(day))

    async def days(self, since: date, until: date) -> Sequence[SpendLine]:
        """See `Spending.days`."""
        return await self._do(lambda ledger: ledger.days(since, until))

    async def of_conversation(self, conversation_id: str) -> Spend:
        """See `Spending.of_conversation`."""
        return await self._do(lambda ledger: ledger.of_conversation(conversation_id))

    async def erase(self, conversation_ids: Collection[str], *, at: float) -> int:
        """See `Spending.erase`."""
        return await self._do(lambda ledger: ledger.erase(conversation_ids, at=at))

    async def count(self, before: float) -> int:
        """See `Spending.count`."""
        return await self._do(lambda ledger: ledger.count(before))

    async def expire(self, before: float, *, limit: int) -> int:
        """See `Spending.expire`."""
        return await self._do(lambda ledger: ledger.expire(before, limit=limit))

    async def ping(self) -> None:
        """See `Spending.ping`."""
        await self._do(lambda ledger: ledger.ping())

    async def _do(self, work: Callable[[Spending], Awaitable[_T]]) -> _T:
        ledger = await self._usable()
        self._busy += 1
        try:
            return await work(ledger)
        except StoreDown:
            # Its file may have been restored or moved away meanwhile: the next call opens it anew.
            self._doubted = True
            raise
        finally:
            self._busy -= 1

    async def _usable(self) -> Spending:
        async with self._opening:
            if self._doubted and not self._busy:
                self._doubted = False
                await self.close()
            if self._ledger is None:
                self._ledger = await self._open()
            return self._ledger

    async def _open(self) -> Spending:
        if self._why is not None and time.monotonic() < self._next_try:
            raise StoreDown(str(self._why))
        try:
            opened = await self._stack.enter_async_context(self._opener())
        except StoreDown as error:
            self._why, self._next_try = error, time.monotonic() + self._pause
            raise
        self._why = None
        return opened
