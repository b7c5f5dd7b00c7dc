"""Holds spans until it is known whether their turn is kept, then sends them from a thread of its own.

Every turn is recorded, and the choice falls afterwards: a conversation is chosen whole or not at all, by its
id, so that all processes choose alike without a word; a trace that was flagged (`shared.telemetry.flags`) is
kept in any case. What is kept says for how many turns it stands: a chosen one for `1 / ratio`, a flagged one
for itself alone, so that sums over weights are true for all turns.
"""

import logging
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from shared.telemetry import flags
from shared.telemetry.sending import FAULT, Losses, Sending, Sent
from shared.telemetry.spans import Sink, Span

_LOG = logging.getLogger("answerdesk.telemetry")
_BATCH = 256
_LINGER_S = 4.0
"""Seconds that what is decided waits for company: a request costs as much as sixty of its spans."""
_LOOK_S = 0.5
_PAUSE_S = 4.0
"""Seconds until what could not be sent is sent again."""
MOST_WAITING = 10_000
"""Spans that wait for a service that is away: a few hundred turns, and no more memory than that."""
_SWITCH_S = 0.0005
"""Seconds after which a thread that sends gives way to a turn; Python's own 5 ms would be felt."""


@dataclass(frozen=True)
class Kept:
    """A span that is sent: it stands for `weight` of its kind; `why` is empty when it was merely chosen."""

    span: Span
    weight: float
    why: str = ""


class Sends(Protocol):
    """Where kept spans go. Called from one thread."""

    def send(self, kept: Sequence[Kept]) -> Sent:
        """Send them. May raise anything."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


@dataclass(slots=True)
class _Trace:
    """What is held of one trace."""

    began: float
    last: float
    open: int = 0
    slow: bool = False
    spans: list[Span] = field(default_factory=list)


class Holding(Sink):
    """Holds at most `most` spans. A trace is decided on `settle` seconds after nothing of it is open here.

    `ratio` is the share of conversations chosen; what is open for more than `slow` seconds flags its trace,
    and does so long before its parts in other processes are decided on. Up to `waiting` spans of a service
    that is away are sent again, every `pause` seconds.
    """

    def __init__(
        self,
        sends: Callable[[], Sends],
        *,
        ratio: float,
        settle: float = 5.0,
        slow: float = 2.0,
        most: int = 50_000,
        waiting: int = MOST_WAITING,
        pause: float | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.losses = Losses()
        self.sending = Sending()
        self._sends = sends
        self._ratio = ratio
        self._settle = settle
        self._slow = slow
        self._most = most
        self._most_waiting = waiting
        self._pause = _PAUSE_S if pause is None else pause
        self._now = now
        self._held: OrderedDict[str, _Trace] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="answerdesk-telemetry", daemon=True)
        self._thread.start()

    def opened(self, span: Span) -> None:
        """See `Sink.opened`."""
        now = self._now()
        with self._lock:
            held = self._held.get(span.trace)
            if held is None:
                held = self._held[span.trace] = _Trace(now, now)
            held.open += 1
            held.last = now

    def ended(self, span: Span) -> None:
        """See `Sink.ended`; never waits."""
        if span.error and span.error != "cancelled":
            flags.keep(span.trace, "failed", tell=True)
        elif span.ended - span.began > self._slow * 1e9:
            flags.keep(span.trace, "slow", tell=True)
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

    def stop(self, seconds: float = 3.0) -> bool:
        """Decide on all that is held and send it, for at most this long; whether all was sent."""
        self._stopping.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        sys.setswitchinterval(_SWITCH_S)
        sends: Sends | None = None
        kept: list[Kept] = []
        since = resume = time.monotonic()
        while True:
            last = self._stopping.wait(_LOOK_S)
            if not kept:
                since = time.monotonic()
            kept += self._decided(float("inf") if last else self._now())
            now = time.monotonic()
            due = now >= resume and (len(kept) >= _BATCH or now - since >= _LINGER_S)
            if kept and (last or due):
                sends = sends or self._open(kept)
                kept = self._all_sent(sends, kept, last=last) if sends is not None else []
                resume = time.monotonic() + (self._pause if kept else 0.0)
            if last:
                break
        if sends is not None:
            sends.close()

    def _open(self, kept: Sequence[Kept]) -> Sends | None:
        """The exporter is loaded when there is something to send: its imports take a second."""
        try:
            return self._sends()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end the thread
            _LOG.warning("traces cannot be sent: %s", type(error).__name__)
            self.losses.refused(len(kept), FAULT)
            self.sending.came_of(Sent(0, FAULT))
            return None

    def _all_sent(self, sends: Sends, kept: list[Kept], *, last: bool) -> list[Kept]:
        """Send batch by batch; those that may be sent again, unless it is the `last` time."""
        for start in range(0, len(kept), _BATCH):
            batch = kept[start : start + _BATCH]
            sent = self._send(sends, batch)
            if sent.again:  # the next batch would come no further
                left = kept[start + sent.taken :]
                if last:
                    self.losses.refused(len(left), sent.why)
                    left = []
                elif (over := len(left) - self._most_waiting) > 0:
                    self.losses.too_many(over)
                    left = left[over:]
                self.sending.waiting = len(left)
                return left
            self.losses.refused(len(batch) - sent.taken, sent.why)
        self.sending.waiting = 0
        return []

    def _send(self, sends: Sends, kept: Sequence[Kept]) -> Sent:
        try:
            sent = sends.send(kept)
        except Exception as error:  # noqa: BLE001  an exporter must not end the thread
            _LOG.warning("%d spans were not sent: %s", len(kept), type(error).__name__)
            sent = Sent(0, FAULT)
        if self.sending.came_of(sent):
            if sent.why:
                _LOG.warning("traces are not taken: %s; what comes of it stands on /ops", sent.why)
            elif self.losses.failed or self.losses.overflowed:
                lost = self.losses.failed + self.losses.overflowed
                _LOG.warning("traces are taken; %d spans were lost since the start", lost)
        return sent

    def _decided(self, now: float) -> list[Kept]:
        """Take what may be decided on by `now`, and keep what is to be kept."""
        ends = now == float("inf")
        with self._lock:
            slow = [
                trace
                for trace, held in self._held.items()
                if held.open > 0 and not held.slow and now - held.began > self._slow
            ]
            for trace in slow:
                self._held[trace].slow = True
            due = [
                (trace, held)
                for trace, held in self._held.items()
                if ends or (held.open <= 0 and now - held.last >= self._settle)
            ]
            for trace, held in due:
                del self._held[trace]
                self._count -= len(held.spans)
        for trace in () if ends else slow:
            flags.keep(trace, "slow", tell=True)
        return [kept for trace, held in due for kept in self._kept(trace, held.spans)]

    def _kept(self, trace: str, spans: Sequence[Span]) -> list[Kept]:
        if why := flags.why_kept(trace):
            return [Kept(span, 1.0, why) for span in spans]
        conversation = next((span.conversation for span in spans if span.conversation), trace)
        return [Kept(span, 1 / self._ratio) for span in spans] if chosen(conversation, self._ratio) else []


def chosen(conversation: str, ratio: float) -> bool:
    """Whether a conversation is among the share that is kept whole; the same wherever it is asked."""
    # Not by a checksum: those of ids that look alike do not spread evenly.
    return int.from_bytes(blake2b(conversation.encode(), digest_size=4).digest()) < ratio * 2**32
