"""Resolves a moment into seconds since 1970, by the clock and the calendar of the shop."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.contracts import Due
from shared.promises.calendar import after_business_days
from shared.promises.when import Moment

_DAY = timedelta(days=1)
_LAST = time(23, 59, 59)
_SECONDS = {"minute": 60.0, "hour": 3600.0}
_FRIDAY, _SUNDAY = 4, 6
_MOST_DAYS = 3650
"""What is further away is no date that anybody waits for."""


def resolved(moment: Moment, said: str, *, now: float, zone: str) -> Due | None:
    """When it is, read at `now` in `zone` unless the words name another; None for what is no real date."""
    name = moment.zone or zone
    tz = ZoneInfo(name)
    at = datetime.fromtimestamp(now, tz)
    if moment.length is not None and moment.unit in _SECONDS:
        first, last = (now + each * _SECONDS[moment.unit] for each in moment.length)
        return Due(since=first if first < last else 0.0, until=last, zone=name, said=said)
    days = _days(moment, at)
    if days is None or abs((days[1] - at.date()).days) > _MOST_DAYS:
        return None
    first_day, last_day = days
    if moment.clock is not None:
        since = datetime.combine(first_day, _clock(moment.clock[0]), tz)
        until = datetime.combine(last_day, _clock(moment.clock[1]), tz)
    else:
        since, until = datetime.combine(first_day, time(0), tz), datetime.combine(last_day, _LAST, tz)
    ranged = moment.length is not None and moment.length[0] == moment.length[1]
    begins = 0.0 if moment.limit or ranged or since.timestamp() <= now else since.timestamp()
    return Due(since=begins, until=until.timestamp(), zone=name, said=said)


def _days(moment: Moment, at: datetime) -> tuple[date, date] | None:
    """The first and the last day of it."""
    today = at.date()
    if moment.length is not None:
        return _after(today, moment.length[0], moment.unit), _after(today, moment.length[1], moment.unit)
    if moment.stretch is not None:
        return _stretch(moment.stretch, today)
    day = _day(moment, at)
    if day is None:
        return None
    if moment.excluded and day > today:
        day -= _DAY
    return day, day


def _day(moment: Moment, at: datetime) -> date | None:
    today = at.date()
    if moment.date is not None:
        return _date(moment.date, today)
    if moment.weekday is not None:
        ahead = (moment.weekday - today.weekday()) % 7
        if moment.later and ahead <= _SUNDAY - today.weekday():
            ahead += 7
        # On a Friday nobody says "Friday" for today.
        return today + _DAY * (ahead or 7)
    if moment.day is not None:
        return today + _DAY * moment.day
    # An hour alone: today's, or tomorrow's when it has passed.
    assert moment.clock is not None
    passed = at.hour * 60 + at.minute >= moment.clock[1]
    return today + _DAY * passed


def _date(said: tuple[int, int, int], today: date) -> date | None:
    year, month, day = said
    try:
        if year:
            return date(year, month, day)
        this = date(today.year, month, day)
        # In December, "by January 4" is next year's; "on November 3" in November was.
        return this if (today - this).days < 180 else date(today.year + 1, month, day)
    except ValueError:
        return None


def _after(today: date, count: float, unit: str) -> date:
    if unit == "business":
        return after_business_days(today, min(int(count), _MOST_DAYS))
    if unit == "month":
        months = today.month - 1 + int(count)
        year, month = today.year + months // 12, months % 12 + 1
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, min(today.day, (following - _DAY).day))
    return today + timedelta(days=count * (7 if unit == "week" else 1))


def _stretch(name: str, today: date) -> tuple[date, date] | None:
    monday = today - _DAY * today.weekday()
    ends = {
        "this_week": (today, monday + _DAY * _SUNDAY),
        "week_end": (today, monday + _DAY * (_FRIDAY if today.weekday() <= _FRIDAY else _SUNDAY)),
        "weekend": (max(today, monday + _DAY * 5), monday + _DAY * _SUNDAY),
        "next_week": (monday + _DAY * 7, monday + _DAY * 13),
        "next_week_end": (monday + _DAY * 7, monday + _DAY * 11),
    }
    if name in ends:
        return ends[name]
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if name == "month_end":
        return today, following - _DAY
    return following, (following + timedelta(days=32)).replace(day=1) - _DAY


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
