"""What is kept of conversations, and the knowledge base they are answered from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from shared.contracts import (
    Approval,
    Case,
    CaseRaised,
    ConversationState,
    Correction,
    FeedbackGiven,
    GapStatus,
    HandOver,
    KnowledgeGap,
    Language,
    Passage,
    PromiseRecord,
    Task,
    TurnFinished,
    Unanswered,
)
from shared.contracts.recordings import RecordedTurn
from shared.ports.bus import Delivered
from shared.ports.cases import Numbered


@dataclass(frozen=True)
class StoredMessage:
    """One line of a conversation as a page shows it; `text` is tokenized, `name` the person's who said it."""

    id: str
    who: Literal["customer", "bot", "staff", "system"]
    text: str
    at: float
    turn_id: str
    name: str = ""
    result: TurnFinished | None = None


@dataclass(frozen=True)
class StoredConversation:
    """A conversation with its lines, oldest first."""

    conversation_id: str
    customer: str
    state: ConversationState
    messages: Sequence[StoredMessage] = field(default_factory=tuple)


@dataclass(frozen=True)
class Held:
    """What a store keeps of one conversation; all text is tokenized.

    `questions` are those nobody could answer, each with the time it was asked; `gaps` the ids of their gaps.
    `case_events` are what people did with it, `corrections` what they found wrong, `recorded` what its turns
    can be run again from.
    """

    conversation_id: str
    conversation: StoredConversation | None
    hand_overs: Sequence[HandOver] = ()
    feedback: Sequence[FeedbackGiven] = ()
    questions: Sequence[tuple[float, str]] = ()
    gaps: Sequence[str] = ()
    tasks: Sequence[Task] = ()
    approvals: Sequence[Approval] = ()
    case_events: Sequence[Numbered] = ()
    corrections: Sequence[Correction] = ()
    promises: Sequence[PromiseRecord] = ()
    recorded: Sequence[RecordedTurn] = ()


@dataclass(frozen=True)
class GapPlace:
    """Where a page of gaps ended: what its last one is ordered by."""

    asked: int
    last_asked_at: float
    id: str


class ConversationStore(Protocol):
    """Conversations, hand-overs, feedback and knowledge gaps. Raises `StoreDown`."""

    async def load(self, conversation_id: str) -> ConversationState | None:
        """What the conversation remembers, or None when it is new."""
        ...

    async def record(self, results: Sequence[Delivered], *, recorded: Sequence[RecordedTurn] = ()) -> None:
        """Store what was said and the last result's state in one transaction; twice changes nothing.

        `recorded` is what is needed to run them again, kept with them and as long. Of turns that were
        accepted before their conversation was erased nothing is stored.
        """
        ...

    async def read(self, conversation_id: str) -> StoredConversation | None:
        """The whole conversation, or None."""
        ...

    async def open_hand_over(self, hand_over: HandOver) -> HandOver:
        """Put it in the queue, or return the one with this id that is there. Position is computed.

        Asked for before its conversation was erased, it is returned and not kept.
        """
        ...

    async def case_of(self, conversation_id: str) -> Case | None:
        """The conversation's open case, or its last; None when no person ever had it."""
        ...

    async def leave_queue(self, conversation_id: str, turn_id: str, *, at: float) -> Case | None:
        """Close the case that waits, because its customer needs nobody any more; the case as it is then.

        It is closed when this turn has closed it, now or before it was delivered again. It is open as it was
        when a person has it, or must look at it whatever the customer wants by now. None: nothing waits.
        """
        ...

    async def raise_case(self, conversation_id: str, event: CaseRaised) -> Case | None:
        """Raise the open case for what the customer told of, once for each reason; the case as it is then.

        `raised` of the case names the turn that did it, also when that is delivered again. None: no case is
        open.
        """
        ...

    async def release(self, turn: TurnFinished) -> bool:
        """Whether the customer gets this reply: the first answer stands, whoever asks.

        Asked by whoever is about to deliver it, at that moment: a reply of the bot is held, and becomes a
        draft of the case, when a person has the conversation by then. What staff said is never held.
        """
        ...

    async def hand_over(self, hand_over_id: str) -> HandOver | None:
        """One hand-over with its ticket, or None; a `Case` holds it as it was when it was opened."""
        ...

    async def unfiled(self) -> Sequence[HandOver]:
        """Those of open cases, waiting or with a person, that have no ticket yet, oldest first."""
        ...

    async def attach_ticket(self, hand_over_id: str, ticket: str) -> None:
        """Remember the helpdesk's ticket number."""
        ...

    async def waiting(self) -> Sequence[HandOver]:
        """Who waits: urgent first, then oldest; each with its place in its own queue, 1 is next."""
        ...

    async def add_feedback(self, feedback: FeedbackGiven) -> None:
        """Keep a customer's thumb; the last one for a turn counts."""
        ...

    async def gaps(
        self,
        *,
        status: GapStatus | None = None,
        language: Language | None = None,
        after: GapPlace | None = None,
        limit: int = 50,
    ) -> Sequence[KnowledgeGap]:
        """Unanswered questions, the most asked first, then the latest; `after` is where a page ended."""
        ...

    async def add_gap(
        self, conversation_id: str, turn_id: str, asked: Unanswered, *, language: Language, at: float
    ) -> None:
        """Staff say that the knowledge base does not answer what was asked in this turn; once for each."""
        ...

    async def gap(self, gap_id: str) -> KnowledgeGap | None:
        """One of them, or None."""
        ...

    async def settle_gap(
        self, gap_id: str, *, status: GapStatus, note: str, at: float
    ) -> KnowledgeGap | None:
        """Close or re-open a gap, or None when there is none. One asked after `at` is no longer answered."""
        ...

    async def noted(self, gap_ids: Sequence[str]) -> Sequence[str]:
        """Those of these gaps that staff have decided about, whose notes are kept."""
        ...

    async def held(self, conversation_ids: Sequence[str]) -> Sequence[Held]:
        """Everything that is kept of these conversations, in this order; nothing of unknown ones."""
        ...

    async def erase(self, conversation_ids: Sequence[str]) -> Mapping[str, int]:
        """Remove all of that, off the disk too; how much, by kind. Twice is no error.

        From then on turns that were accepted before are void: see `record` and `erased_at`.
        """
        ...

    async def erased_at(self, conversation_id: str) -> float:
        """When it was last erased, in seconds since 1970; 0.0 when never or a week ago."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when it cannot write."""
        ...


@dataclass(frozen=True)
class Filters:
    """What a search is narrowed to; empty tuples narrow nothing, `on` None is today."""

    locales: tuple[Language, ...] = ()
    categories: tuple[str, ...] = ()
    on: date | None = None


@dataclass(frozen=True)
class Found:
    """What a search brought: `passages` over the floor, best first.

    `nearest` are up to three below it, best first, when nothing of the guessed language (or of any, without
    a guess) came over it: they answer nothing, and tell whoever mends the knowledge base what was close.
    """

    passages: tuple[Passage, ...] = ()
    nearest: tuple[Passage, ...] = ()


class KnowledgeIndex(Protocol):
    """Passages of the knowledge base, searched by words and by meaning.

    What is published is seen whole or not at all; readers serve the last publication while the next is made.
    """

    async def search(
        self, text: str, *, language: Language | None, k: int, filters: Filters | None = None
    ) -> Found:
        """Up to `k` passages per locale over the floor, the guessed language first; nothing when empty."""
        ...

    async def version(self) -> str:
        """A short name of what is served now: the same content has the same name in every process."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when the index is empty or unreadable."""
        ...
