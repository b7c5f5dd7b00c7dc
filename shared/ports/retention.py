"""What a store offers so that nothing is kept for longer than is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["hand_overs", "feedback", "gaps", "tasks", "promises", "corrections"]


@dataclass(frozen=True)
class Idle:
    """A conversation in which nothing was said since `at` (seconds since 1970)."""

    conversation_id: str
    at: float


class RetentionStore(Protocol):
    """The conversation store seen by age. Each call is one short transaction. Raises `StoreDown`.

    "Before" is always strictly before. What waits for a person is never due: a hand-over that is not closed,
    a task that is open, and the conversation it belongs to.
    """

    async def idle(self, before: float, *, after: Idle | None, limit: int) -> Sequence[Idle]:
        """Conversations in which nothing was said since before, the longest silent first, behind `after`."""
        ...

    async def count_idle(self, before: float) -> int:
        """How many there are."""
        ...

    async def expire_conversations(self, conversation_ids: Sequence[str], before: float) -> int:
        """Remove what was said in those of them that are still idle; how many conversations."""
        ...

    async def count(self, kind: Kind, before: float) -> int:
        """How many were closed, given, asked, ended or made before."""
        ...

    async def expire(self, kind: Kind, before: float, *, limit: int) -> int:
        """Remove up to `limit` of them, the oldest first; how many."""
        ...

    async def orphans(self, *, limit: int) -> Sequence[str]:
        """Gaps that staff decided about and nobody asks any more: only the note is left."""
        ...

    async def drop(self, gap_ids: Sequence[str]) -> None:
        """Remove the decisions about these gaps that are still such orphans."""
        ...

    async def ended_series(self, before: float, *, limit: int) -> Sequence[str]:
        """Series of tasks about no conversation that all ended before; a task by itself is a series."""
        ...

    async def drop_series(self, series: Sequence[str]) -> int:
        """Remove those of them that have no open task; how many tasks."""
        ...

    async def lease(self, holder: str, *, now: float, seconds: float) -> bool:
        """Whether `holder` may work until `now + seconds`: one process at a time, renewed by asking again."""
        ...

    async def fold(self) -> None:
        """Bring what was removed off the disk; when a reader is in the way, the next time does."""
        ...
