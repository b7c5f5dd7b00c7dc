"""The lines of a conversation that one turn brings, and what it leaves when its reply was held back."""

from msgspec import structs

from shared.contracts import ConversationState, TurnFinished
from shared.ports import StoredMessage


def lines_of(turn: TurnFinished, *, held: bool) -> list[StoredMessage]:
    """What was said, oldest first; a reply that was held back was not."""
    lines: list[StoredMessage] = []
    if turn.said:
        lines.append(
            StoredMessage(
                id=f"{turn.turn_id}.customer",
                who="customer",
                text=turn.said,
                at=turn.accepted_at,
                turn_id=turn.turn_id,
            )
        )
    if not turn.answered_with and not held and turn.sentences:
        lines.append(
            StoredMessage(
                id=f"{turn.turn_id}.{turn.speaker}",
                who=turn.speaker,
                text=turn.reply,
                at=turn.finished_at,
                turn_id=turn.turn_id,
                name=turn.speaker_name,
                result=turn,
            )
        )
    return lines


def unsaid(state: ConversationState, reply: str) -> ConversationState:
    """What is remembered without this reply: neither its words nor what it waited for."""
    history = state.history
    if history and history[-1].who == "bot" and history[-1].text == reply:
        history = history[:-1]
    return structs.replace(
        state, history=history, open_slot="", open_intent="", pending_action=None, person_offered=False
    )
