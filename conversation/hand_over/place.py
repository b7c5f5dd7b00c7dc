"""What a customer who is handed over is told of the queue: place, wait, when it opens, when it is due."""

from datetime import datetime

from conversation.words.contact import Heard
from shared import contracts as c
from shared.errors import DeskError
from shared.ports import ConversationStore
from shared.routing.helplines import slots_for
from shared.routing.outlooks import Outlooks
from shared.routing.queues import routing
from shared.routing.waiting import Outlook


async def place(
    case: c.Case | None, store: ConversationStore, outlooks: Outlooks | None
) -> tuple[dict[str, str], bool]:
    """The slots of a reply, and whether a call or an e-mail instead is worth offering.

    Nothing of what is not known: of a case that nobody has stored it is nothing at all.
    """
    if case is None or case.phase != "waiting":
        return {}, False
    told = {"due": _local(case.due_at, case.queue)}
    try:
        found = await outlooks.of(case) if outlooks else None
        waiting = await store.waiting() if outlooks is None else ()
    except DeskError:
        found, waiting = None, ()
    if found is None:
        at = next((each.position for each in waiting if each.id == case.id), 0)
        return told | ({"position": str(at)} if at else {}), False
    return told | _slots(found, case.queue), found.offer and case.contact is None


async def announced(
    ask: c.RequestPerson,
    record: c.HandOver,
    heard: Heard | None,
    *,
    store: ConversationStore,
    outlooks: Outlooks | None,
) -> tuple[c.Topic, ...]:
    """What is said of a hand-over: that it is done, and what comes of another way that was asked for.

    Who asked for none is offered one where that is worth it.
    """
    try:
        case = await store.case_of(record.conversation_id)
    except DeskError:
        case = None
    values, offer = await place(case if case and case.id == record.id else None, store, outlooks)
    instead = heard.goal if heard else "handed_over.offer" if offer else ""
    values = (values or _promised(record)) | slots_for(ask.reason, ask.language)
    goals = [f"handed_over.{ask.reason}", *([instead] if instead else [])]
    return tuple(c.Topic(goal=goal, intent=ask.intent, values=values) for goal in goals)


def _promised(record: c.HandOver) -> dict[str, str]:
    """Of a hand-over that is stored nowhere yet: no place, but when its answer is due."""
    position = {"position": str(record.position)} if record.position else {}
    return {"due": _local(record.sla_due_at, record.queue)} | position


def _slots(found: Outlook, queue: str) -> dict[str, str]:
    values = {"position": str(found.position)}
    if found.kind == "closed" and found.opens_at:
        values["reopens"] = _local(found.opens_at, queue)
    elif found.kind == "long":
        values["beyond"] = str(found.low)
    elif found.kind == "minutes" and found.low:
        values |= {"wait_from": str(found.low), "wait_to": str(found.high)}
    elif found.kind == "minutes":
        values["within"] = str(found.high)
    return values


def _local(at: float, queue: str) -> str:
    """By the clock of the queue, as the writer reads a moment."""
    return datetime.fromtimestamp(at, routing().queue(queue).zone).isoformat(timespec="minutes")
