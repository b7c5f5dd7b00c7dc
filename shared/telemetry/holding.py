"""Holds spans until it is known whether their turn is kept.

Every turn is recorded, and the choice falls afterwards: a conversation is chosen whole or not at all, by its
id, so that all processes choose alike without a word; a trace that was flagged (`shared.telemetry.flags`) is
kept in any case. What is kept says for how many turns it stands: a chosen one for `1 / ratio`, a flagged one
for itself alone, so that sums over weights are true for all turns.

A flag may come when the turn is long over: the last try of a listener failed, staff say that the reply was
wrong. So where a share is kept, all of it lies on a shelf for a minute before the choice falls. The chosen do
too: were they sent at once, they would stand for `1 / ratio` turns, and those that a late flag brings back
would come on top. So do the flagged: if they came first, the figures of the last minute would be theirs.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from shared.telemetry.contract import CONSUMER, INTERNAL
from shared.telemetry.flags import MOST, OURS, Flags
from shared.telemetry.shelf import Gone, Shelf, gone
from shared.telemetry.spans import Sink, Span
from shared.telemetry.taking import Losses

SHELF_SECONDS = 60.0
SHELF_BYTES = 16 * 2**20
"""Of one process: at 4 kB a span, seventy a second for a minute. With more of them the wait gets shorter."""
_MOST_GONE = 5_000
"""Traces of which it is remembered what was let go: half an hour at five turns a second, 2 MB."""


@dataclass(frozen=True)
class Kept:
    """A span that is sent: it stands for `weight` of its kind; `why` is empty when it was merely chosen."""

    span: Span
    weight: float
    why: str = ""


@dataclass(slots=True)
class _Trace:
    """What is held of one trace; something of it is open `since` then, when anything is."""

    since: float
    last: float
    open: int = 0
    slow: bool = False
    spans: list[Span] = field(default_factory=list)


class Holding(Sink):
    """Holds at most `most` spans of traces that go on, and `most_bytes` of those that wait for a late flag.

    A trace has settled `settle` seconds after nothing of it is open here, and is decided on then where all is
    kept, elsewhere `late` seconds later. What is open for more than `slow` seconds flags its trace, and so
    does what a customer waited longer for. Spans come from any thread, what is decided is asked for by one.
    """

    def __init__(
        self,
        *,
        ratio: float,
        settle: float = 5.0,
        slow: float = 2.0,
        late: float = SHELF_SECONDS,
        most: int = 50_000,
        most_bytes: int = SHELF_BYTES,
        flags: Flags = OURS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.losses = Losses()
        self.shelf = Shelf(seconds=late, most=most_bytes)
        self._ratio = ratio
        self._settle = settle
        self._slow = slow
        self._most = most
        self._flags = flags
        self._now = now
        self._held: OrderedDict[str, _Trace] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()
        self._gone: OrderedDict[str, Gone] = OrderedDict()
        self._flagged: deque[tuple[str, str]] = deque(maxlen=MOST)
        self._deaf: Callable[[], None] | None = None
        if ratio < 1:
            self._deaf = flags.on_flag(lambda trace, why: self._flagged.append((trace, why)), heard=True)

    def opened(self, span: Span) -> None:
        """See `Sink.opened`."""
        now = self._now()
        with self._lock:
            held = self._held.get(span.trace)
            if held is None:
                held = self._held[span.trace] = _Trace(now, now)
            if not held.open:
                held.since = now
            held.open += 1
            held.last = now

    def ended(self, span: Span) -> None:
        """See `Sink.ended`; never waits."""
        if span.error and span.error != "cancelled":
            self._flags.keep(span.trace, "failed", tell=True)
        elif _waited(span) > self._slow:
            self._flags.keep(span.trace, "slow", tell=True)
        now = self._now()
        with self._lock:
            held = self._held.get(span.trace)
            if held is None:  # it was too much already
                self.losses.too_many(1)
                return
            held.open -= 1
            held.last = now
            if span.slight:
                return
            held.spans.append(span)
            self._count += 1
            while self._count > self._most:
                _, oldest = self._held.popitem(last=False)
                self._count -= len(oldest.spans)
                self.losses.too_many(len(oldest.spans))

    def decided(self) -> list[Kept]:
        """Take what can be decided on by now; what of it is kept."""
        now = self._now()
        kept: list[Kept] = []
        for trace, spans in self._settled(now):
            if self._ratio >= 1:
                kept += self._kept(trace, spans)
            elif spans:
                self.shelf.put(trace, spans, now)
                kept += self._fallen(now)  # at once, for there may be thousands
        return kept + self._fallen(now) + self._missed()

    def rest(self) -> list[Kept]:
        """Take all that is held, for it ends here; what of it is kept."""
        if self._deaf is not None:
            self._deaf()
        kept = self._fallen(float("inf")) + self._missed()
        with self._lock:
            open_ones, self._held, self._count = self._held, OrderedDict(), 0
        return kept + [one for trace, held in open_ones.items() for one in self._kept(trace, held.spans)]

    def _settled(self, now: float) -> list[tuple[str, list[Span]]]:
        with self._lock:
            slow = [
                trace
                for trace, held in self._held.items()
                if held.open > 0 and not held.slow and now - held.since > self._slow
            ]
            for trace in slow:
                self._held[trace].slow = True
            due = [
                (trace, held.spans)
                for trace, held in self._held.items()
                if held.open <= 0 and now - held.last >= self._settle
            ]
            for trace, spans in due:
                del self._held[trace]
                self._count -= len(spans)
        for trace in slow:
            self._flags.keep(trace, "slow", tell=True)
        return due

    def _missed(self) -> list[Kept]:
        """What is said in traces that were flagged when some of them had been let go here."""
        kept: list[Kept] = []
        while self._flagged:
            trace, why = self._flagged.popleft()
            if (missing := self._gone.pop(trace, None)) is not None:
                self.losses.too_late(missing.spans)
                kept.append(Kept(_lost(trace, missing), 1.0, why))
        return kept

    def _fallen(self, now: float) -> list[Kept]:
        return [one for trace, spans in self.shelf.fallen(now) for one in self._kept(trace, spans)]

    def _kept(self, trace: str, spans: Sequence[Span]) -> list[Kept]:
        if why := self._flags.why(trace):
            return [Kept(span, 1.0, why) for span in spans]
        conversation = next((span.conversation for span in spans if span.conversation), trace)
        if chosen(conversation, self._ratio):
            return [Kept(span, 1 / self._ratio) for span in spans]
        if spans:
            self._gone[trace] = gone(spans, self._gone.get(trace))
            while len(self._gone) > _MOST_GONE:
                self._gone.popitem(last=False)
        return []


def _waited(span: Span) -> float:
    """Seconds that somebody waited for this: what lay on the bus while nobody worked was waited for, too.

    Nobody waits for what only listens.
    """
    took = (span.ended - span.began) / 1e9
    if span.kind != CONSUMER:
        took += _seconds(span, "queued_ms")
    return max(took, _seconds(span, "waited_ms"))


def _seconds(span: Span, note: str) -> float:
    found = span.attributes.get(note)
    return found / 1000 if isinstance(found, int | float) else 0.0


def _lost(trace: str, missing: Gone) -> Span:
    """Stands in a trace for spans that this process had let go when it was flagged."""
    span = Span("lost", INTERNAL, trace, missing.parent, missing.conversation, missing.turn)
    span.began = span.ended = missing.began
    span.note(agent="telemetry", action="lost", lost=missing.spans)
    return span


def chosen(conversation: str, ratio: float) -> bool:
    """Whether a conversation is among the share that is kept whole; the same wherever it is asked."""
    # Not by a checksum: those of ids that look alike do not spread evenly.
    return int.from_bytes(blake2b(conversation.encode(), digest_size=4).digest()) < ratio * 2**32
