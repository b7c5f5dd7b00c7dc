"""Files the cases that the helpdesk did not take when they were opened, once it takes them again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from agents.escalation import file_missing
from shared.errors import DeskError
from shared.ports import ConversationStore, HelpdeskApi

_LOG = logging.getLogger("answerdesk.filing")
_EVERY_SECONDS = 60.0
"""The event of a finished turn is tried for half a minute; what is left then is looked for this often."""


@asynccontextmanager
async def kept_filed(
    store: ConversationStore, helpdesk: HelpdeskApi, *, every: float = _EVERY_SECONDS
) -> AsyncIterator[None]:
    """Look for them while the context is open; two processes that look file one ticket."""
    looking = asyncio.create_task(_look(store, helpdesk, every))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(store: ConversationStore, helpdesk: HelpdeskApi, every: float) -> None:
    while True:
        try:
            await file_missing(store, helpdesk)
        except DeskError as error:
            _LOG.warning("tickets are filed later: %s", error)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or no ticket would follow any more.
            _LOG.exception("tickets are filed later: a fault of ours")
        await asyncio.sleep(every)
