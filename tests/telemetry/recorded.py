"""Spans as they end, for tests that look at them."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.telemetry import Span
from shared.telemetry.spans import Sink, record_to


class Recorded(Sink):
    """What ended, in that order."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def ended(self, span: Span) -> None:
        """See `Sink.ended`."""
        if not span.slight:
            self.spans.append(span)

    def of(self, trace: str) -> list[Span]:
        """Those of one trace."""
        return [span for span in self.spans if span.trace == trace]


@contextmanager
def recording() -> Iterator[Recorded]:
    """Record in this process."""
    recorded = Recorded()
    stop = record_to(recorded)
    try:
        yield recorded
    finally:
        stop()
