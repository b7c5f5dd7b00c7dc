"""Tells customers, as soon as it can be told, what staff did while the bus was down or a process died."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gateway.casework import Casework
from shared.errors import DeskError

_LOG = logging.getLogger("answerdesk.casework")
_EVERY_SECONDS = 2.0


@asynccontextmanager
async def kept_told(casework: Casework) -> AsyncIterator[None]:
    """Look for it while the context is open; two processes that look tell it once."""
    looking = asyncio.create_task(_look(casework))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(casework: Casework) -> None:
    while True:
        try:
            await casework.retell()
        except DeskError as error:
            _LOG.warning("what staff did is told later: %s", error)
        await asyncio.sleep(_EVERY_SECONDS)
