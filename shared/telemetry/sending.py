"""Sends what is kept, from a thread of its own."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from shared.telemetry.holding import Holding, Kept
from shared.telemetry.shelf import lighten
from shared.telemetry.taking import FAULT, Sent, Taking

_LOG = logging.getLogger("answerdesk.telemetry")
_BATCH = 256
_LINGER_S = 4.0
"""Seconds that what is decided waits for company: a request costs as much as sixty of its spans."""
_LOOK_S = 0.5
_PAUSE_S = 4.0
"""Seconds until what could not be sent is sent again."""
MOST_WAITING = 10_000
"""Spans that wait for a service that is away: a few hundred turns, 40 MB at 4 kB a span."""
_SWITCH_S = 0.0005
"""Seconds after which a thread that sends gives way to a turn; Python's own 5 ms would be felt."""


class Sends(Protocol):
    """Where kept spans go. Called from one thread, which closes it too."""

    def send(self, kept: Sequence[Kept]) -> Sent:
        """Send them. May raise anything."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


class Sending:
    """Sends what `holding` decides to keep until it is stopped; `taking` is how that goes.

    Up to `waiting` spans of a service that is away are sent again, every `pause` seconds.
    """

    def __init__(
        self,
        holding: Holding,
        sends: Callable[[], Sends],
        *,
        waiting: int = MOST_WAITING,
        pause: float | None = None,
    ) -> None:
        self.taking = Taking()
        self._holding = holding
        self._sends = sends
        self._most_waiting = waiting
        self._pause = _PAUSE_S if pause is None else pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="answerdesk-telemetry", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 3.0) -> bool:
        """Decide on all that is held and send it, for at most this long; whether all was sent.

        What takes longer goes on, and closes its exporter itself: nobody closes one that is sending.
        """
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
            kept += self._decided(last=last)
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

    def _decided(self, *, last: bool) -> Sequence[Kept]:
        """What is kept by now. A fault of ours costs what was decided on, and not all that comes after it."""
        try:
            return self._holding.rest() if last else self._holding.decided()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end the thread
            _LOG.warning("what is held of traces was not decided on: %s", type(error).__name__)
            return ()

    def _open(self, kept: Sequence[Kept]) -> Sends | None:
        """The exporter is loaded when there is something to send: its imports take a second."""
        try:
            return self._sends()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end the thread
            _LOG.warning("traces cannot be sent: %s", type(error).__name__)
            self._holding.losses.refused(len(kept), FAULT)
            self.taking.came_of(Sent(0, FAULT))
            return None

    def _all_sent(self, sends: Sends, kept: list[Kept], *, last: bool) -> list[Kept]:
        """Send batch by batch; those that may be sent again, unless it is the `last` time."""
        for start in range(0, len(kept), _BATCH):
            batch = kept[start : start + _BATCH]
            sent = self._send(sends, batch)
            if sent.again:  # the next batch would come no further
                left = kept[start + sent.taken :]
                if last:
                    self._holding.losses.refused(len(left), sent.why)
                    left = []
                elif (over := len(left) - self._most_waiting) > 0:
                    self._holding.losses.too_many(over)
                    left = left[over:]
                for each in left:
                    lighten(each.span)
                self.taking.waiting = len(left)
                return left
            self._holding.losses.refused(len(batch) - sent.taken, sent.why)
        self.taking.waiting = 0
        return []

    def _send(self, sends: Sends, kept: Sequence[Kept]) -> Sent:
        try:
            sent = sends.send(kept)
        except Exception as error:  # noqa: BLE001  an exporter must not end the thread
            _LOG.warning("%d spans were not sent: %s", len(kept), type(error).__name__)
            sent = Sent(0, FAULT)
        if self.taking.came_of(sent):
            if sent.why:
                _LOG.warning("traces are not taken: %s; what comes of it stands on /ops", sent.why)
            elif self._holding.losses.failed or self._holding.losses.overflowed:
                lost = self._holding.losses.failed + self._holding.losses.overflowed
                _LOG.warning("traces are taken; %d spans were lost since the start", lost)
        return sent
