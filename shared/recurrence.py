"""When a task that comes again is due, on the wall clocks of its zone.

Ours, because python-dateutil's `rrule` skips the 31st in short months, as RFC 5545 has it, and gives times
that clocks skip as if they were there: what is left of it for us is adding days.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts import Recurrence, Task

_WALL = "%Y-%m-%dT%H:%M"
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def known_zone(name: str) -> ZoneInfo | None:
    """The time zone of this IANA name (`Europe/Paris`), or None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder of zones
        return None


def wall(at: float, zone: ZoneInfo) -> str:
    """What the wall clock shows at `at` (seconds since 1970), to the minute: `2026-01-31T09:00`."""
    return datetime.fromtimestamp(at, zone).strftime(_WALL)


def is_wall(shown: str) -> bool:
    """Whether a wall clock can show this: `2026-02-30T09:00` has the form, and is no day."""
    try:
        datetime.strptime(shown, _WALL)  # noqa: DTZ007  a wall clock has no zone
    except ValueError:
        return False
    return True


def moment(shown: datetime, zone: ZoneInfo) -> float:
    """When the wall clock shows this (without a zone), in seconds since 1970.

    Of a time that comes twice when clocks go back, the first. One that is skipped when they go forward is
    moved to the first that is there: 02:30 to 03:00.
    """
    # PEP 495 ("Mind the Gap"): inside a gap, fold=0 reads the clock of before and so names a moment behind
    # the gap; fold=1 that of after, and one before it. The change itself lies between the two.
    late = shown.replace(tzinfo=zone, fold=0).timestamp()
    if datetime.fromtimestamp(late, zone).replace(tzinfo=None, fold=0) == shown:
        return late
    early, before = int(shown.replace(tzinfo=zone, fold=1).timestamp()), int(late)
    offset = datetime.fromtimestamp(early, zone).utcoffset()
    while before - early > 1:
        middle = (early + before) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            early = middle
        else:
            before = middle
    return float(before)


def occurrence(rule: Recurrence, zone: ZoneInfo, number: int) -> float | None:
    """When the occurrence of this number is due, 0 being the first; None when the rule has ended by then.

    Each is counted from the first, not from the one before: a short month shortens one, not those after it.
    """
    if rule.count and number >= rule.count:
        return None
    first = datetime.strptime(rule.starts, _WALL)  # noqa: DTZ007  a wall clock has no zone
    steps = number * rule.interval
    try:
        if rule.every in _DAYS:
            shown = first + timedelta(days=steps * _DAYS[rule.every])
        else:
            shown = _months_after(first, steps * _MONTHS[rule.every])
        due = moment(shown, zone)
    except (OverflowError, ValueError):  # beyond the year 9999
        return None
    return None if rule.until and due > rule.until else due


def _months_after(first: datetime, months: int) -> datetime:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return first.replace(year=year, month=month + 1, day=day)


def following(task: Task) -> float | None:
    """When the occurrence after this one is due; None for a task that does not come again."""
    zone = known_zone(task.zone)
    if task.recurrence is None or zone is None:
        return None
    return occurrence(task.recurrence, zone, task.occurrence + 1)
