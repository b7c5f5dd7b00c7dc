"""Removes what is older than may be kept, in small batches, one process at a time."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.rights.context import note_owner, task_owner
from gateway.rights.files import discard
from shared.errors import DeskError, StoreDown
from shared.ports import AuditLog, Bus, Deed, PIIVault
from shared.ports.retention import Idle, Kind, RetentionStore
from shared.ports.spending import Spending
from shared.settings import Settings
from shared.wiring import Services

_LOG = logging.getLogger("answerdesk.retention")
_DAY = 86_400.0
_LEASE_SECONDS = 600.0
_FIRST_SECONDS = 60.0
"""After a start others are busy; what is a minute over its time is not urgent."""
_KINDS: tuple[Kind, ...] = ("hand_overs", "feedback", "gaps", "tasks", "promises", "corrections")


class Answers(Protocol):
    """The cache of replies, which knows its own limit."""

    def due(self) -> int:
        """How many are over it."""
        ...

    def expire(self) -> int:
        """Remove them; how many."""
        ...


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How many days each class is kept; 0 is for ever."""

    conversations: int
    values: int
    hand_overs: int
    feedback: int
    gaps: int
    corrections: int
    tasks: int
    promises: int
    spending: int
    receipts: int
    exports: int

    @classmethod
    def of(cls, settings: Settings) -> "Keeping":
        """As it is set."""
        return cls(
            conversations=settings.retention_conversations_days,
            values=settings.retention_values_days,
            hand_overs=settings.retention_hand_overs_days,
            feedback=settings.retention_feedback_days,
            gaps=settings.retention_gaps_days,
            corrections=settings.retention_corrections_days,
            tasks=settings.retention_tasks_days,
            promises=settings.retention_promises_days,
            spending=settings.retention_spending_days,
            receipts=settings.retention_receipts_days,
            exports=settings.retention_exports_days,
        )


@dataclass(kw_only=True)
class Retaining:
    """The job over one installation. `now` in seconds since 1970; `pause` seconds between two batches."""

    store: RetentionStore
    vault: PIIVault
    bus: Bus
    audit: AuditLog
    spending: Spending
    answers: Callable[[], AbstractAsyncContextManager[Answers] | None]
    folder: Path
    keeping: Keeping
    now: Callable[[], float]
    batch: int = 100
    pause: float = 0.05
    me: str = field(default_factory=lambda: secrets.token_hex(8))

    def before(self, days: int) -> float:
        """What is older than this many days is due; nothing ever is with 0."""
        return self.now() - days * _DAY if days else float("-inf")

    async def due(self) -> dict[str, int]:
        """How much of each class would be removed now. Raises a `DeskError`."""
        found = {"conversations": await self.store.count_idle(self.before(self.keeping.conversations))}
        found["values"] = 0
        # They go with their conversation at the latest.
        shorter = min(filter(None, (self.keeping.values, self.keeping.conversations)), default=0)
        async for batch in self._silent(shorter, dry=True):
            found["values"] += await self.vault.count([each.conversation_id for each in batch])
        for kind in _KINDS:
            found[kind] = await self.store.count(kind, self.before(getattr(self.keeping, kind)))
        found["spending"] = await self._spent_due()
        found["answers"] = await self._of_answers(lambda rows: rows.due())
        for name, paths in self._files().items():
            found[name] = len(list(paths))
        return found

    async def run(self) -> Mapping[str, int] | None:
        """Remove what is due; how much, by class, or None when another process is at it.

        The audit line is written first, with what was found due. Cut off at any place, the next run finds
        what is left: the conversation itself, by which all else is found, goes last. Raises a `DeskError`.
        """
        if not await self._mine():
            return None
        try:
            return await self._run()
        finally:
            with suppress(StoreDown):
                await self.store.lease(self.me, now=self.now(), seconds=0)

    async def _run(self) -> Mapping[str, int]:
        due = await self.due()
        if not any(due.values()):
            return due
        await self.audit.write(Deed(action="retention", purpose="retention", counts=due))
        removed = {"conversations": 0, "values": 0}
        async for batch in self._silent(self.keeping.values):
            removed["values"] += await self.vault.expire([each.conversation_id for each in batch])
        async for batch in self._silent(self.keeping.conversations):
            ids = [each.conversation_id for each in batch]
            removed["values"] += await self.vault.expire(ids)
            await self.bus.expire(ids)
            before = self.before(self.keeping.conversations)
            removed["conversations"] += await self.store.expire_conversations(ids, before)
        lone = await self._lone_tasks()
        for kind in _KINDS:
            removed[kind] = await self._expired(kind)
        removed["tasks"] += lone
        removed["values"] += await self._notes()
        removed["spending"] = await self._spent() if due["spending"] else 0
        removed["answers"] = await self._of_answers(lambda rows: rows.expire())
        for name, paths in self._files().items():
            removed[name] = await asyncio.to_thread(_discarded, paths)
        await self.store.fold()
        return removed

    async def _silent(self, days: int, *, dry: bool = False) -> AsyncIterator[list[Idle]]:
        """Batches of conversations in which nothing was said for so long; ends when the lease is lost."""
        last: Idle | None = None
        while days and (dry or await self._mine()):
            found = list(await self.store.idle(self.before(days), after=last, limit=self.batch))
            if not found:
                return
            yield found
            last = found[-1]
            await asyncio.sleep(self.pause)

    async def _expired(self, kind: Kind) -> int:
        removed, before = 0, self.before(getattr(self.keeping, kind))
        while await self._mine():
            gone = await self.store.expire(kind, before, limit=self.batch)
            removed += gone
            if gone < self.batch:
                break
            await asyncio.sleep(self.pause)
        return removed

    async def _lone_tasks(self) -> int:
        """Tasks about no conversation, with the personal values in what staff wrote of them."""
        removed, before = 0, self.before(self.keeping.tasks)
        while (ended := await self.store.ended_series(before, limit=self.batch)) and await self._mine():
            await self.vault.expire([task_owner(each) for each in ended])
            removed += await self.store.drop_series(ended)
            await asyncio.sleep(self.pause)
        return removed

    async def _notes(self) -> int:
        """Staff's notes on questions nobody asks any more, with the personal values in them."""
        removed = 0
        while (gaps := await self.store.orphans(limit=self.batch)) and await self._mine():
            removed += await self.vault.expire([note_owner(each) for each in gaps])
            await self.store.drop(gaps)
            await asyncio.sleep(self.pause)
        return removed

    async def _spent_due(self) -> int:
        """0 while the ledger is away: its rows wait for it, and what else is due does not."""
        try:
            return await self.spending.count(self.before(self.keeping.spending))
        except StoreDown as error:
            _LOG.error("which turn took what at models is not removed now, all else is: %s", error)
            return 0

    async def _spent(self) -> int:
        """Which turn took what; the sums of days are nobody's, and stay."""
        removed, before = 0, self.before(self.keeping.spending)
        while await self._mine():
            gone = await self.spending.expire(before, limit=self.batch)
            removed += gone
            if gone < self.batch:
                break
            await asyncio.sleep(self.pause)
        return removed

    async def _of_answers(self, work: Callable[[Answers], int]) -> int:
        opened = self.answers()
        if opened is None:
            return 0
        async with opened as rows:
            return await asyncio.to_thread(work, rows)

    def _files(self) -> dict[str, Iterator[Path]]:
        """Old files by class. Journals of unfinished erasures are none: whoever goes on needs them."""
        receipts = (self.folder / "erasures").glob("[0-9a-f]*.json")
        exports = (self.folder / "exports").glob("*/*")
        return {
            "receipts": self._old(receipts, self.keeping.receipts),
            "exports": self._old(exports, self.keeping.exports),
        }

    def _old(self, paths: Iterator[Path], days: int) -> Iterator[Path]:
        before = self.before(days)
        return (path for path in paths if path.is_file() and path.stat().st_mtime < before)

    async def _mine(self) -> bool:
        return await self.store.lease(self.me, now=self.now(), seconds=_LEASE_SECONDS)


def _discarded(paths: Iterator[Path]) -> int:
    count = 0
    for path in paths:
        try:
            discard(path)
        except OSError as error:
            _LOG.warning("%s is over its time and cannot be removed: %s", path, error.strerror)
        else:
            count += 1
    return count


async def open_retaining(services: Services, bus: Bus) -> Retaining:
    """The job over these services."""
    return Retaining(
        store=await services.retention(),
        vault=await services.vault(),
        bus=bus,
        audit=await services.audit(),
        spending=await services.spending(),
        answers=services.answers,
        folder=services.settings.data_dir,
        keeping=Keeping.of(services.settings),
        now=services.clock.now,
    )


@asynccontextmanager
async def kept_short(job: Retaining, *, every: float, first: float = _FIRST_SECONDS) -> AsyncIterator[None]:
    """Run the job again and again in the background, whatever fails."""
    task = asyncio.create_task(_forever(job, every, first))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _forever(job: Retaining, every: float, first: float) -> None:
    await asyncio.sleep(first)
    while True:
        try:
            removed = await job.run()
            if removed and any(removed.values()):
                _LOG.info("retention: removed %s", removed)
        except DeskError as error:
            _LOG.warning("retention was cut off, the next run goes on: %s", error)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or everything would silently be kept for ever.
            _LOG.exception("retention broke")
        await asyncio.sleep(every)
