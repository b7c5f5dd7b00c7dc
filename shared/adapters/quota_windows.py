"""What all quota adapters agree on: where a window ends, and how much of it a lease takes."""

from dataclasses import dataclass

PARTS = 8
"""A lease takes an eighth of what is left: few round trips at first, nothing stranded at the end."""


@dataclass(frozen=True)
class Window:
    """A stretch of time that began with the first lease, and how much of its limit was given out.

    `started` is in seconds since 1970.
    """

    started: float
    taken: int

    def at(self, now: float, seconds: int) -> "Window":
        """The window of `now`. A clock that lags behind stays in the one that others have begun."""
        return self if now < self.until(seconds) else Window(now, 0)

    def until(self, seconds: int) -> float:
        """Its end, in seconds since 1970."""
        return self.started + seconds

    def part(self, limit: int) -> int:
        """How much the next lease gets."""
        left = max(0, limit - self.taken)
        return min(left, max(1, left // PARTS))


EMPTY = Window(0.0, 0)
