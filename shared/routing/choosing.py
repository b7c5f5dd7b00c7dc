"""What the clock does to cases: whom it gives one to, from whom it takes it, what waiting leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.contracts import RANK, Case, Priority
from shared.ports import Duty
from shared.routing.queues import Queue, Routing
from shared.routing.waiting import serves


@dataclass(frozen=True)
class Move:
    """Where a case goes for having waited so long."""

    queue: str
    priority: Priority
    due_at: float
    waited: int


def is_silent(case: Case, routing: Routing, now: float) -> bool:
    """Whether its owner has left the customer without an answer for longer than the queue allows.

    By working time since they had it and the customer wanted something; who has answered may take their time
    until the customer writes again. Whom they are to call or write to, they do not answer here.
    """
    elsewhere = case.contact is not None and case.contact.value
    if case.phase != "person" or not case.unanswered_at or elsewhere:
        return False
    queue = routing.queue(case.queue)
    since = max(case.claimed_at, case.unanswered_at)
    return queue.calendar.worked(since, now) >= queue.silent


def move(case: Case, routing: Routing, now: float) -> Move | None:
    """The furthest step that its waiting has reached and that is not taken yet; None when there is none.

    It waits since it was opened, or since a person last answered.
    """
    if case.phase != "waiting":
        return None
    queue = routing.queue(case.queue)
    since = max(case.opened_at, case.spoke_at)
    minutes = queue.calendar.worked(since, now) / 60
    for step in reversed(queue.escalate):
        if step.after_minutes > minutes:
            continue
        if step.after_minutes <= case.waited.get(queue.name, 0):
            return None  # whatever a lead has changed since, was changed on purpose
        to = routing.queue(step.queue) if step.queue else queue
        raised = step.priority is not None and RANK[step.priority] < RANK[case.priority]
        priority = step.priority if step.priority is not None and raised else case.priority
        if raised or to.name != queue.name:
            due = min(case.due_at, to.due_at(priority, case.opened_at))
            return Move(to.name, priority, due, step.after_minutes)
    return None


def whom(case: Case, queue: Queue, staff: Sequence[Duty], loads: Mapping[str, int]) -> Duty | None:
    """The member this case is given to; None when its queue gives none, or nobody has room for it.

    Nobody is given what they have lost by saying nothing, nor more than `queue.most` cases at once.
    """
    if queue.assignment == "manual" or case.phase != "waiting":
        return None
    free = [
        each
        for each in staff
        if each.state == "available"
        and serves(each, queue, case)
        and each.actor not in case.silent
        and loads.get(each.actor, 0) < queue.most
    ]
    if queue.assignment == "round_robin":
        return min(free, key=lambda each: (each.given_at, each.member_id), default=None)
    return min(free, key=lambda each: (loads.get(each.actor, 0), each.given_at, each.member_id), default=None)
