"""Sends what is kept, from a thread of its own."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from shared.telemetry.holding import Holding, Kept

_LOG = logging.getLogger("answerdesk.telemetry")
_BATCH = 256
_LINGER_S = 4.0
"""Seconds that what is decided waits for company: a request costs as much as sixty of its spans."""
_LOOK_S = 0.5
_SWITCH_S = 0.0005
"""Seconds after which a thread that sends gives way to a turn; Python's own 5 ms would be felt."""


class Sends(Protocol):
    """Where kept spans go. Called from one thread, which closes it too."""

    def send(self, kept: Sequence[Kept]) -> int:
        """Send them; how many were taken. May raise anything."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


class Sending:
    """Sends what `holding` decides to keep until it is stopped."""

    def __init__(self, holding: Holding, sends: Callable[[], Sends]) -> None:
        self._holding = holding
        self._sends = sends
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
        since = time.monotonic()
        while True:
            last = self._stopping.wait(_LOOK_S)
            if not kept:
                since = time.monotonic()
            kept += self._holding.rest() if last else self._holding.decided()
            if kept and (last or len(kept) >= _BATCH or time.monotonic() - since >= _LINGER_S):
                sends = sends or self._open(kept)
                if sends is not None:
                    for start in range(0, len(kept), _BATCH):
                        self._send(sends, kept[start : start + _BATCH])
                kept = []
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
            self._holding.losses.failed += len(kept)
            return None

    def _send(self, sends: Sends, kept: Sequence[Kept]) -> None:
        try:
            taken = sends.send(kept)
        except Exception as error:  # noqa: BLE001  an exporter must not end the thread
            _LOG.warning("%d spans were not sent: %s", len(kept), type(error).__name__)
            taken = 0
        self._holding.losses.failed += len(kept) - taken
