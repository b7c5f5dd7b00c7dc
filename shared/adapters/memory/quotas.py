"""Quotas of one process, for a bus in memory and for tests."""

import time
from collections import OrderedDict
from collections.abc import Callable

from shared.adapters.quota_windows import EMPTY, Window
from shared.ports import Lease

_MOST = 100_000


class MemoryQuotas:
    """The `Quotas` port on a dict; the key that was asked for longest ago is forgotten first."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._windows: OrderedDict[tuple[str, int], Window] = OrderedDict()

    async def lease(self, key: str, *, limit: int, seconds: int) -> Lease:
        """See `Quotas.lease`."""
        window = self._windows.pop((key, seconds), EMPTY).at(self._clock(), seconds)
        granted = window.part(limit)
        self._windows[key, seconds] = Window(window.started, window.taken + granted)
        if len(self._windows) > _MOST:
            self._windows.popitem(last=False)
        return Lease(granted=granted, until=window.until(seconds))
