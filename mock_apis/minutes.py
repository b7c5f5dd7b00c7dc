"""Counts requests by the minute, for vendors whose limits are told so."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Minutes:
    """So many requests fit into a minute, which begins with the first of them."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _began: float = -math.inf
    _used: int = 0

    def take(self) -> int:
        """0 when there was room for a request, else the seconds until there is."""
        now = self.clock()
        if now - self._began >= 60:
            self._began, self._used = now, 0
        if self._used >= self.most:
            return math.ceil(60 - (now - self._began))
        self._used += 1
        return 0

    @property
    def left(self) -> int:
        """How many still fit."""
        return self.most - self._used
