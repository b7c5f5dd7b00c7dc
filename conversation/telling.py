"""Says in the log what became of a turn, without a word of it."""

import logging

from shared import contracts as c
from shared.logs import about, happened

_LOG = logging.getLogger("answerdesk.turns")


def tell(turn: c.TurnFinished) -> None:
    """A line for the turn, one for each action it carried out or was refused, one for a hand-over.

    Said when the result is stored; after a crash it may be said again, with the same `turn_id`.
    """
    about(turn.conversation_id, turn.turn_id)
    for receipt in turn.actions:
        happened(
            _LOG,
            "action_executed" if receipt.status == "done" else "action_refused",
            level=logging.WARNING if receipt.status == "half" else logging.INFO,
            kind=receipt.kind,
            status=receipt.status,
            why=receipt.why,
            trace_id=turn.trace_id,
        )
    if turn.escalation is not None:
        happened(
            _LOG,
            "hand_over_opened",
            reason=turn.escalation.reason,
            priority=turn.escalation.priority,
            queue=turn.escalation.queue,
            hand_over=turn.escalation.id,
            trace_id=turn.trace_id,
        )
    happened(
        _LOG,
        "turn_finished",
        intent=turn.intent.value if turn.intent else None,
        confidence=turn.confidence,
        status=turn.status,
        engine=turn.engine,
        language=turn.language,
        ms=round(max(0.0, turn.finished_at - turn.accepted_at) * 1000, 1),
        cost_usd=round(sum(usage.cost_usd for usage in turn.usages), 9),
        tokens=sum(usage.tokens for usage in turn.usages),
        gap=turn.gap,
        answered_with=turn.answered_with,
        trace_id=turn.trace_id,
    )
