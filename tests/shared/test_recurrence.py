"""When tasks come again: month ends, clock changes, ends of a rule; every day of many zones."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts import Every, Recurrence
from shared.recurrence import known_zone, moment, occurrence, wall

NEW_YORK = ZoneInfo("America/New_York")
# Clocks that change by an hour, by half an hour, never, and once by a whole day (Apia, 30 December 2011).
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"]
)
WALLS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)).map(  # noqa: DTZ001  wall clocks
    lambda at: at.replace(second=0, microsecond=0)
)
EVERY = st.sampled_from(["day", "week", "month", "year"])
MINUTE = 60.0


def rule(starts: str, every: Every, interval: int = 1, *, until: float = 0.0, count: int = 0) -> Recurrence:
    return Recurrence(starts=starts, every=every, interval=interval, until=until, count=count)


def shown(each: Recurrence, zone: ZoneInfo, times: int) -> list[str]:
    due = [occurrence(each, zone, number) for number in range(times)]
    return [wall(at, zone) for at in due if at is not None]


def test_the_31st_is_the_last_day_of_shorter_months_and_comes_back() -> None:
    """Nothing is skipped, and February shortens February alone."""
    assert shown(rule("2028-01-31T09:00", "month"), NEW_YORK, 5) == [
        "2028-01-31T09:00", "2028-02-29T09:00", "2028-03-31T09:00", "2028-04-30T09:00", "2028-05-31T09:00",
    ]  # fmt: skip


def test_leap_day_is_the_28th_in_other_years() -> None:
    """It comes back, too."""
    years = shown(rule("2028-02-29T09:00", "year"), NEW_YORK, 5)
    assert [each[:10] for each in years] == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


def test_nine_stays_nine_when_the_clocks_change() -> None:
    """The days between are 23 and 25 hours long."""
    spring, autumn = rule("2026-03-07T09:00", "day"), rule("2026-10-31T09:00", "day")
    for each, hours in ((spring, 23), (autumn, 25)):
        first, second = (occurrence(each, NEW_YORK, number) or 0.0 for number in (0, 1))
        assert second - first == hours * 3600
        assert wall(second, NEW_YORK)[11:] == "09:00"


def test_a_skipped_time_is_the_next_that_is_there() -> None:
    """02:30 is 03:00 on the day the clocks go forward, and 02:30 again the day after."""
    days = shown(rule("2026-03-07T02:30", "day"), NEW_YORK, 3)
    assert days == ["2026-03-07T02:30", "2026-03-08T03:00", "2026-03-09T02:30"]


def test_a_time_that_comes_twice_is_the_first() -> None:
    """01:30 on the day the clocks go back: in summer time."""
    at = occurrence(rule("2026-11-01T01:30", "day"), NEW_YORK, 0) or 0.0
    assert datetime.fromtimestamp(at, UTC).hour == 5


def test_a_rule_ends_by_count_or_by_date() -> None:
    """What is due at `until` itself is still due."""
    third = moment(datetime(2026, 1, 15, 9), NEW_YORK)  # noqa: DTZ001  a wall clock
    fortnight = ["2026-01-01T09:00", "2026-01-15T09:00"]
    assert shown(rule("2026-01-01T09:00", "week", 2, count=2), NEW_YORK, 9) == fortnight
    assert shown(rule("2026-01-01T09:00", "week", 2, until=third), NEW_YORK, 9) == fortnight


def test_no_rule_goes_beyond_the_calendar() -> None:
    """Python's ends with the year 9999."""
    assert occurrence(rule("2026-01-01T09:00", "year", 999), NEW_YORK, 8) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America", "x\0y", "é" * 300])
def test_what_is_no_zone(name: str) -> None:
    """Whatever a form brings: None, never an error or a file of elsewhere."""
    assert known_zone(name) is None


@given(ZONES, WALLS, EVERY, st.integers(1, 13), st.integers(0, 40))
@example("Australia/Lord_Howe", datetime(2026, 10, 3, 2, 15), "day", 1, 1)  # noqa: DTZ001
@example("Pacific/Apia", datetime(2011, 12, 29, 9, 0), "day", 1, 1)  # noqa: DTZ001
def test_the_wall_clock_shows_it_or_it_is_the_end_of_a_gap(
    name: str, first: datetime, every: Every, interval: int, number: int
) -> None:
    """Day and time are those of the first by the calendar, except where the clocks skip them."""
    zone = ZoneInfo(name)
    at = occurrence(rule(first.strftime("%Y-%m-%dT%H:%M"), every, interval), zone, number)
    assert at is not None
    steps = number * interval
    if every in ("day", "week"):
        expected = first + timedelta(days=steps * (7 if every == "week" else 1))
    else:
        index = first.month - 1 + steps * (12 if every == "year" else 1)
        year, month = first.year + index // 12, index % 12 + 1
        expected = first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))
    if wall(at, zone) != expected.strftime("%Y-%m-%dT%H:%M"):
        # Skipped: a second before, the clock was still short of it, and now it is past.
        before = datetime.fromtimestamp(at - 1, zone).replace(tzinfo=None)
        assert before < expected < datetime.fromtimestamp(at, zone).replace(tzinfo=None)


@given(ZONES, WALLS, EVERY, st.integers(1, 5))
def test_time_never_runs_back(name: str, first: datetime, every: Every, interval: int) -> None:
    """Each occurrence is due after the one before; only a skipped day falls on the next one's."""
    zone = ZoneInfo(name)
    each = rule(first.strftime("%Y-%m-%dT%H:%M"), every, interval)
    due = [occurrence(each, zone, number) or 0.0 for number in range(15)]
    assert all(later >= earlier for earlier, later in pairwise(due))
    assert len(set(due)) >= len(due) - 1
