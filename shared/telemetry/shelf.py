"""Where spans wait before the choice falls: a flag may come late, from another process or from staff.

A shelf is bounded by age and by bytes. What lies on it has its messages as text, cut as they are sent: a
message of the bus may be a megabyte, and who holds one holds all that hangs on it.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from sys import getsizeof

import msgspec

from shared.telemetry.spans import Span

LONGEST = 8_000
"""Characters of one attribute: Application Insights cuts properties at 8,192."""
_TRACE, _BARE, _LINK, _NOTE = 300, 900, 200, 120
"""Bytes of a trace's place here, of a span without notes and messages, of a link, of a note that is short."""
_SHORT = 24
"""Characters of a text that `_NOTE` has room for; to ask each text for its size takes twice as long."""


@dataclass(slots=True)
class _Lying:
    """What lies here of one trace."""

    until: float
    size: int
    spans: list[Span]


class Shelf:
    """Keeps each trace for `seconds` after the last was put to it, and `most` bytes in all."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lying: OrderedDict[str, _Lying] = OrderedDict()
        self.size = 0
        """Bytes of what lies here, by `size_of`."""

    def put(self, trace: str, spans: Sequence[Span], now: float) -> None:
        """Lay spans of a trace here, to what lies here of it."""
        size = 0
        for span in spans:
            lighten(span)
            size += size_of(span)
        lying = self._lying.get(trace)
        if lying is None:
            lying = self._lying[trace] = _Lying(0.0, 0, [])
            size += _TRACE
        lying.spans.extend(spans)
        lying.size += size
        lying.until = now + self._seconds
        self._lying.move_to_end(trace)
        self.size += size

    def fallen(self, now: float) -> Iterator[tuple[str, list[Span]]]:
        """Take what has lain long enough, and the oldest of what is too much."""
        while self._lying:
            trace, oldest = next(iter(self._lying.items()))
            if oldest.until > now and self.size <= self._most:
                return
            del self._lying[trace]
            self.size -= oldest.size
            yield trace, oldest.spans


@dataclass(frozen=True, slots=True)
class Gone:
    """What a process let go of a trace: so many spans, from `began` on, of this turn, below `parent`."""

    spans: int
    began: int
    conversation: str
    turn: str
    parent: str


def gone(spans: Sequence[Span], before: Gone | None) -> Gone:
    """Spans that are let go now, with what was let go `before` of the same trace."""
    if before is not None:
        return replace(before, spans=before.spans + len(spans))
    return Gone(
        len(spans),
        spans[-1].began,
        next((span.conversation for span in spans if span.conversation), ""),
        next((span.turn for span in spans if span.turn), ""),
        spans[-1].parent,  # who ends last began the others
    )


def lighten(span: Span) -> None:
    """Its messages become texts, cut as they are sent: who waits with it holds nothing else."""
    span.inputs = encoded(span.inputs)
    span.outputs = encoded(span.outputs)
    span.under = None


def encoded(message: msgspec.Struct | str | None) -> str | None:
    """A message as JSON; what is too long is cut, and says so in its last characters."""
    if message is None or isinstance(message, str):
        return message
    try:
        text = msgspec.json.encode(message).decode()
    except (msgspec.MsgspecError, TypeError, UnicodeError) as error:
        # Spans of other turns go with it; one that cannot be written must not cost those.
        return f"cannot be written as JSON: {type(error).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 20]}... of {len(text)}"


def size_of(span: Span) -> int:
    """Bytes that a span with encoded messages takes."""
    size = _BARE + _NOTE * len(span.attributes) + _LINK * len(span.links)
    for text in (span.inputs, span.outputs, *span.attributes.values()):
        if text.__class__ is str and len(text) > _SHORT:
            size += getsizeof(text)
    return size
