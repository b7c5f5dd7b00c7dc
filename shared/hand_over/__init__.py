"""How a reason for a person becomes a place in a queue: priority, queue, due time, and what they need."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.contracts import HandOver, Priority, RequestPerson
from shared.hand_over.packet import next_action, packet_of
from shared.hand_over.rendering import Line, Note, render

__all__ = ["SLA_SECONDS", "ZONE", "Line", "Note", "due_at", "hand_over_of", "next_action", "render", "route"]

_HOUR = 3600.0
SLA_SECONDS: dict[Priority, float] = {
    "urgent": _HOUR, "high": 4 * _HOUR, "normal": 8 * _HOUR, "low": 24 * _HOUR,
}  # fmt: skip
_ROUTES: dict[str, tuple[Priority, str]] = {
    "safety": ("urgent", "safety"),
    "legal_threat": ("high", "legal"),
    "hardship": ("high", "care"),
    "fraud": ("high", "fraud"),
    "missing_delivery": ("high", "delivery"),
    "defect": ("high", "quality"),
    "strong_negative": ("high", "support"),
    "third_contact": ("high", "support"),
    "refund_limit": ("normal", "approvals"),
    "approval": ("normal", "approvals"),
    "order_change": ("normal", "orders"),
    "wholesale": ("normal", "sales"),
}


ZONE = "America/New_York"
_OPENS, _CLOSES, _CLOSED_DAY = time(8), time(20), 6
"""Support works Monday to Saturday, 8 to 20 (FACTS.toml `support.hours` and `.days`; a test compares)."""
HOURS = (f"{_OPENS.hour}:00", f"{_CLOSES.hour}:00")
"""As replies say them."""


def due_at(now: float, seconds: float) -> float:
    """When `seconds` of working time have passed; promising an answer at night would be a lie."""
    at, left = datetime.fromtimestamp(now, ZoneInfo(ZONE)), timedelta(seconds=seconds)
    while True:
        opens = datetime.combine(at.date(), _OPENS, at.tzinfo)
        closes = datetime.combine(at.date(), _CLOSES, at.tzinfo)
        start = max(at, opens)
        if at.weekday() != _CLOSED_DAY and start < closes:
            if start + left <= closes:
                return (start + left).timestamp()
            left -= closes - start
        at = datetime.combine(at.date() + timedelta(days=1), time(0), at.tzinfo)


def route(reason: str) -> tuple[Priority, str]:
    """Priority and queue of a reason; an unknown one is normal support work."""
    return _ROUTES.get(reason, ("normal", "support"))


def hand_over_of(ask: RequestPerson, *, now: float) -> HandOver:
    """The record of a request for a person, before it has a place in the queue or a ticket."""
    priority, queue = route(ask.reason)
    return HandOver(
        id=ask.hand_over_id,
        conversation_id=ask.conversation_id,
        reason=ask.reason,
        priority=priority,
        queue=queue,
        opened_at=now,
        sla_due_at=due_at(now, SLA_SECONDS[priority]),
        position=0,
        packet=packet_of(ask, now=now),
    )
