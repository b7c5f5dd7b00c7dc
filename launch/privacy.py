"""Hears what the shop asks for people's privacy, and which of its records have changed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from gateway.context import Desk
from gateway.privacy import Privacy
from launch.scheduling import LISTENER
from shared import contracts as c
from shared.wiring import Services


def open_privacy(desk: Desk, services: Services) -> Privacy:
    """What is done about it, over the rooms of this desk."""
    assert desk.tasks is not None  # launch opens both
    assert desk.rights is not None
    return Privacy(
        tasks=desk.tasks,
        bus=desk.bus,
        rights=desk.rights,
        intake=desk.intake,
        now=services.clock.now,
        held=services.settings.redact_hold,
    )


@asynccontextmanager
async def kept_private(desk: Desk, privacy: Privacy) -> AsyncIterator[None]:
    """Listen while the context is open: one process hears an event, each hears which records changed."""
    heard: tuple[tuple[Any, Any], ...] = (
        (c.SHOP_CUSTOMER_DATA_REQUEST, privacy.wants_data),
        (c.SHOP_CUSTOMER_REDACT, privacy.wants_erasure),
        (c.SHOP_REDACT, privacy.shop_left),
        (c.SHOP_CUSTOMER_UPDATED, privacy.record_changed),
        (c.SHOP_CUSTOMER_DELETED, privacy.record_changed),
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(desk.hub.watched(privacy.hear))
        for event, hear in heard:
            await stack.enter_async_context(desk.bus.listen(event, hear, name=LISTENER))
        yield
