"""What staff found wrong with the bot's words, as a case to measure the bot with."""

from typing import Literal

from shared.contracts.words import Language, Said, Value

Wrong = Literal[
    "wrong_fact",
    "wrong_policy",
    "not_answered",
    "out_of_date",
    "wrong_tone",
    "wrong_language",
    "unsafe",
    "other",
]
KnowledgeFault = Literal["", "missing", "wrong"]
"""Whether the knowledge base is to blame, and how."""


class Correction(Value, frozen=True, kw_only=True):
    """One reply of the bot that a person would not have sent; all text is tokenized.

    `kind`: a draft that was rejected, or a reply that the customer got. `context` is what was said before
    `question`, oldest first. `words` are staff's about it; `instead` is what they told the customer, or would
    have, and empty until they did. `at` is seconds since 1970, `by` the member of staff.
    """

    id: str
    kind: Literal["rejected", "wrong"]
    conversation_id: str
    case_id: str
    turn_id: str
    at: float
    by: str
    why: Wrong
    language: Language
    question: str
    reply: str
    words: str = ""
    instead: str = ""
    context: tuple[Said, ...] = ()
    knowledge: KnowledgeFault = ""
