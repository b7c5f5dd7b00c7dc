"""How a request for a person becomes a place in a queue, with what whoever takes it needs."""

from shared.contracts import HandOver, RequestPerson
from shared.hand_over.packet import next_action, packet_of
from shared.hand_over.reasons import told_of
from shared.hand_over.rendering import Line, Note, render
from shared.routing.queues import routing

__all__ = ["Line", "Note", "hand_over_of", "next_action", "render", "told_of"]


def hand_over_of(ask: RequestPerson, *, now: float) -> HandOver:
    """The record of a request for a person, before it has a place in the queue or a ticket."""
    priority, queue = routing().route(ask.reason, ask.language)
    return HandOver(
        id=ask.hand_over_id,
        conversation_id=ask.conversation_id,
        reason=ask.reason,
        priority=priority,
        queue=queue.name,
        opened_at=now,
        sla_due_at=queue.due_at(priority, now),
        position=0,
        packet=packet_of(ask, now=now),
        asked_at=ask.accepted_at or now,
    )
