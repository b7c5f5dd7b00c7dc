"""Where requests for approval are kept until a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import Action, Approval, Decision, DecisionLost, DecisionMade, DenialReason


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """A decision before it counts: by whom, when, and what is told or done instead."""

    decision: Decision
    by: str
    name: str
    at: float
    edited: Action | None = None
    reason: DenialReason | str = ""
    words: str = ""


@dataclass(frozen=True)
class ApprovalPlace:
    """Where a page of requests ended: what its last one is ordered by."""

    asked_at: float
    id: str


class Approvals(Protocol):
    """Requests beside the conversations, erased with them. Every method raises `StoreDown`."""

    async def ask(self, approval: Approval) -> Approval:
        """Keep a request, once per id; how it stands. One of an erased conversation is not kept."""
        ...

    async def get(self, approval_id: str) -> Approval | None:
        """By id."""
        ...

    async def of(self, conversation_id: str) -> Sequence[Approval]:
        """All of a conversation, the oldest first."""
        ...

    async def open(
        self, *, now: float, after: ApprovalPlace | None = None, limit: int = 50
    ) -> Sequence[Approval]:
        """Those that wait for a decision, the oldest first; `after` is where a page ended."""
        ...

    async def count(self, *, now: float) -> int:
        """How many wait."""
        ...

    async def decide(self, approval_id: str, given: Deciding) -> DecisionMade | DecisionLost:
        """Let this decision count, if it is the first; the same person's same one again counts too."""
        ...

    async def withdraw(self, conversation_id: str, *, at: float) -> int:
        """The customer no longer wishes what they asked for: how many requests are void by these words.

        Saying it again with the same `at`, a turn replayed, gives the same number. What is owed for a return
        that has arrived stays.
        """
        ...

    async def untold(self, *, before: float, limit: int = 100) -> Sequence[Approval]:
        """Decided up to this time, and the customer may not have been told."""
        ...

    async def mark_told(self, approval_id: str) -> None:
        """The turn that tells them is on its way."""
        ...
