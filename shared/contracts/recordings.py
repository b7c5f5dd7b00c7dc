"""What a turn got to know from outside, so that it can be run again without asking anybody."""

from typing import Literal

from shared.contracts.actions import Action
from shared.contracts.turns import ConversationState, TurnAccepted
from shared.contracts.words import Value


class PortAnswer(Value, frozen=True, kw_only=True):
    """What one port answered. `of` is a call's subject, or port and method (`store.case_of`).

    `asked` and `answer` are MessagePack of the types that belong to it (`conversation.recording`): they are
    read only when the turn is run again. `error` is the kind of the failure it ended with instead.
    """

    of: str
    asked: bytes = b""
    answer: bytes = b""
    error: str = ""


class RecordedTurn(Value, frozen=True, kw_only=True):
    """Messages that were answered together, with all that ports said meanwhile, in order; tokenized.

    `turn_id` is the last one's, `at` when that was accepted. `before` is what the conversation remembered,
    None when it was new. `proposed` is the action that was offered by the reply. `lost` says why nothing can
    be run again: more than is kept, or bytes that are no recording of this version.
    """

    conversation_id: str
    turn_id: str
    at: float = 0.0
    turns: tuple[TurnAccepted, ...] = ()
    before: ConversationState | None = None
    answers: tuple[PortAnswer, ...] = ()
    proposed: Action | None = None
    lost: Literal["", "too_large", "unreadable"] = ""
