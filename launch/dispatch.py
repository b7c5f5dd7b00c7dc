"""Keeps the clock at work on cases: gives them out, takes them back, tells who waits how it stands."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.context import Desk
from gateway.dispatch import Dispatch
from gateway.places import Awake
from shared.errors import DeskError
from shared.routing.queues import routing

_LOG = logging.getLogger("answerdesk.dispatch")
_REST_SECONDS = 0.5
"""Between two looks, however much happens: each reads every open case."""


@asynccontextmanager
async def kept_dispatched(desk: Desk) -> AsyncIterator[None]:
    """Look while the context is open; every process of the gateway may, what is due is done once."""
    if desk.duty is None or desk.places is None:
        yield
        return
    awake = Awake()
    with desk.hub.watched(awake.hear):
        looking = asyncio.create_task(_look(desk, Dispatch(desk.casework, desk.duty, routing()), awake))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait({looking})


async def _look(desk: Desk, dispatch: Dispatch, awake: Awake) -> None:
    while True:
        try:
            await dispatch.run()
            if desk.places is not None:
                await desk.places.look()
        except DeskError as error:
            _LOG.warning("cases are looked at again in a moment: %s", error)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or nobody would be given a case any more.
            _LOG.exception("the look at cases broke")
        await asyncio.sleep(_REST_SECONDS)
        await awake.wait()
