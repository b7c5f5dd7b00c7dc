"""Working time beside a slow clock that looks at every minute; days on which the clocks change included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.routing.calendar import Calendar, Shift, minutes_of, without

ZONES = ("America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
# Around the days of 2026 on which clocks change somewhere, and an ordinary week.
DAYS = (date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 10, 3), date(2026, 10, 24),
        date(2026, 10, 31), date(2026, 7, 14))  # fmt: skip
OFFICE: tuple[Shift, ...] = ((time(8), time(20)),)
SUPPORT = Calendar("America/New_York", (OFFICE,) * 6 + ((),))


def eastern(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()


@st.composite
def shifts_of_a_day(draw: st.DrawFn) -> tuple[Shift, ...]:
    """Up to three, apart from each other, in steps of ten minutes; the last may end with the day."""
    points = sorted(draw(st.sets(st.integers(0, 144), max_size=6)))
    if len(points) % 2:
        points.pop()
    times = [time(point // 6 % 24, point % 6 * 10) for point in points]
    return tuple(zip(times[::2], times[1::2], strict=True))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = tuple(draw(shifts_of_a_day()) for _ in range(7))
    days = draw(st.sets(st.sampled_from(DAYS).map(lambda day: day + timedelta(days=1)), max_size=2))
    return Calendar(draw(st.sampled_from(ZONES)), week, frozenset(days))


def slow_minutes(calendar: Calendar, first: datetime, count: int) -> list[bool]:
    """Whether it is open in each of these minutes, by looking at the clock on the wall in each."""
    zone = ZoneInfo(calendar.zone)
    # A day more on both sides, so that every shift is seen whole.
    moments = [first + timedelta(minutes=m) for m in range(-1440 * 2, count + 1440 * 2)]
    walls = [moment.astimezone(zone) for moment in moments]
    open_at: set[int] = set()
    for day in {wall.date() for wall in walls} - {walls[0].date(), walls[-1].date()}:
        shifts = () if day in calendar.holidays else calendar.week[day.weekday()]
        of_day = [n for n, wall in enumerate(walls) if wall.date() == day]
        for start, end in shifts:
            last = minutes_of(end) or 1440
            # It begins when the wall shows its start or more, ends when it shows less than its end no more.
            begun = [n for n in of_day if minutes_of(walls[n].time()) >= minutes_of(start)]
            not_over = [n for n in of_day if minutes_of(walls[n].time()) < last]
            if begun and not_over:
                open_at.update(range(begun[0], not_over[-1] + 1))
    return [n + 1440 * 2 in open_at for n in range(count)]


@settings(max_examples=60, deadline=None)
@given(calendars(), st.sampled_from(DAYS), st.integers(0, 1439), st.integers(0, 900))
def test_working_time_is_what_a_slow_clock_counts(
    calendar: Calendar, day: date, minute: int, working: int
) -> None:
    """Open or not, the next opening, the due time, and how much of it has passed by then."""
    begin = datetime.combine(day, time(0), UTC) + timedelta(minutes=minute)
    minutes, at = slow_minutes(calendar, begin, 3 * 1440), begin.timestamp()
    assert calendar.is_open(at) == minutes[0]
    opens = next((n for n, is_open in enumerate(minutes) if is_open), None)
    if opens is not None:
        assert calendar.opens_at(at) == at + opens * 60
    worked = [n for n, is_open in enumerate(minutes) if is_open]
    assert calendar.worked(at, at + 3 * 1440 * 60) == len(worked) * 60
    if 0 < working <= len(worked):
        due = at + (worked[working - 1] + 1) * 60
        assert calendar.after(at, working * 60) == due
        assert calendar.worked(at, due) == working * 60


@given(shifts_of_a_day(), shifts_of_a_day())
def test_breaks_are_taken_out_minute_by_minute(shifts: tuple[Shift, ...], breaks: tuple[Shift, ...]) -> None:
    """What is left is every minute of a shift that is in no break."""

    def minutes(spans: tuple[Shift, ...]) -> set[int]:
        return {m for start, end in spans for m in range(minutes_of(start), minutes_of(end) or 1440)}

    assert minutes(without(shifts, breaks)) == minutes(shifts) - minutes(breaks)


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2026-11-20T10:00", 4, "2026-11-20T14:00"),  # a Friday
        ("2026-11-20T03:00", 4, "2026-11-20T12:00"),  # before opening
        ("2026-11-20T18:00", 4, "2026-11-21T10:00"),  # goes on the next day
        ("2026-11-21T19:00", 4, "2026-11-23T11:00"),  # Saturday evening: Sunday does not count
        ("2026-11-22T12:00", 1, "2026-11-23T09:00"),  # on a Sunday
        ("2026-10-31T19:00", 2, "2026-11-02T09:00"),  # over the change of the clocks
    ],
)
def test_an_answer_is_promised_only_for_when_somebody_works(now: str, hours: float, due: str) -> None:
    """Working time is counted, nights and Sundays are not."""
    assert SUPPORT.after(eastern(now), hours * 3600) == eastern(due)


@pytest.mark.parametrize(
    ("zone", "day", "end", "minutes"),
    [
        ("America/New_York", date(2026, 11, 1), time(1), 60),  # over when it first strikes one
        ("America/New_York", date(2026, 11, 1), time(1, 30), 150),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 30), 90),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 40), 130),
    ],
)
def test_an_hour_that_comes_twice_is_worked_once_where_the_shift_ends_with_its_begin(
    zone: str, day: date, end: time, minutes: int
) -> None:
    """A shift into such an hour goes on until its end comes for the second time."""
    nightly = Calendar(zone, (((time(0), end),),) * 7)
    begin = datetime.combine(day, time(0), ZoneInfo(zone)).timestamp()
    assert nightly.worked(begin, begin + 12 * 3600) == minutes * 60


def test_it_opens_next_on_the_day_after_a_holiday() -> None:
    """Thanksgiving is a Thursday, and the evening before it is over."""
    holiday = Calendar(SUPPORT.zone, SUPPORT.week, frozenset({date(2026, 11, 26)}))
    assert holiday.opens_at(eastern("2026-11-25T21:00")) == eastern("2026-11-27T08:00")
    assert not holiday.is_open(eastern("2026-11-26T12:00"))


def test_a_calendar_without_hours_promises_nothing() -> None:
    """None, rather than an endless search."""
    never = Calendar("UTC", ((),) * 7)
    assert never.opens_at(0.0) is None
    assert never.after(0.0, 60.0) is None
    assert never.worked(0.0, 1e7) == 0.0
