"""How a request for a person becomes a place in a queue, with the packet that goes along."""

from shared.contracts import HandOver, Packet, RequestPerson
from shared.routing.queues import routing


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
    digest = "".join(f" Earlier on. {said.text}" for said in ask.history if said.who == "summary")
    reason = ask.reason.replace("_", " ")
    return f"{ask.intent.value}{about} ({reason}). Customer wrote: {ask.text}.{before}{digest}"
