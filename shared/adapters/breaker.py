"""Keeps callers away from a service that failed, until it has rested."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after `failures` in a row; after `rest_s` seconds one caller at a time may probe.

    Every `admits()` that said yes is followed by one `report`, also when the call was cancelled.
    """

    def __init__(self, *, failures: int, rest_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._now = now
        self._failed = 0
        self._opened_at = 0.0
        self._probing = False

    @property
    def rests_for(self) -> float:
        """Seconds until the next probe; 0 when calls may be made."""
        if self._failed < self._most:
            return 0.0
        return max(0.0, self._opened_at + self._rest_s - self._now())

    def admits(self) -> bool:
        """May a call be made now?"""
        if self._failed < self._most:
            return True
        if self._probing or self.rests_for:
            return False
        self._probing = True
        return True

    def report(self, *, alive: bool | None) -> bool:
        """How an admitted call ended, None when before anything was known; whether it opens by that."""
        self._probing = False
        if alive is None:
            return False
        self._failed = 0 if alive else self._failed + 1
        if self._failed >= self._most:
            self._opened_at = self._now()
        return self._failed == self._most
