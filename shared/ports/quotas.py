"""Quotas: how often something may happen, counted over all processes."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Lease:
    """A part of a quota that its taker may spend until the window ends; 0 granted means it is used up.

    `until` is in seconds since 1970.
    """

    granted: int
    until: float


class Quotas(Protocol):
    """Windows of a fixed length from their first lease on, whose leases together never pass the limit.

    What was leased and not spent is lost with its process or its window, never given out again.
    """

    async def lease(self, key: str, *, limit: int, seconds: int) -> Lease:
        """A part of the `limit` of this key's current window of `seconds`; smaller as the window fills up.

        Keys are kept as they are, so they hold no personal data: letters, digits and - only.
        Raises `BusDown` when it cannot be counted now.
        """
        ...
