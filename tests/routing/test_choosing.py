"""Whom the clock gives a case to, from whom it takes it, and what waiting leads to."""

from typing import Any

import pytest
from msgspec import structs

from shared import cases as fold
from shared import contracts as c
from shared.routing.choosing import Move, is_silent, move, whom
from shared.routing.queue_file import Route, Step
from shared.routing.queues import Queue, Routing
from tests.cases.examples import hand_over, opened
from tests.routing.test_calendar import eastern
from tests.routing.test_waiting import FRIDAY, QUEUE, member

HOUR = 3600.0
STEPS = (Step(after_minutes=30, priority="high"), Step(after_minutes=60, queue="leads", priority="urgent"))
FIRST_ANSWER: dict[c.Priority, float] = {
    "urgent": HOUR,
    "high": 4 * HOUR,
    "normal": 8 * HOUR,
    "low": 24 * HOUR,
}


def queue(name: str = "support", **more: Any) -> Queue:
    return Queue(name, QUEUE.calendar, FIRST_ANSWER, **{"assignment": "least_busy", "most": 2, **more})


def shop(*queues: Queue) -> Routing:
    return Routing({each.name: each for each in queues}, {"other": Route(queues[0].name, "normal")})


ESCALATING = shop(queue(escalate=STEPS), queue("leads"))


def waiting(at: float = FRIDAY, **more: Any) -> c.Case:
    return structs.replace(fold.opened(opened(hand_over(at=at))), **more)


def claimed(case: c.Case, at: float, by: str = "staff:ana") -> c.Case:
    return fold.after(case, c.CaseClaimed(at=at, by=by, name="Ana", turn_id=f"s-{at}"))


def spoken(case: c.Case, at: float) -> c.Case:
    return fold.after(case, c.StaffSpoke(at=at, by=case.owner, name="Ana", text="Hi.", turn_id=f"s-{at}"))


def moved(case: c.Case, to: Move) -> c.Case:
    return fold.after(
        case,
        c.CaseMoved(
            at=1.0, by="clock", queue=to.queue, priority=to.priority, due_at=to.due_at, waited=to.waited
        ),
    )


def wrote(case: c.Case, at: float) -> c.Case:
    return fold.after(case, c.CustomerWrote(at=at, turn_id=f"t-{at}"))


def test_who_claims_and_says_nothing_loses_it() -> None:
    """Twenty minutes of working time after the claim; the customer cannot put it off by writing again."""
    case = claimed(waiting(), FRIDAY + 60)
    case = wrote(case, FRIDAY + 1200)
    assert not is_silent(case, ESCALATING, FRIDAY + 60 + 1199)
    assert is_silent(case, ESCALATING, FRIDAY + 60 + 1200)


def test_who_has_answered_may_wait_for_the_customer() -> None:
    """The timer begins again with the first word that nobody has answered."""
    case = spoken(claimed(waiting(), FRIDAY + 60), FRIDAY + 120)
    assert not is_silent(case, ESCALATING, FRIDAY + 6 * HOUR)
    case = wrote(wrote(case, FRIDAY + HOUR), FRIDAY + HOUR + 1100)
    assert is_silent(case, ESCALATING, FRIDAY + HOUR + 1200)
    assert not is_silent(spoken(case, FRIDAY + HOUR + 1199), ESCALATING, FRIDAY + HOUR + 1300)


def test_nights_and_breaks_are_no_silence() -> None:
    """Claimed at ten to eight in the evening, it is lost ten minutes after the next opening."""
    case = claimed(waiting(eastern("2026-11-20T19:00")), eastern("2026-11-20T19:50"))
    assert not is_silent(case, ESCALATING, eastern("2026-11-21T08:09"))
    assert is_silent(case, ESCALATING, eastern("2026-11-21T08:10"))


def test_who_calls_the_customer_is_not_silent() -> None:
    """Nothing of a call is seen here, and its task has its own time; before the number is known they are."""
    case = claimed(waiting(), FRIDAY)
    wish = c.ContactAsked(at=FRIDAY, wish=c.ContactWish(channel="phone"), turn_id="t-1")
    assert is_silent(fold.after(case, wish), ESCALATING, FRIDAY + HOUR)
    known = structs.replace(wish, wish=c.ContactWish(channel="phone", value="TOKEN_1"))
    assert not is_silent(fold.after(case, known), ESCALATING, FRIDAY + HOUR)
    here = structs.replace(wish, wish=c.ContactWish(channel="chat"))
    assert is_silent(fold.after(fold.after(case, known), here), ESCALATING, FRIDAY + HOUR)


def test_who_took_over_unasked_keeps_it_until_the_customer_writes() -> None:
    """Nobody waits for an answer before that."""
    case = claimed(fold.opened(structs.replace(opened(hand_over(at=FRIDAY)), taken=True)), FRIDAY)
    assert not is_silent(case, ESCALATING, FRIDAY + 6 * HOUR)
    assert is_silent(wrote(case, FRIDAY + HOUR), ESCALATING, FRIDAY + HOUR + 1200)


def test_waiting_raises_the_priority_and_then_moves_on() -> None:
    """Each step once, with a due time that is never later than what the customer was told."""
    case = waiting()
    assert move(case, ESCALATING, FRIDAY + 29 * 60) is None
    first = move(case, ESCALATING, FRIDAY + 30 * 60)
    assert first is not None
    assert (first.queue, first.priority, first.waited) == ("support", "high", 30)
    case = moved(case, first)
    assert (case.priority, case.due_at) == ("high", first.due_at)
    assert move(case, ESCALATING, FRIDAY + 59 * 60) is None
    second = move(case, ESCALATING, FRIDAY + 60 * 60)
    assert second is not None
    assert (second.queue, second.priority, second.due_at) == ("leads", "urgent", case.due_at)
    case = moved(case, second)
    assert move(case, ESCALATING, FRIDAY + 9e5) is None
    back = c.CaseMoved(at=1.0, by="staff:lead", queue="support", priority="low", due_at=case.due_at)
    assert move(fold.after(case, back), ESCALATING, FRIDAY + 9e5) is None, "a lead knows better"


def test_after_a_long_sleep_only_the_last_step_is_taken() -> None:
    """A desk that was off for a day does not tell the story of every hour."""
    found = move(waiting(), ESCALATING, FRIDAY + 5 * HOUR)
    assert found is not None
    assert found.queue == "leads"


def test_nobody_is_escalated_at_night_nor_in_the_hands_of_a_person() -> None:
    """Working time counts; a night raises nothing, a person who has it neither."""
    night = waiting(eastern("2026-11-20T20:05"))
    assert move(night, ESCALATING, eastern("2026-11-21T08:29")) is None
    assert move(night, ESCALATING, eastern("2026-11-21T08:30")) is not None
    assert move(claimed(waiting(), FRIDAY), ESCALATING, FRIDAY + 9 * HOUR) is None
    answered = structs.replace(waiting(), spoke_at=FRIDAY + HOUR)  # and given back after
    assert move(answered, ESCALATING, FRIDAY + HOUR + 60) is None


def test_the_least_busy_member_is_given_it() -> None:
    """Of equals the one who has waited longest for a case; nobody beyond their limit."""
    ana, lee, zoe = member("ana", given_at=9.0), member("lee", given_at=5.0), member("zoe", given_at=7.0)
    staff = (ana, lee, zoe)
    assert whom(waiting(), queue(), staff, {}) == lee
    assert whom(waiting(), queue(), staff, {"staff:lee": 1}) == zoe
    assert whom(waiting(), queue(), staff, {"staff:lee": 2, "staff:zoe": 2, "staff:ana": 1}) == ana
    assert whom(waiting(), queue(), staff, {each.actor: 2 for each in staff}) is None


def test_round_robin_goes_around() -> None:
    """Whatever they have: whose turn was longest ago is next, within the limit."""
    ana, lee = member("ana", given_at=9.0), member("lee", given_at=5.0)
    around = queue(assignment="round_robin")
    assert whom(waiting(), around, (ana, lee), {"staff:lee": 1}) == lee
    assert whom(waiting(), around, (ana, lee), {"staff:lee": 2}) == ana


@pytest.mark.parametrize(
    "unfit",
    [
        {"state": "away"},
        {"languages": ("fr", "es")},
        {"skills": ("gifts",)},
    ],
)
def test_only_who_can_is_given_it(unfit: dict[str, Any]) -> None:
    """There, of the customer's language, with the skill of the queue."""
    law = queue(skills=("law",))
    able = member("lee", skills=("law",), given_at=99.0)
    assert whom(waiting(), law, (member("ana", **{"skills": ("law",), **unfit}), able), {}) == able
    assert whom(waiting(), law, (member("ana", **{"skills": ("law",), **unfit}),), {}) is None


def test_who_lost_it_is_not_given_it_again() -> None:
    """The customer would wait for the same silence twice; by hand they may still claim it."""
    case = claimed(waiting(), FRIDAY)
    lost = fold.after(case, c.CaseReleased(at=FRIDAY + HOUR, by="clock", why="silent"))
    assert lost.silent == ("staff:ana",)
    assert whom(lost, queue(), (member("ana"), member("lee", given_at=99.0)), {}) == member(
        "lee", given_at=99.0
    )
    assert whom(lost, queue(), (member("ana"),), {}) is None
    gave = fold.after(case, c.CaseReleased(at=FRIDAY + HOUR, by="staff:ana"))
    assert gave.silent == ()


def test_a_queue_that_is_worked_by_hand_gives_nothing() -> None:
    """Nor is anything given that a person has."""
    assert whom(waiting(), queue(assignment="manual"), (member("ana"),), {}) is None
    assert whom(claimed(waiting(), FRIDAY), queue(), (member("lee"),), {}) is None
