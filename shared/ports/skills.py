"""Skills: where an engine meets an agent."""

from collections.abc import Sequence
from typing import Literal, Protocol

from shared.contracts import (
    AssessMessage,
    ClassifyIntent,
    IntentClassified,
    JudgeReply,
    MessageAssessed,
    MessageScreened,
    ReplyJudged,
    ReplyWritten,
    ScreenMessage,
    WriteReply,
)

TextKind = Literal["question", "passage"]
"""Whether a text is what a customer asks or what may answer it."""


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...


class Understanding(Protocol):
    """Tells what a customer wants. `embedded` and `openai` adapters."""

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """Intent, needs, entities, sentiment and language of `ask.text` in its context."""
        ...


class Writer(Protocol):
    """Puts what policy decided into words."""

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """A draft that says `ask.topics` in `ask.language`, each factual sentence with its sources."""
        ...


class Judge(Protocol):
    """The critic's two looks: at what comes in, at what goes out."""

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on?"""
        ...

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent?"""
        ...


class Embedder(Protocol):
    """Turns texts into vectors. `name` identifies model and dimensions; an index remembers it."""

    name: str
    dimensions: int

    async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> "list[list[float]]":
        """One unit-length vector of `dimensions` floats per text.

        Some models read what a customer asks and what may answer it differently; `kind` says which it is.
        """
        ...


Leaving = Literal["plainly", "perhaps", "no"]
"""Whether who waits for a person gives up their place."""


class RiskWatch(Protocol):
    """Finds in a customer's words the reasons to involve a person."""

    def assess(self, ask: AssessMessage) -> MessageAssessed:
        """Signals, strongest first."""
        ...

    def beside_refusal(self, text: str) -> str | None:
        """What else is said by who plainly wants no person, maybe nothing; None for who does not refuse."""
        ...

    def leaves_queue(self, text: str) -> Leaving:
        """Whether who waits for a person needs none any more; `perhaps` is worth a question."""
        ...
