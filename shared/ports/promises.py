"""The ledger of promises: every commitment in a sent reply, until it is kept, broken or cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import PromiseRecord, PromiseState

NEVER = 1e11
"""Where a promise without a due time stands in a page: behind all others."""
CLOCK = "clock"
"""Why a promise is broken of which nothing was heard in time."""


@dataclass(frozen=True)
class PromisePlace:
    """Where a page of promises ended: what its last one is ordered by (`NEVER` without a due time)."""

    due: float
    id: str

    @classmethod
    def of(cls, record: PromiseRecord) -> "PromisePlace":
        """The place of this one."""
        due = record.promise.due
        return cls(due=due.until if due else NEVER, id=record.id)


@dataclass(frozen=True)
class PromiseFilter:
    """Which promises: all that are given must fit. Due in [`due_from`, `due_before`), seconds since 1970.

    `dated`: with a due time, or without. `by_clock`: those that `CLOCK` broke and no person has looked at.
    """

    state: PromiseState | None = "open"
    due_from: float | None = None
    due_before: float | None = None
    conversation_id: str = ""
    order: str = ""
    hand_over: str = ""
    dated: bool | None = None
    by_clock: bool | None = None


class Promises(Protocol):
    """Shared by all processes. Raises `StoreDown`."""

    async def record(self, made: Sequence[PromiseRecord]) -> Sequence[PromiseRecord]:
        """Keep those whose id is new, and return them. One transaction; twice changes nothing.

        Nothing is kept of a conversation that was erased after `made_at`.
        """
        ...

    async def get(self, promise_id: str) -> PromiseRecord | None:
        """By id."""
        ...

    async def of(self, conversation_id: str) -> Sequence[PromiseRecord]:
        """All of a conversation, in the order in which they were made."""
        ...

    async def due(
        self, which: PromiseFilter | None = None, *, after: PromisePlace | None = None, limit: int = 50
    ) -> Sequence[PromiseRecord]:
        """Those that fit, the earliest due first, those without a due time last; behind `after`."""
        ...

    async def count(self, which: PromiseFilter) -> int:
        """How many fit."""
        ...

    async def keep(self, promise_id: str, by: str, *, at: float, anew: bool = False) -> PromiseRecord | None:
        """Kept at `at`, by this evidence (or staff's note). The promise as it is then; None when it is gone.

        What was settled before stays as it was, unless a person decides `anew`.
        """
        ...

    async def break_(
        self, promise_id: str, why: str, *, at: float, anew: bool = False
    ) -> PromiseRecord | None:
        """Broken; otherwise as `keep`."""
        ...

    async def cancel(
        self, promise_id: str, why: str, *, at: float, anew: bool = False
    ) -> PromiseRecord | None:
        """Nobody waits for it any more; otherwise as `keep`."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when it cannot be used."""
        ...
