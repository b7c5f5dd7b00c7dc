"""What who waits is told of the wait: from staff who are there, a range, and nothing that nobody knows."""

from datetime import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared import cases as fold
from shared import contracts as c
from shared.ports import Duty
from shared.routing.calendar import Calendar
from shared.routing.queues import Queue
from shared.routing.waiting import Floor, Outlook, at_risk, outlook
from tests.cases.examples import hand_over, opened
from tests.routing.test_calendar import eastern

WEEK = ((((time(8), time(12)), (time(13), time(20))),) * 6) + ((),)
ANSWER: dict[c.Priority, float] = {"urgent": 60.0, "high": 60.0, "normal": 60.0, "low": 60.0}
QUEUE = Queue("support", Calendar("America/New_York", WEEK), ANSWER, most=2, handling=(300.0, 1200.0))
FRIDAY = eastern("2026-11-20T10:00")


def member(name: str, **more: Any) -> Duty:
    return Duty(member_id=name, name=name, **{"state": "available", **more})


def case(at: float = FRIDAY, language: c.Language = "en") -> c.Case:
    return structs.replace(fold.opened(opened(hand_over(at=at))), language=language)


def look(
    position: int,
    *staff: Duty,
    now: float = FRIDAY,
    language: c.Language = "en",
    queue: Queue = QUEUE,
    **more: Any,
) -> Outlook:
    return outlook(case(now, language), position, queue, Floor(now, staff, **{"loads": {}, **more}))


def test_who_finds_a_free_member_waits_a_moment() -> None:
    """Two members with room for two each: the fourth in line still finds one."""
    found = look(4, member("ana"), member("lee"))
    assert (found.kind, found.low, found.offer) == ("minutes", 0, False)
    assert found.high <= 10


def test_a_longer_line_is_a_longer_range() -> None:
    """Both are busy with two each: the sixth waits for six cases to end, three by each."""
    found = look(6, member("ana"), member("lee"), loads={"staff:ana": 2, "staff:lee": 2})
    assert (found.kind, found.low, found.high, found.offer) == ("minutes", 10, 30, True)


def test_more_staff_is_a_shorter_wait() -> None:
    """Who comes in is counted at once; who is away, speaks another language or lacks a skill is not."""
    busy = {"staff:ana": 2, "staff:lee": 2}
    alone = look(3, member("ana"), loads=busy)
    assert look(3, member("ana"), member("lee", state="away"), loads=busy) == alone
    assert look(3, member("ana"), member("lee", languages=("fr",)), loads=busy) == alone
    assert look(3, member("ana"), member("lee"), loads=busy).high < alone.high
    law = Queue("legal", QUEUE.calendar, ANSWER, most=2, handling=QUEUE.handling, skills=("law",))
    assert look(1, member("ana"), queue=law).kind == "unknown"
    assert look(1, member("ana", skills=("gifts", "law")), queue=law).kind == "minutes"


def test_what_cases_took_is_measured() -> None:
    """Thirty closed cases of two minutes weigh more than what the file supposes."""
    busy = {"staff:ana": 2}
    assumed, measured = (
        look(4, member("ana"), loads=busy),
        look(4, member("ana"), loads=busy, handling=[120.0] * 30),
    )
    assert (measured.low, measured.high) == (3, 5)
    assert assumed.low > measured.high


def test_when_nobody_is_there_no_minutes_are_promised() -> None:
    """Nobody knows when somebody comes."""
    assert look(1) == Outlook(1, "unknown", offer=True)
    assert look(1, member("ana", state="away")).kind == "unknown"


def test_outside_the_hours_it_says_when_it_opens() -> None:
    """On a Saturday evening that is Monday; so it is for who would not come up before closing."""
    night = look(1, member("ana"), now=eastern("2026-11-21T21:00"))
    assert (night.kind, night.opens_at) == ("closed", eastern("2026-11-23T08:00"))
    late = look(30, member("ana"), now=eastern("2026-11-20T19:30"), loads={"staff:ana": 2})
    assert (late.kind, late.opens_at, late.offer) == ("closed", eastern("2026-11-21T08:00"), True)


def test_a_break_is_part_of_the_wait() -> None:
    """Ten minutes before noon a wait may last until after the break, and the range says so."""
    before = look(3, member("ana"), now=eastern("2026-11-20T11:50"), loads={"staff:ana": 2})
    assert before.kind == "minutes"
    assert before.high >= 70
    assert look(1, member("ana"), now=eastern("2026-11-20T12:30")).opens_at == eastern("2026-11-20T13:00")


def test_who_was_promised_a_moment_and_still_waits_is_promised_nothing_more() -> None:
    """Whoever is there has not looked up: the estimate has proved wrong."""
    waiting = case(at=FRIDAY)
    later = FRIDAY + 3600
    assert outlook(waiting, 1, QUEUE, Floor(later, (member("ana"),), {})).kind == "unknown"


def test_a_very_long_wait_is_only_told_to_be_long() -> None:
    """Not "between 97 and 346 minutes"."""
    found = look(20, member("ana"), loads={"staff:ana": 2})
    assert (found.kind, found.low) == ("long", 60)


@given(
    position=st.integers(1, 60),
    staff=st.integers(0, 5),
    load=st.integers(0, 4),
    hour=st.integers(0, 7 * 24 * 4),
    handling=st.lists(st.floats(1, 20_000), max_size=30),
)
def test_a_range_is_a_range_of_round_minutes(
    position: int, staff: int, load: int, hour: int, handling: list[float]
) -> None:
    """Whatever the line, staff and hour: low is not above high, one further behind never waits less."""
    people = [member(f"m{n}") for n in range(staff)]
    now = FRIDAY + hour * 900
    loads = {each.actor: load for each in people}
    first, second = (
        look(p, *people, now=now, loads=loads, handling=handling) for p in (position, position + 1)
    )
    steps = {0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120}
    for found in (first, second):
        assert {found.low, found.high} <= steps
        assert found.kind != "minutes" or found.low < found.high
        assert (found.kind == "closed") == (found.opens_at > 0)
        assert found.opens_at == 0.0 or found.opens_at > now
    if first.kind == second.kind == "minutes":
        assert (first.low, first.high) <= (second.low, second.high)


def test_what_is_at_risk_by_the_queues_hours() -> None:
    """Due right after the night, it is at risk in the evening; answered or late, it is not any more."""
    evening, morning = eastern("2026-11-19T19:55"), eastern("2026-11-20T08:05")
    due = structs.replace(case(), due_at=morning)
    assert at_risk(due, QUEUE, evening)
    assert not at_risk(due, QUEUE, evening - 600)
    assert not at_risk(due, QUEUE, morning + 1)
    assert not at_risk(structs.replace(due, first_spoke_at=1.0), QUEUE, evening)
