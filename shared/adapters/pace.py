"""Decides from how fast a service answers whether it is used, and when it may be used again."""

import math
import time
from collections import deque
from collections.abc import Callable

_LEAST, _MOST = 20, 100
"""Answers that a percentile is taken of; fewer say nothing of the slowest twentieth."""
_GOOD_TRIES = 5


class Pace:
    """Open while the 95th percentile of the last answers is within `limit_s`.

    Slow answers, and every failure, close it. After `rest_s` one try at a time may be made; five good ones
    in a row open it again.
    """

    def __init__(
        self, *, limit_s: float = 0.1, rest_s: float = 5.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit_s = limit_s
        self._rest_s = rest_s
        self._now = now
        self._last: deque[float] = deque(maxlen=_MOST)
        self._good_tries = 0
        self._closed_until: float | None = None

    @property
    def open(self) -> bool:
        """Is the service used as a matter of course?"""
        return self._closed_until is None

    @property
    def may_try(self) -> bool:
        """May a call be made now that could as well wait?"""
        return self._closed_until is None or self._now() >= self._closed_until

    @property
    def p95_s(self) -> float:
        """The 95th percentile of the last answers, in seconds; 0 while there are few."""
        if len(self._last) < _LEAST:
            return 0.0
        return sorted(self._last)[math.ceil(len(self._last) * 0.95) - 1]

    def answered(self, seconds: float) -> None:
        """A call was answered after so many seconds."""
        if self._closed_until is None:
            self._last.append(seconds)
            if self.p95_s > self._limit_s:
                self.failed()
        elif seconds > self._limit_s:
            self.failed()
        else:
            self._good_tries += 1
            if self._good_tries >= _GOOD_TRIES:
                self._closed_until = None

    def failed(self, *, rest_s: float = 0.0) -> None:
        """A call was refused or lost; `rest_s` is how long the service asks to wait."""
        self._last.clear()
        self._good_tries = 0
        self._closed_until = self._now() + max(self._rest_s, rest_s)
