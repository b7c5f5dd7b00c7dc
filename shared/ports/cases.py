"""Where cases are kept: events in order, each checked against the case as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import Case, CaseAbsorbed, CaseEvent, CaseMerged, CaseOpened, Phase


@dataclass(frozen=True)
class Numbered:
    """An event of a case; `n` counts from 1."""

    n: int
    case_id: str
    event: CaseEvent


@dataclass(frozen=True)
class CasePlace:
    """Where a page of cases ended: what its last one is ordered by."""

    rank: int
    opened_at: float
    id: str


@dataclass(frozen=True)
class CaseFilter:
    """Which cases; what is empty narrows nothing."""

    phases: tuple[Phase, ...] = ("waiting", "person")
    queues: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    owner: str = ""
    due_before: float = 0.0
    """Only open ones that are due before this."""


class CaseStore(Protocol):
    """Cases beside the conversations, in the same transactions. Raises `StoreDown`."""

    async def open(self, event: CaseOpened) -> Case:
        """Open a case, or give back the one that the conversation has open: there is one at most."""
        ...

    async def append(self, case_id: str, event: CaseEvent, *, version: int | None = None) -> Case:
        """Let this happen to a case; the case after it. What has the turn of an event before happens once.

        `version`: only if the case has had so many events (compare and set).

        Raises:
            NotNow: it may not happen now, or something else happened first; nothing is written.
        """
        ...

    async def merge(self, case_id: str, event: CaseMerged, absorbed: CaseAbsorbed) -> tuple[Case, Case]:
        """Close a case that goes on in `event.into`, which absorbs it: both events or none; both cases after.

        Whether they are of one customer is for the caller to know.

        Raises:
            NotNow: one of them does not allow it; nothing is written.
        """
        ...

    async def case(self, case_id: str) -> Case | None:
        """One case as it stands, or None."""
        ...

    async def of(self, conversation_id: str) -> Case | None:
        """The conversation's last case, open or over, or None when it never had one."""
        ...

    async def events(self, conversation_id: str, *, case_id: str = "", after: int = 0) -> Sequence[Numbered]:
        """What happened in all cases of a conversation, oldest first, or in one after its `n`th event."""
        ...

    async def page(
        self, which: CaseFilter, *, after: CasePlace | None = None, limit: int = 50
    ) -> Sequence[Case]:
        """Cases, the most urgent first, then the oldest; `after` is where a page ended."""
        ...

    async def position(self, case_id: str) -> int:
        """The place among those who wait in the same queue, 1 is next; 0 when it does not wait."""
        ...

    async def untold(self, *, before: float, limit: int = 100) -> Sequence[Numbered]:
        """Events up to this time that the customer must hear of, whose turns may not have been submitted."""
        ...

    async def mark_told(self, case_id: str, turn_id: str) -> None:
        """This turn of the case is on its way."""
        ...

    async def unmirrored(self, *, limit: int = 100) -> Sequence[tuple[str, Numbered]]:
        """What the helpdesk's tickets do not show yet, each with its ticket; a case's events in order."""
        ...

    async def mark_mirrored(self, case_id: str, n: int) -> None:
        """The ticket shows this event."""
        ...
