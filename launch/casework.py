"""Keeps customers and tickets told of what happens to cases, whatever was down when it happened."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from shared.errors import DeskError

_LOG = logging.getLogger("answerdesk.casework")
_EVERY_SECONDS = 1.0
_LONGEST_SECONDS = 60.0


def kept_told(retell: Callable[[], Awaitable[int]]) -> AbstractAsyncContextManager[None]:
    """Tell customers what staff did while the bus was down, or before a process died."""
    return _again_and_again(retell, "customers are told later what staff did")


def kept_mirrored(mirror: Callable[[], Awaitable[int]]) -> AbstractAsyncContextManager[None]:
    """Write what staff did into the tickets."""
    return _again_and_again(mirror, "tickets show later what staff did")


@asynccontextmanager
async def _again_and_again(work: Callable[[], Awaitable[int]], late: str) -> AsyncIterator[None]:
    """While the context is open; two processes that do it do each thing once. A failure waits longer."""
    looking = asyncio.create_task(_look(work, late))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(work: Callable[[], Awaitable[int]], late: str) -> None:
    pause = _EVERY_SECONDS
    while True:
        try:
            await work()
            pause = _EVERY_SECONDS
        except DeskError as error:
            _LOG.warning("%s: %s", late, error)
            pause = min(2 * pause, _LONGEST_SECONDS)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or nobody would be told of anything any more.
            _LOG.exception("%s: a fault of ours", late)
            pause = min(2 * pause, _LONGEST_SECONDS)
        await asyncio.sleep(pause)
