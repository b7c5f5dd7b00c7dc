"""How long somebody must wait after tries that failed."""

from dataclasses import dataclass, replace

MEMORY_SECONDS = 86_400.0
"""A try is forgotten this long after the last one."""
MOST_KEYS = 10_000
"""Whoever tries from everywhere must not fill the disk: the keys that rested longest are forgotten first."""
_LONGEST_PAUSE = 900.0
"""Longer would let a stranger keep a member out for good; this leaves a stranger 96 tries a day."""


@dataclass(frozen=True)
class Tries:
    """Of one key: how many failed, the last one when, and until when the next one is refused."""

    failed: int = 0
    last_at: float = 0.0
    paused_until: float = 0.0

    def wait(self, at: float) -> float:
        """Seconds until the next try is taken."""
        return max(0.0, self.paused_until - at)

    def after(self, at: float, *, free: int) -> "Tries":
        """With one more; from the one that uses up the free tries on, each pause is twice the one before."""
        failed = 1 if at - self.last_at > MEMORY_SECONDS else self.failed + 1
        pause = min(_LONGEST_PAUSE, 2.0 ** min(failed - free, 10)) if failed >= free else 0.0
        return Tries(failed, at, at + pause)

    def less(self, tries: int) -> "Tries":
        """With this many taken back, and without a pause."""
        return replace(self, failed=max(0, self.failed - tries), paused_until=0.0)
