"""What leads look at: how the day goes, counted from what the store holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Waiting:
    """One queue now: who waits in it, with a person, at risk, too late; the longest wait in seconds."""

    queue: str
    waiting: int
    with_person: int
    at_risk: int
    overdue: int
    longest: float


@dataclass(frozen=True)
class Spread:
    """Times in seconds over `count` cases: the middle one, and what nine of ten stayed under."""

    count: int
    median: float
    p90: float


NOTHING = Spread(0, 0.0, 0.0)


@dataclass(frozen=True)
class Figures:
    """Since a time: conversations with a message, how many of them no person had, times, ratings.

    `loads` are open cases by owner (`staff:<member>`, with their name), `reasons` cases opened, by reason,
    `outcomes` cases that a person closed, by how they ended (a key of `outcomes.toml`).
    `rated` are ratings of closed cases, `good` the thumbs up among them. `gaps` are open questions, the most
    asked first, with how often.
    """

    conversations: int
    automated: int
    first_response: Spread
    resolution: Spread
    good: int
    rated: int
    queues: Sequence[Waiting] = ()
    loads: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    gaps: Sequence[tuple[str, int]] = ()

    @property
    def automation(self) -> float | None:
        """The share of conversations that no person had; None without any."""
        return self.automated / self.conversations if self.conversations else None

    @property
    def csat(self) -> float | None:
        """The share of good ratings; None when nobody rated."""
        return self.good / self.rated if self.rated else None


class Measures(Protocol):
    """Counts; raises `StoreDown`."""

    async def figures(self, *, since: float, now: float) -> Figures:
        """How it goes now, and went since then (seconds since 1970)."""
        ...

    async def queues(self, *, now: float) -> Sequence[Waiting]:
        """How it goes now, of open cases alone: cheap enough to be asked every few seconds."""
        ...
