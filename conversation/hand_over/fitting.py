"""Fits a request for a person into its conversation, when it was answered while nothing could be read."""

from msgspec import structs

from conversation.memory import remember
from shared.contracts import ConversationState, Digest, TurnAccepted, TurnFinished


def is_loose(result: TurnFinished) -> bool:
    """True for a hand-over that was made without knowing the conversation: it carries no state."""
    return result.escalation is not None and result.state is None and not result.answered_with


def asked_again(result: TurnFinished) -> TurnAccepted:
    """The customer's message of this result, as it was accepted."""
    return TurnAccepted(
        conversation_id=result.conversation_id,
        turn_id=result.turn_id,
        text=result.said,
        accepted_at=result.accepted_at,
    )


def fitted(result: TurnFinished, before: ConversationState) -> TurnFinished:
    """The result as its conversation, now that it can be read, takes it.

    Who is with a person already stays with that one: the message is added to the case there is. A
    conversation of somebody else is left as it is. Twice changes nothing.
    """
    assert result.escalation is not None
    if before.customer_mark and before.customer_mark != result.customer_mark:
        return result
    state = remember(before, result.said, result.reply, Digest())
    if before.hand_over_id not in {"", result.escalation.id}:
        return structs.replace(result, escalation=None, status="with_person", state=state)
    after = structs.replace(
        state, hand_over_id=result.escalation.id, open_slot="", open_intent="", pending_action=None
    )
    return structs.replace(result, state=after)
