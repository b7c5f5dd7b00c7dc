"""Results of turns whose question had no answer."""

from shared import contracts as c
from shared.ports import Delivered

NEAR = c.NearPassage(id="kb:store#dogs", title="Our store", section="Dogs", score=0.31)


def unanswered(
    question: str, turn_id: str, *, at: float = 100.0, language: c.Language = "en", customer: str = ""
) -> Delivered:
    """The result of a turn, as the bus brings it; each turn is a conversation of its own."""
    conversation_id = f"c-{turn_id}"
    turn = c.TurnFinished(
        conversation_id=conversation_id,
        turn_id=turn_id,
        finished_at=at + 0.01,
        accepted_at=at,
        status="answered",
        sentences=(c.Sentence(text="I do not know."),),
        intent=c.Intent.GENERAL_INQUIRY,
        language=language,
        gap=True,
        unanswered=c.Unanswered(question=question, nearest=(NEAR,)),
        said=question,
        state=c.ConversationState(customer=customer),
    )
    return Delivered(turn=turn, seq=1)
