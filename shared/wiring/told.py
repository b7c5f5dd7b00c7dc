"""Tells the operators' pages how the traces of every process are taken."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import structs

from shared.adapters.tasks import end
from shared.contracts import TracesSent
from shared.errors import DeskError
from shared.ports import Bus
from shared.telemetry.taking import Health
from shared.wiring.tracing import Tracing

_LOG = logging.getLogger("answerdesk.telemetry")
_EVERY_S = 5.0
_FORGOTTEN_S = 3600.0
"""A process that has said nothing for an hour is gone for good."""


class Told:
    """The latest that each process told, at the time it was heard: clocks of machines differ."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], TracesSent] = {}

    def hear(self, sent: TracesSent) -> None:
        """Remember it."""
        now = time.time()
        self._latest[sent.service, sent.run] = structs.replace(sent, at=now)
        for name in [name for name, each in self._latest.items() if each.at < now - _FORGOTTEN_S]:
            del self._latest[name]

    def all(self) -> Sequence[TracesSent]:
        """By service."""
        return [self._latest[name] for name in sorted(self._latest)]


def sent_by(tracing: Tracing) -> TracesSent:
    """How those of this process are taken now."""
    taking, why = tracing.taking, tracing.losses.why
    return TracesSent(
        service=tracing.service, run=tracing.run, at=time.time(), kind=tracing.kind, up=taking.up,
        since=taking.since, why=taking.why, accepted_at=taking.accepted_at, accepted=taking.accepted,
        sent=taking.sent, waiting=taking.waiting, lost=dict(why),
    )  # fmt: skip


def health_of(tracing: Tracing, told: Told) -> Health:
    """Of this process as it is now, of the others as they told last."""
    if tracing.kind != "off":
        told.hear(sent_by(tracing))
    embedded = tracing.embedded
    return Health(
        kind=tracing.kind,
        standing=embedded.standing if embedded is not None else None,
        held=embedded.held() if embedded is not None else None,
        days=embedded.days if embedded is not None else 0,
        processes=told.all(),
        renewed=embedded.renewed() if embedded is not None else 0.0,
    )


@asynccontextmanager
async def sending_told(bus: Bus, tracing: Tracing, *, every: float = _EVERY_S) -> AsyncIterator[None]:
    """Tell it every so many seconds while the context is open."""

    async def forever() -> None:
        silent = False
        while True:
            try:
                await bus.tell_sent(sent_by(tracing))
                silent = False
            except DeskError as error:  # the bus is away: it says so by itself, elsewhere
                if not silent:
                    _LOG.warning("the operators' pages do not hear of this process's traces: %s", error)
                silent = True
            await asyncio.sleep(every)

    telling = asyncio.create_task(forever())
    try:
        yield
    finally:
        await end([telling])
