"""What a customer who waits may be told: their place, and a range of minutes as good as it is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Literal

from shared.cases import answer_due
from shared.contracts import Case
from shared.ports import Duty
from shared.routing.queues import Queue

ALIVE_SECONDS = 180.0
"""A member without a sign of life so long is not there. A browser that works is noted once a minute."""

AT_RISK_SECONDS = 900.0
"""Of working time: without a first answer a quarter of an hour before it is due, a case is at risk."""
_STEPS = (0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)
"""Minutes that are told: between two of them nobody knows better."""
_LEAST = 2
"""Minutes: nobody knows a wait to the minute."""
_LONGEST_BREAK = 2 * 3600.0
"""Seconds: a longer one is the end of the day."""
_PRIOR = 4
"""What the file says of handling times counts like so many cases beside the measured ones."""


@dataclass(frozen=True)
class Outlook:
    """How it stands for one who waits.

    `kind` says which of the rest is known: `minutes` (from `low` to `high`, 0 is right away), `long` (more
    than `low` minutes), `closed` (until `opens_at`), `unknown` (nobody is there for it now). `offer`: a call
    or an e-mail instead is worth offering.
    """

    position: int
    kind: Literal["minutes", "long", "closed", "unknown"]
    low: int = 0
    high: int = 0
    opens_at: float = 0.0
    offer: bool = False


@dataclass(frozen=True)
class Floor:
    """Who works now, with how many cases each (`loads`, by actor); `handling` are seconds of closed cases."""

    now: float
    staff: Sequence[Duty]
    loads: Mapping[str, int]
    handling: Sequence[float] = ()


def at_risk(case: Case, queue: Queue, now: float) -> bool:
    """Whether the first answer to it may still be in time, if somebody gives it soon.

    By the queue's hours: what is due when it has just opened is at risk before it closes the day before.
    """
    if not answer_due(case) or case.due_at < now:
        return False
    return queue.calendar.worked(now, case.due_at) <= AT_RISK_SECONDS


def serves(member: Duty, queue: Queue, case: Case) -> bool:
    """Whether this member may be given such a case: their languages and skills, and the queue's."""
    speaks = case.language in member.languages
    return speaks and set(queue.skills) <= set(member.skills)


def outlook(case: Case, position: int, queue: Queue, floor: Floor) -> Outlook:
    """What is known for this case at this place of its queue.

    Everybody who serves it and is available takes up to `queue.most` cases at once. As many as fit are taken
    right away; each further one waits until as many of the cases in hand are done. How long that takes lies
    between the quick and the slow quarter of the cases before.
    """
    opens = queue.calendar.opens_at(floor.now)
    if opens is None:
        return Outlook(position, "unknown", offer=True)
    if opens > floor.now:
        return Outlook(position, "closed", opens_at=opens, offer=True)
    return _open_now(case, position, queue, floor)


def _open_now(case: Case, position: int, queue: Queue, floor: Floor) -> Outlook:
    there = [each for each in floor.staff if each.state == "available" and serves(each, queue, case)]
    if not there:
        return Outlook(position, "unknown", offer=True)
    free = sum(max(0, queue.most - floor.loads.get(each.actor, 0)) for each in there)
    in_hand = max(1, sum(min(queue.most, floor.loads.get(each.actor, 0)) for each in there))
    quick, slow = pace(floor.handling, queue)
    behind = max(0, position - free)
    low, high = quick * behind / in_hand, slow * max(1, behind) / in_hand
    if not behind:
        # There is room: it takes no more than somebody looking up from what they do.
        high = min(high, quick)
    closes = queue.calendar.closes_at(floor.now) or floor.now
    again = queue.calendar.opens_at(closes)
    if floor.now + low > closes and (again is None or again - closes > _LONGEST_BREAK):
        return Outlook(position, "closed", opens_at=again or 0.0, offer=True)
    # What begins before a break and ends behind it takes the break longer, and over night the night.
    low, high = (_passing(queue, floor.now, seconds) for seconds in (low, high))
    if not behind and floor.now - case.opened_at > 2 * high:
        # They wait longer than that already: whoever is there has not looked up.
        return Outlook(position, "unknown", offer=True)
    least = max(step for step in _STEPS if step * 60 <= low)
    most = next((step for step in _STEPS if step * 60 >= high), None)
    if most is None and least < _LEAST:
        return Outlook(position, "unknown", offer=True)
    if most is None:
        return Outlook(position, "long", low=least, offer=True)
    return Outlook(
        position, "minutes", low=least, high=max(most, _LEAST), offer=most * 60 >= queue.offer_contact
    )


def pace(handling: Sequence[float], queue: Queue) -> tuple[float, float]:
    """Seconds of the quick and the slow quarter of cases; measured ones count more the more there are."""
    low, high = queue.handling
    prior = [low + (high - low) * n / (_PRIOR - 1) for n in range(_PRIOR)]
    quick, _, slow = quantiles([*handling, *prior], n=4, method="inclusive")
    return quick, slow


def _passing(queue: Queue, now: float, seconds: float) -> float:
    due = queue.calendar.after(now, seconds)
    return seconds if due is None else due - now
