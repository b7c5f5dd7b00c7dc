"""Where turns are read that are to be run again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import TurnFinished
from shared.contracts.recordings import RecordedTurn


@dataclass(frozen=True)
class Told:
    """One conversation as it went: results in order, recordings by their last turn's id.

    `unreadable` counts results that are damaged, or of another version.
    """

    conversation_id: str
    results: Sequence[TurnFinished]
    recorded: Sequence[RecordedTurn] = ()
    unreadable: int = 0


class Recordings(Protocol):
    """Conversations with their recordings; only read. Every method raises `StoreDown`."""

    async def of(self, conversation_id: str) -> Told | None:
        """One conversation, or None."""
        ...

    async def heard(self, *, since: float, limit: int) -> Sequence[str]:
        """The ids of conversations in which something was said since then, the latest first."""
        ...
