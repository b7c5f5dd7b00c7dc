"""Conversations found again: by what was said in them, by ids, by whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import Case, Language, Phase


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which conversations; what is empty narrows nothing, `among` None is everywhere.

    `words` must all be there, in any order: words of the thread as they begin, without regard to case,
    accents and a plural's s, or an id as a whole (of a conversation, turn, trace, case, ticket, order), be it
    called one (`order #1001`) or not. What staff noted for each other is of the thread. `customer_mark` is
    whose they are, `but` the one that is known already. `phases`, `queues` and `owner` are of the
    conversation's last case.
    """

    words: str = ""
    customer_mark: str = ""
    but: str = ""
    among: tuple[str, ...] | None = None
    languages: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    queues: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class ThreadPlace:
    """Where a page ended: what its last conversation is ordered by."""

    at: float
    conversation_id: str


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One conversation in one line; `at` is its last turn, `case` its last case.

    `intent` and `status` are of the last turn that had any.
    """

    conversation_id: str
    customer_mark: str
    language: Language
    intent: str
    status: str
    begun_at: float
    at: float
    case: Case | None

    @property
    def place(self) -> ThreadPlace:
        """Where a page that ends here goes on."""
        return ThreadPlace(self.at, self.conversation_id)


class ConversationSearch(Protocol):
    """What the conversation store knows, seen by whoever looks for something. Raises `StoreDown`."""

    async def find(
        self, wanted: Wanted, *, after: ThreadPlace | None = None, limit: int = 20
    ) -> Sequence[Thread]:
        """Conversations, the latest first; `after` is where a page ended."""
        ...
