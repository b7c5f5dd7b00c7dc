"""How a reason for a person becomes a place in a queue: priority, queue, due time, packet."""

from shared.contracts import HandOver, Packet, Priority, RequestPerson

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
    "order_change": ("normal", "orders"),
    "wholesale": ("normal", "sales"),
}


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
        sla_due_at=now + SLA_SECONDS[priority],
        position=0,
        packet=Packet(
            summary=_summary(ask),
            facts=ask.facts,
            tried=ask.tried,
            promised=ask.promised,
            suggested_reply=ask.suggested_reply,
            sentiment=ask.sentiment.label if ask.sentiment else "neutral",
            language=ask.language,
        ),
    )


def _summary(ask: RequestPerson) -> str:
    orders = sorted(
        {f.id.split("/")[0].removeprefix("order:") for f in ask.facts if f.id.startswith("order:")}
    )
    about = f" about order {', '.join('#' + number for number in orders)}" if orders else ""
    earlier = [said.text for said in ask.history if said.who == "customer"][-2:]
    before = f" Before that: {' / '.join(earlier)}" if earlier else ""
    return f"{ask.intent.value}{about} ({ask.reason.replace('_', ' ')}). Customer wrote: {ask.text}.{before}"
