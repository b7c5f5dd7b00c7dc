"""The analytics agent: counts what happened, from events alone, and keeps the ledger of what models took."""

from shared import metrics
from shared.contracts import FeedbackGiven, TurnFinished
from shared.ports.spending import Spending


async def hear_turn(turn: TurnFinished, *, ledger: Spending) -> None:
    """Keep what models took in a turn, then count it; the ledger first, so that a retry counts nothing twice.

    Raises `StoreDown`; the bus brings the turn again, and puts it to the dead letters in the end.
    """
    if not turn.answered_with:  # the usages are those of the turn that answers it too
        await ledger.record(
            turn.turn_id, conversation_id=turn.conversation_id, at=turn.finished_at, usages=turn.usages
        )
    await count_turn(turn)


async def count_turn(turn: TurnFinished) -> None:
    """Count one finished turn; one that was answered with another counts as that one's."""
    if turn.answered_with:
        return
    intent = turn.intent.value if turn.intent else "NONE"
    metrics.count(metrics.TURNS, turn.status, intent, turn.language, turn.engine)
    if turn.waited is not None:
        metrics.observe(metrics.TURN_SECONDS, turn.waited)
    for usage in turn.usages:
        metrics.count(metrics.COST, usage.model, by=usage.cost_usd)
        metrics.count(metrics.TOKENS, usage.model, "input", by=usage.input_tokens)
        metrics.count(metrics.TOKENS, usage.model, "cached", by=usage.cached_tokens)
        metrics.count(metrics.TOKENS, usage.model, "output", by=usage.output_tokens)
    if turn.escalation is not None:
        metrics.count(metrics.HAND_OVERS, turn.escalation.reason, turn.escalation.priority)
    if turn.gap:
        metrics.count(metrics.GAPS)


async def count_feedback(feedback: FeedbackGiven) -> None:
    """Count one thumb."""
    metrics.count(metrics.FEEDBACK, feedback.rating)
