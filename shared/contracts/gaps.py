"""Questions the knowledge base could not answer."""

from typing import Literal

from shared.contracts.words import Intent, Language, Value

GapStatus = Literal["open", "answered", "not_ours"]


class NearPassage(Value, frozen=True, kw_only=True):
    """A passage that was close to a question and did not answer it; the score is that of the search."""

    id: str
    title: str
    section: str
    score: float


class Unanswered(Value, frozen=True, kw_only=True):
    """What a turn leaves when nothing was found: the question in the customer's words, what was closest.

    `question` is tokenized, and of a burst it is all of it. `nearest` is best first.
    """

    question: str
    nearest: tuple[NearPassage, ...] = ()


class KnowledgeGap(Value, frozen=True, kw_only=True):
    """One question nobody could be answered, however many asked it, in one language.

    The same question has the same `id`. Words, turn, intent and passages are those of who asked last.
    `status` is open again once an answered question was asked again; `note` is what staff wrote at its last
    change, tokenized as all text.
    """

    id: str
    question: str
    language: Language
    intent: Intent | None
    asked: int
    first_asked_at: float
    last_asked_at: float
    conversation_id: str
    turn_id: str
    nearest: tuple[NearPassage, ...] = ()
    status: GapStatus = "open"
    note: str = ""
