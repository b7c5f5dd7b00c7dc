"""Shows which past questions an edit would answer otherwise: the old answer beside the new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.console.knowledge.room import KnowledgeRoom
from shared.contracts import Passage
from shared.contracts.editing import ChangedAnswer, EditTried

Becomes = Literal["answered", "unanswered", "other"]


@dataclass(frozen=True)
class QuestionRow:
    """One question, tokenized, with the first passage for it before and after."""

    question: str
    becomes: Becomes
    gap_id: str
    before: Passage | None
    after: Passage | None


@dataclass(frozen=True)
class Preview:
    """What publishing would do on the day `on`, and on how many questions that was tried."""

    on: str
    gaps: int
    questions: int
    rows: Sequence[QuestionRow]

    def count(self, becomes: Becomes) -> int:
        """How many of the rows become this."""
        return sum(row.becomes == becomes for row in self.rows)


async def preview_of(room: KnowledgeRoom, tried: EditTried) -> Preview | None:
    """The preview with its questions' words; None when a problem stopped it. Raises `StoreDown`."""
    if any(problem.stops for problem in tried.problems):
        return None
    said = await room.questions.said([(one.conversation_id, one.turn_id) for one in tried.changed])
    rows = [
        QuestionRow(words, _becomes(one), one.gap_id, one.before, one.after)
        for one in tried.changed
        if (words := said.get((one.conversation_id, one.turn_id)))  # else erased meanwhile
    ]
    return Preview(tried.on, tried.gaps, tried.questions, rows)


def _becomes(one: ChangedAnswer) -> Becomes:
    if one.before is None:
        return "answered"
    return "other" if one.after else "unanswered"
