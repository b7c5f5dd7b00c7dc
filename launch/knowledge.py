"""Keeps the knowledge base like its source while the service runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from shared.errors import DeskError
from shared.logs import happened
from shared.ports import KnowledgeIndex
from shared.ports.publishing import SyncReport

_LOG = logging.getLogger("answerdesk.knowledge")
# After a failure sooner than at the next turn: 5 s, then 10, 20 and so on up to the interval.
_FIRST_RETRY = 5.0


class Sync(Protocol):
    """Brings the index up to date once; raises a `DeskError` and leaves it as it was."""

    async def run(self) -> SyncReport:
        """What was done."""
        ...


@asynccontextmanager
async def kept_in_sync(sync: Sync, index: KnowledgeIndex, interval: float) -> AsyncIterator[None]:
    """Up to date at the start, then every `interval` seconds in the background, whatever fails.

    A first sync that fails stops the start only when the fault lasts and there is nothing to serve.
    """
    watch = Watch(sync, interval)
    try:
        await watch.once()
    except DeskError as error:
        if not error.retry:
            await _need_something(index, error)
        watch.failed(error)
    task = asyncio.create_task(watch.forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _need_something(index: KnowledgeIndex, error: DeskError) -> None:
    try:
        await index.ping()
    except DeskError:
        raise error from None


class Watch:
    """Syncs again and again, and says in the log what a person should know."""

    def __init__(
        self, sync: Sync, interval: float, *, tell: Callable[[SyncReport], None] | None = None
    ) -> None:
        self._sync = sync
        self._tell = tell
        self._interval = interval
        self._pause = interval
        self._told: set[str] = set()

    async def once(self) -> None:
        """One sync; each complaint is logged when it first appears, not at every turn."""
        report = await self._sync.run()
        rejected = {str(entry) for entry in report.rejected}
        for line in sorted(rejected - self._told):
            _LOG.warning("not served as it is now: %s", line)
        for entry in report.warnings:
            _LOG.warning("%s", entry)
        if report.added or report.changed or report.removed:
            happened(
                _LOG,
                "knowledge_synced",
                added=len(report.added),
                changed=len(report.changed),
                removed=len(report.removed),
                rejected=len(rejected),
            )
        if self._tell is not None:
            self._tell(report)
        self._told, self._pause = rejected, self._interval

    def failed(self, error: Exception) -> None:
        """Say so, and try again sooner."""
        self._pause = min(self._interval, _FIRST_RETRY if self._pause == self._interval else 2 * self._pause)
        happened(
            _LOG,
            "knowledge_sync_failed",
            level=logging.WARNING,
            says=f"knowledge serves as it was, the sync failed: {error}",
            again_s=round(self._pause),
        )

    async def forever(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self.once()
            except DeskError as error:
                self.failed(error)
            except Exception as error:  # noqa: BLE001
                # A fault of ours: the loop must outlive it, or the knowledge would silently grow old.
                _LOG.exception("the sync broke")
                self.failed(error)
