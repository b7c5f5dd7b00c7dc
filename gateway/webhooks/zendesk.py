"""Makes events of Zendesk's webhooks.

Sources: "Anatomy of a webhook request" (developer.zendesk.com/documentation/webhooks) and "Ticket events"
(developer.zendesk.com/api-reference/webhooks/event-types/ticket-events). The body is signed with its type and
its id, so that both can be believed.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, cast, get_args

import msgspec
from msgspec import structs

from gateway.webhooks.bodies import Unreadable, happened, shaped
from gateway.webhooks.told import Told
from shared import contracts as c

Found = dict[str, Any]
_MERGED = "closed_by_merge"
"""The tag that Zendesk gives to the ticket which was merged into another."""
_PREFIX = "zen:event-type:ticket."
_HAND_OVER = re.compile(r"h-t-[0-9A-Za-z]{16,24}")
# Eighteen digits always fit 64 bits. Zendesk writes numbers of events as text, and 0 for nobody.
_Number = (
    Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,18}\Z")] | Annotated[int, msgspec.Meta(ge=0, lt=10**18)]
)


class _Kind(msgspec.Struct, frozen=True):
    type: str = ""


class _Ticket(msgspec.Struct, frozen=True):
    id: _Number
    status: str | None = None
    priority: str | None = None
    assignee_id: _Number | None = None
    group_id: _Number | None = None
    external_id: object = None
    tags: list[str] | None = None


class _Delivery(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    time: datetime
    detail: _Ticket
    event: dict[str, Any] = {}


_Read = Callable[[str, _Delivery, float], Told[Any]]


def told(topic: str, found: Found, *, now: float) -> Told[Any]:
    """The event of a type in `TOPICS`.

    Raises:
        Unreadable: the body is not one of this type.
        Stale: it is nearly a day old.
    """
    delivery = shaped(found, _Delivery)
    at = happened(delivery.time, now=now)
    key = f"{topic} {hashlib.sha256(delivery.id.encode()).hexdigest()}"
    return TOPICS[topic](key, delivery, at)


def topic_of(body: bytes) -> str:
    """The type of a delivery; nothing when it has none: triggers send what somebody wrote for them."""
    try:
        return msgspec.json.decode(body, type=_Kind).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _changed(event: c.Event[c.TicketChanged], change: c.TicketChange) -> _Read:
    def read(key: str, delivery: _Delivery, at: float) -> Told[Any]:
        return Told(event, _ticket(delivery, change, at), key)

    return read


def _status(key: str, delivery: _Delivery, at: float) -> Told[Any]:
    body = _ticket(delivery, "status", at)
    closed = str(delivery.event.get("current")).lower() == "closed"
    # What a merge closes is not settled; it is told as what it is, and not as closed.
    if closed and _MERGED in (delivery.detail.tags or ()):
        return Told(c.TICKET_UPDATED, structs.replace(body, change="merged"), key)
    event = c.TICKET_CLOSED if closed else c.TICKET_UPDATED
    return Told(event, body, key)


def _deleted(key: str, delivery: _Delivery, at: float) -> Told[Any]:
    """Whatever status it had: it is in the bin."""
    return Told(c.TICKET_UPDATED, structs.replace(_ticket(delivery, "status", at), status="deleted"), key)


def _rated(key: str, delivery: _Delivery, at: float) -> Told[Any]:
    rating = delivery.event.get("satisfaction_score")
    score = rating.get("score") if isinstance(rating, dict) else rating
    if not isinstance(score, str):
        raise Unreadable(".event.satisfaction_score")
    body = c.TicketRated(
        ticket=str(delivery.detail.id),
        score=cast("c.Score", _one_of(score, c.Score)),
        rated_at=at,
        hand_over_id=_ours(delivery.detail),
    )
    return Told(c.TICKET_RATED, body, key)


def _ticket(delivery: _Delivery, change: c.TicketChange, at: float) -> c.TicketChanged:
    ticket, event = delivery.detail, delivery.event
    previous = event.get("previous") if change == "priority" else None
    comment = event.get("comment")
    return c.TicketChanged(
        ticket=str(ticket.id),
        change=change,
        status=cast("c.TicketState", _one_of(ticket.status or "", c.TicketState)),
        priority=_priority(ticket.priority),
        changed_at=at,
        previous_priority=_priority(previous if isinstance(previous, str) else None),
        assigned=bool(int(ticket.assignee_id or 0)),
        group_id=int(ticket.group_id or 0),
        public=isinstance(comment, dict) and comment.get("is_public") is True,
        hand_over_id=_ours(ticket),
    )


def _ours(ticket: _Ticket) -> str:
    """The hand-over that became this ticket; other systems write anything into this field, names too."""
    found = ticket.external_id
    return found if isinstance(found, str) and _HAND_OVER.fullmatch(found) else ""


def _priority(value: str | None) -> c.TicketPriority:
    known = (value or "").lower()
    return cast("c.TicketPriority", known if known in get_args(c.TicketPriority) else "")


def _one_of(value: str, known: object) -> str:
    """A state we know, which Zendesk writes in capitals; a new one is no reason to lose the event."""
    return value.lower() if value.lower() in get_args(known) else "other"


TOPICS: Mapping[str, _Read] = {
    f"{_PREFIX}created": _changed(c.TICKET_CREATED, "created"),
    f"{_PREFIX}status_changed": _status,
    f"{_PREFIX}priority_changed": _changed(c.TICKET_PRIORITY_CHANGED, "priority"),
    f"{_PREFIX}agent_assignment_changed": _changed(c.TICKET_ASSIGNED, "assignment"),
    f"{_PREFIX}group_assignment_changed": _changed(c.TICKET_ASSIGNED, "assignment"),
    f"{_PREFIX}comment_added": _changed(c.TICKET_UPDATED, "comment"),
    f"{_PREFIX}tags_changed": _changed(c.TICKET_UPDATED, "tags"),
    f"{_PREFIX}type_changed": _changed(c.TICKET_UPDATED, "type"),
    f"{_PREFIX}soft_deleted": _deleted,
    f"{_PREFIX}merged": _changed(c.TICKET_UPDATED, "merged"),
    f"{_PREFIX}csat_received": _rated,
}
"""By `type` of the body."""
