"""When a queue is open, and how working time passes: nights, breaks and holidays do not count."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Shift = tuple[time, time]
"""From when to when of a day by the clock on the wall; an end of 00:00 is the end of the day."""

MOST_DAYS = 400
"""No opening within so many days means that the queue is never open; the file with such hours is refused."""


@dataclass(frozen=True)
class Calendar:
    """Opening hours of a week (Monday is 0) with breaks taken out, in a time zone, and days off.

    Moments are seconds since 1970. Shifts are by the wall clock, durations by the real one: on the night of a
    change of the clocks a shift over it is an hour longer or shorter.
    """

    zone: str
    week: tuple[tuple[Shift, ...], ...]
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: float) -> bool:
        """Whether somebody works at this moment; the last moment of a shift is none."""
        return self.opens_at(at) == at

    def opens_at(self, at: float) -> float | None:
        """This moment when it is open, else the next at which it is; None when it never opens again."""
        return next((max(start, at) for start, _ in self._from(at)), None)

    def closes_at(self, at: float) -> float | None:
        """The end of the shift that this moment is in, or of the next one; None when there is none."""
        return next((end for _, end in self._from(at)), None)

    def after(self, at: float, seconds: float) -> float | None:
        """When `seconds` of working time have passed since `at`; None when they never will have.

        No time at all has passed at the next opening: promising an answer at night would be a lie.
        """
        left = seconds
        for start, end in self._from(at):
            begin = max(start, at)
            if begin + left <= end:
                return begin + left
            left -= end - begin
        return None

    def worked(self, since: float, until: float) -> float:
        """Seconds of working time between two moments; 0 when they are the wrong way round."""
        done = 0.0
        for start, end in self._from(since):
            if start >= until:
                break
            done += min(end, until) - max(start, since)
        return max(0.0, done)

    def _from(self, at: float) -> Iterator[tuple[float, float]]:
        """Shifts that end behind `at`, the earliest first; endless, unless none comes for `MOST_DAYS`."""
        # A day early: a shift may end with its day, where the clocks have set a moment back into the next.
        first = datetime.fromtimestamp(at, ZoneInfo(self.zone)).date() - timedelta(days=1)
        empty = 0
        day = first
        while empty <= MOST_DAYS:
            shifts = () if day in self.holidays else self.week[day.weekday()]
            spans = _spans(self.zone, day, shifts)
            for start, end in spans:
                if end > at:
                    empty = 0
                    yield start, end
            empty += 1
            day += timedelta(days=1)


@lru_cache(4096)
def _spans(zone: str, day: date, shifts: tuple[Shift, ...]) -> tuple[tuple[float, float], ...]:
    """The shifts of this day as moments; one that the change of the clocks leaves nothing of is none."""
    spans = ((_moment(zone, day, start), _moment(zone, day, end, ends=True)) for start, end in shifts)
    return tuple((start, end) for start, end in spans if start < end)


def _moment(zone: str, day: date, at: time, *, ends: bool = False) -> float:
    """Of an hour that comes twice a shift begins in the first and ends in the second.

    One that ends where such an hour begins has ended when that first comes. In an hour that is left out a
    shift begins or ends when the clocks jump.
    """
    if ends and at == time(0):
        day += timedelta(days=1)
    local = datetime.combine(day, at, ZoneInfo(zone))
    first, second = local.timestamp(), local.replace(fold=1).timestamp()
    if second >= first:
        last = local - timedelta(minutes=1)
        goes_on = last.timestamp() < last.replace(fold=1).timestamp()
        return second if ends and goes_on else first
    after = local.replace(fold=1).utcoffset()
    minutes = range(int(second) // 60, int(first) // 60 + 1)
    jump = bisect_left(
        minutes, True, key=lambda m: datetime.fromtimestamp(m * 60, local.tzinfo).utcoffset() == after
    )
    return minutes[jump] * 60.0


def without(shifts: tuple[Shift, ...], breaks: tuple[Shift, ...]) -> tuple[Shift, ...]:
    """What is left of these shifts when the breaks are taken out."""
    left = shifts
    for begins, ends in breaks:
        kept: list[Shift] = []
        for start, end in left:
            if _minutes(ends) <= minutes_of(start) or minutes_of(begins) >= _minutes(end):
                kept.append((start, end))
                continue
            if start < begins:
                kept.append((start, begins))
            if _minutes(ends) < _minutes(end):
                kept.append((ends, end))
        left = tuple(kept)
    return left


def minutes_of(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute


def _minutes(end: time) -> int:
    return minutes_of(end) or 24 * 60
