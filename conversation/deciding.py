"""What a person's decision makes of an action: it is carried out, carried out otherwise, or denied kindly."""

from collections.abc import Sequence

from msgspec import structs

from conversation.memory import overheard
from conversation.phrases import WITHDRAWS
from conversation.replies import folded
from conversation.turn import Plan
from shared import contracts as c
from shared.ports import Approvals

_SHORT = 20
"""Words of a message that takes a wish back; a longer one says something that a person should read."""


def plan_of(act: c.ActionDecided, before: c.ConversationState) -> Plan:
    """The way of the turn that brings a decision to the customer."""
    if act.decision == "deny":
        return Plan(route="write", state=before, topics=(_denied(act),))
    return Plan(route="act", state=before, execute=act.action, key=act.key, topics=(_agreed(act),))


OWN_WORDS = c.Topic(goal="decision.words", intent=c.Intent.GENERAL_INQUIRY)
"""What is said before a person's words."""


def with_words(result: c.TurnFinished, act: c.ActionDecided, before: Sequence[c.Sentence]) -> c.TurnFinished:
    """The person's words as they wrote them, after `before`; they are no draft that the critic judges.

    A denial may name a price, promise something, or be in the person's language.
    """
    state = result.state and overheard(result.state, c.Said(who="staff", text=act.words))
    sentences = (*result.sentences, *before, c.Sentence(text=act.words))
    return structs.replace(result, sentences=sentences, state=state)


async def ask_staff(approvals: Approvals | None, turn: c.TurnFinished) -> None:
    """Keep the request that this turn made, if it made one; once, however often the turn is heard."""
    if turn.approval is None or approvals is None:
        return
    await approvals.ask(
        c.Approval(
            id=turn.approval.id,
            conversation_id=turn.conversation_id,
            asked=turn.approval,
            asked_at=turn.accepted_at,
        )
    )


async def withdrawn(approvals: Approvals | None, turn: c.TurnAccepted, text: str) -> bool:
    """Whether the customer takes back, with these words, what waits for a decision; then it is void."""
    if approvals is None or not withdraws(text):
        return False
    return await approvals.withdraw(turn.conversation_id, at=turn.accepted_at) > 0


def withdraws(text: str) -> bool:
    """True when the customer takes back what they asked for: "never mind, I'll keep it"."""
    said = f" {folded(text)} "
    return "?" not in text and len(said.split()) <= _SHORT and any(f" {each} " in said for each in WITHDRAWS)


def _agreed(act: c.ActionDecided) -> c.Topic:
    goal = "decision.edited" if act.decision == "edit" else "decision.approved"
    return c.Topic(goal=goal, intent=c.Intent.GENERAL_INQUIRY)


def _denied(act: c.ActionDecided) -> c.Topic:
    """The reason in the customer's language; the person's own words follow it (`with_words`)."""
    number = act.action.order_number
    named = act.reason not in {"", "other"} and number
    return c.Topic(
        goal=f"decision.denied.{act.reason}" if named else "decision.denied",
        intent=c.Intent.GENERAL_INQUIRY,
        values={"number": number} if number else {},
    )
