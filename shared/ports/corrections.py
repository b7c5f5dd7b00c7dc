"""Where staff's corrections of the bot are kept."""

from collections.abc import Sequence
from typing import Protocol

from shared.contracts import Correction


class Corrections(Protocol):
    """Corrections beside the conversations. Raises `StoreDown`."""

    async def add(self, correction: Correction) -> None:
        """Keep it, unless its conversation was erased after its `at`; of the same id the last one counts."""
        ...

    async def said_instead(self, case_id: str, text: str) -> None:
        """Staff told the customer this: what rejected drafts of the case were not."""
        ...

    async def of(self, conversation_id: str) -> Sequence[Correction]:
        """Those of one conversation, oldest first."""
        ...

    async def page(self, *, after: tuple[float, str] = (0.0, ""), limit: int = 500) -> Sequence[Correction]:
        """All of them, oldest first; `after` is time and id of where a page ended."""
        ...
