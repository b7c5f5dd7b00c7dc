"""Tells who speaks in a conversation, and whether they may be answered from the customer's orders."""

from collections.abc import Sequence

from msgspec import structs

from shared import contracts as c


def strangers(turns: Sequence[c.TurnAccepted], before: c.ConversationState) -> bool:
    """Whether more than one person speaks here: a customer, and a guest or another customer beside them.

    The gateway keeps them apart, but for the moment in which a guest's conversation becomes a customer's:
    who has the guest's token too must not be answered from the customer's orders then.
    """
    speakers = {_speaker(turn) for turn in turns}
    return len(speakers | ({_speaker(before)} if _speaker(before) else set())) > 1


def _speaker(said: c.TurnAccepted | c.ConversationState) -> str:
    """Whose it is. The mark stays; the customer's token is another one once values have expired."""
    return said.customer_mark or said.customer


def whose(turns: Sequence[c.TurnAccepted], before: c.ConversationState) -> c.ConversationState:
    """The state with what came along with these messages: whose it is, which of its tokens came back."""
    turnover = before.turnover
    for turn in turns:
        turnover = turnover.used(turn.token_issued, at=turn.accepted_at)
    known = next((turn for turn in reversed(turns) if turn.customer), None)
    if known is None or (_speaker(before) and _speaker(before) != _speaker(known)):
        return structs.replace(before, turnover=turnover)
    return structs.replace(
        before, turnover=turnover, customer=known.customer, customer_mark=known.customer_mark
    )
