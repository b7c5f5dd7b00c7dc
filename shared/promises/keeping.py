"""Decides what an event says about promises: which it keeps, which nobody waits for any more."""

import hashlib

from msgspec import structs

from shared.contracts import (
    Case,
    Promise,
    PromiseRecord,
    Receipt,
    ShopOrderChanged,
    TaskChanged,
    TicketChanged,
    TurnFinished,
)
from shared.promises.finding import RECEIPTS, promises_in
from shared.promises.following import SAME_SECONDS, asked_for

GRACE_SECONDS = 900.0
"""So long after its due time a promise is broken: a call at 10 is made at 10, and noted a little later."""
_ANSWERS = frozenset({"answer_by", "ticket_update"})
_PAID_BACK = frozenset({"refunded", "partially_refunded"})


def made_in(turn: TurnFinished, *, by: str = "bot") -> tuple[PromiseRecord, ...]:
    """What a sent reply commits us to, as the ledger keeps it; `by` is who said it, `bot` or `staff:<id>`.

    A deed that a receipt of the same turn proves is kept from the start. What speaks of a time that has
    passed reports. Nothing is in what was answered with another turn: that one brings the words.
    """
    case = turn.escalation.id if turn.escalation else (turn.state.hand_over_id if turn.state else "")
    if turn.answered_with:
        return ()
    promises = promises_in(
        turn.sentences,
        turn.language,
        now=turn.finished_at,
        receipts=turn.actions,
        speaker="bot" if by == "bot" else "staff",
    )
    to_come = (each for each in promises if each.due is None or each.due.until >= turn.finished_at)
    return tuple(_record(each, turn, by=by, case=case) for each in to_come if each.binding)


def _record(promise: Promise, turn: TurnFinished, *, by: str, case: str) -> PromiseRecord:
    # The same turn is heard more than once after a crash, and says the same words at the same place.
    place = f"{turn.conversation_id} {turn.turn_id} {promise.sentence} {promise.start} {promise.end}"
    record = PromiseRecord(
        id=f"p-{hashlib.sha256(place.encode()).hexdigest()[:20]}",
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        made_at=turn.finished_at,
        made_by=by,
        language=turn.language,
        promise=promise,
        hand_over=case,
    )
    if not promise.source.startswith("receipt:"):
        return record
    return structs.replace(record, state="kept", settled_at=turn.finished_at, why=promise.source)


def kept_by_receipt(record: PromiseRecord, receipt: Receipt) -> str:
    """The evidence, when this action is what was promised; empty otherwise."""
    promise = record.promise
    fits = receipt.kind in RECEIPTS.get(promise.kind, ()) and receipt.status == "done"
    if not fits or promise.order not in {"", receipt.order_number}:
        return ""
    return f"receipt:{receipt.kind}:{receipt.order_number}"


def kept_by_staff(record: PromiseRecord, turn: TurnFinished, *, by: str) -> str:
    """The evidence, when staff's message in the conversation is the answer that was promised."""
    later = turn.turn_id != record.turn_id and turn.finished_at >= record.made_at
    return by if record.promise.kind in _ANSWERS and later else ""


def voided_by_case(record: PromiseRecord, case: Case) -> str:
    """Why nobody waits for the answer or the call any more: the case that it was promised for is over.

    What staff promised themselves outlives it. A case that was merged goes on in another.
    """
    contact = record.promise.kind in _ANSWERS | {"call_back"} and record.made_by == "bot"
    of_it = contact and record.hand_over == case.id
    over = not case.open and not case.merged_into
    return f"case:{case.id}/{case.phase}" if of_it and over else ""


def kept_by_order(record: PromiseRecord, order: ShopOrderChanged) -> str:
    """The evidence, when the shop tells of the refund or of the parcel that was promised.

    Of what a carrier promises the shop tells nothing: that a parcel left does not mean that it arrived.
    """
    promise = record.promise
    if not promise.order or promise.order != order.number or order.changed_at < record.made_at:
        return ""
    if promise.kind == "refund" and order.payment in _PAID_BACK:
        return f"order:{order.number}/payment"
    sent = promise.kind == "delivery_date" and promise.by != "carrier" and order.fulfillment == "fulfilled"
    return f"order:{order.number}/fulfillment" if sent else ""


def voided_by_order(record: PromiseRecord, order: ShopOrderChanged) -> str:
    """Why nobody waits for it any more: what was to be delivered is cancelled."""
    promise = record.promise
    gone = promise.order == order.number and bool(order.cancel_reason) and order.changed_at >= record.made_at
    return f"order:{order.number}/cancelled" if promise.kind == "delivery_date" and gone else ""


def kept_by_ticket(record: PromiseRecord, ticket: TicketChanged) -> str:
    """The evidence, when the helpdesk tells of an answer to the customer, or that all is settled."""
    if not record.hand_over or record.hand_over != ticket.hand_over_id or ticket.changed_at < record.made_at:
        return ""
    settled = ticket.status in {"solved", "closed"} and ticket.change != "merged"
    answered = ticket.public or settled
    return f"ticket:{ticket.ticket}" if record.promise.kind in _ANSWERS and answered else ""


def kept_by_task(record: PromiseRecord, task: TaskChanged) -> str:
    """The evidence, when its follow-up was done, or the call-back or reminder that it promised."""
    return f"task:{task.task_id}" if task.status == "done" and is_of(task, record) else ""


def is_of(task: TaskChanged, record: PromiseRecord) -> bool:
    """Whether this is the promise's own follow-up, or what was promised for that time."""
    due = record.promise.due
    same = due is not None and abs(task.due_at - due.until) <= SAME_SECONDS
    return task.task_id == record.id or (same and task.kind == asked_for(record))
