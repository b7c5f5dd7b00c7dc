"""What a process knows of the service its traces go to: whether it takes them, since when, and why not."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.contracts import TracesKind, TracesSent

UNREACHABLE, NO_ANSWER, FULL, FAULT, LATE = "unreachable", "no answer", "full", "fault", "late"
"""Why spans were lost where no status of HTTP says it: nobody listens, they may have come or not, they were
more than may be held, an exporter broke, or their trace was flagged when they had been let go."""


@dataclass(frozen=True)
class Sent:
    """What came of a batch: the first `taken` spans were taken, and `why` the others were not.

    With `again` they never came to the service, so that they may be sent once more.
    """

    taken: int
    why: str = ""
    again: bool = False


@dataclass
class Losses:
    """Spans that never arrived: refused or broken on the way, more than may be held, or flagged too late.

    `why` has all of them by their reason.
    """

    failed: int = 0
    overflowed: int = 0
    late: int = 0
    why: Counter[str] = field(default_factory=Counter)

    def refused(self, count: int, why: str) -> None:
        """They were sent, in vain."""
        if count:
            self.failed += count
            self.why[why] += count

    def too_many(self, count: int) -> None:
        """They had to make room."""
        self.overflowed += count
        self.why[FULL] += count

    def too_late(self, count: int) -> None:
        """They had been let go when their trace was flagged."""
        self.late += count
        self.why[LATE] += count


@dataclass
class Taking:
    """How it goes. `up` is None before the first batch; `since` is when it came to be so, 0.0 never.

    `accepted` spans were in the last batch that was taken, at `accepted_at`; `waiting` are sent again later.
    Times are seconds since 1970.
    """

    up: bool | None = None
    since: float = 0.0
    why: str = ""
    accepted_at: float = 0.0
    accepted: int = 0
    sent: int = 0
    waiting: int = 0
    now: Callable[[], float] = time.time

    def came_of(self, sent: Sent) -> bool:
        """Note what came of a batch; whether that changed how it stands."""
        up, now = bool(sent.taken) or not sent.why, self.now()
        if sent.taken:
            self.accepted_at, self.accepted = now, sent.taken
            self.sent += sent.taken
        changed = up is not self.up
        if changed:
            self.since = now
        self.up, self.why = up, sent.why
        return changed


@dataclass
class Standing:
    """Whether a service of ours listens, since when (seconds since 1970), and its last words.

    `up` is None until it does for the first time; `restarts` is how often it was started again.
    """

    up: bool | None = None
    since: float = 0.0
    restarts: int = 0
    said: str = ""

    def turn(self, *, up: bool) -> None:
        """From now on it does, or does not."""
        if up is not self.up:
            self.up, self.since = up, time.time()


@dataclass(frozen=True)
class Health:
    """What takes the traces of this installation, and how it takes those of each process, by service.

    `standing`, `held` (bytes) and `renewed` are known where the service is a process of ours, on this
    machine. Its file holds nothing from before `renewed` (seconds since 1970), when a damaged one
    was set aside; 0.0 where none was.
    """

    kind: TracesKind = "off"
    standing: Standing | None = None
    held: int | None = None
    days: int = 0
    processes: Sequence[TracesSent] = ()
    renewed: float = 0.0

    @property
    def gone(self) -> int:
        """Spans lost in all processes, but for those that were let go on purpose and wanted later."""
        return sum(count for why, count in self.lost.items() if why != LATE)

    @property
    def lost(self) -> Counter[str]:
        """Spans lost in all processes, by reason."""
        return sum((Counter(each.lost) for each in self.processes), Counter())
