"""The analytics agent: counts what happened, from events alone, and keeps the ledger of what models took."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.contracts import FeedbackGiven, TurnFinished
from shared.ports.spending import Spending

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)


class Counts:
    """Turns, intents, outcomes, latency, cost and feedback, as Prometheus metrics of one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.turns = Counter(
            "desk_turns", "Finished turns", ["status", "intent", "language", "engine"], registry=registry
        )
        self.seconds = Histogram(
            "desk_turn_seconds", "Accepted to finished", buckets=_SECONDS, registry=registry
        )
        self.cost = Counter("desk_cost_usd", "Model cost in USD", ["model"], registry=registry)
        self.tokens = Counter(
            "desk_tokens", "Model tokens; cached is part of input", ["model", "direction"], registry=registry
        )
        self.hand_overs = Counter("desk_hand_overs", "Hand-overs", ["reason", "priority"], registry=registry)
        self.gaps = Counter("desk_knowledge_gaps", "Questions without an answer", registry=registry)
        self.feedback = Counter("desk_feedback", "Thumbs", ["rating"], registry=registry)


async def hear_turn(turn: TurnFinished, *, counts: Counts, ledger: Spending) -> None:
    """Keep what models took in a turn, then count it; the ledger first, so that a retry counts nothing twice.

    Raises `StoreDown`; the bus brings the turn again, and puts it to the dead letters in the end.
    """
    if not turn.answered_with:  # the usages are those of the turn that answers it too
        await ledger.record(
            turn.turn_id, conversation_id=turn.conversation_id, at=turn.finished_at, usages=turn.usages
        )
    await count_turn(turn, counts=counts)


async def count_turn(turn: TurnFinished, *, counts: Counts) -> None:
    """Count one finished turn; one that was answered with another counts as that one's."""
    if turn.answered_with:
        return
    intent = turn.intent.value if turn.intent else "NONE"
    counts.turns.labels(turn.status, intent, turn.language, turn.engine).inc()
    counts.seconds.observe(max(0.0, turn.finished_at - turn.accepted_at))
    for usage in turn.usages:
        counts.cost.labels(usage.model).inc(usage.cost_usd)
        counts.tokens.labels(usage.model, "input").inc(usage.input_tokens)
        counts.tokens.labels(usage.model, "cached").inc(usage.cached_tokens)
        counts.tokens.labels(usage.model, "output").inc(usage.output_tokens)
    if turn.escalation is not None:
        counts.hand_overs.labels(turn.escalation.reason, turn.escalation.priority).inc()
    if turn.gap:
        counts.gaps.inc()


async def count_feedback(feedback: FeedbackGiven, *, counts: Counts) -> None:
    """Count one thumb."""
    counts.feedback.labels(feedback.rating).inc()
