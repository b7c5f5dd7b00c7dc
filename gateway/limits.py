"""Rate limits of this process: a token bucket per customer, conversation and address."""

import time
from collections import OrderedDict

from gateway.problems import Problem

_MOST = 50_000


class Limits:
    """Buckets by key, oldest forgotten first, so that many addresses cannot fill the memory."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, *, per_minute: int) -> None:
        """Take one request out of the bucket.

        Raises:
            Problem: 429 with Retry-After in whole seconds when it is empty.
        """
        now = time.monotonic()
        left, at = self._buckets.pop(key, (float(per_minute), now))
        left = min(float(per_minute), left + (now - at) * per_minute / 60)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        if not allowed:
            seconds = int((1 - left) * 60 / per_minute) + 1
            detail = f"Too many messages; the next one is welcome in {seconds} s."
            raise Problem(
                429, "too-many-requests", "Slow down", detail, headers={"Retry-After": str(seconds)}
            )
