"""Counts business days as the shop does: Monday to Friday, except public holidays.

Source: knowledge base, "Shipping policy" ("Business days are Monday to Friday except public holidays"). The
holidays are those of the United States, where the shop is (5 U.S. Code section 6103).
"""

from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
# Month and day: New Year, Juneteenth, Independence Day, Veterans Day, Christmas.
_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# Month, weekday (Monday is 0), which one: King, Presidents', Labor, Columbus, Thanksgiving.
_NTH = ((1, 0, 3), (2, 0, 3), (9, 0, 1), (10, 0, 2), (11, 3, 4))


def is_business_day(day: date) -> bool:
    """Whether the shop and the banks work then."""
    # 1 January on a Saturday is observed in the year before.
    return day.weekday() < _SATURDAY and day not in holidays(day.year) | holidays(day.year + 1)


def after_business_days(day: date, count: int) -> date:
    """The day on which `count` business days have passed; the day itself is not counted."""
    while count > 0:
        day += _DAY
        count -= is_business_day(day)
    return day


@lru_cache(maxsize=32)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year as they are observed."""
    fixed = (_observed(date(year, month, day)) for month, day in _FIXED)
    moving = (_nth(year, *each) for each in _NTH)
    last_of_may = date(year, 5, 31)
    memorial = last_of_may - timedelta(days=last_of_may.weekday())
    return frozenset((*fixed, *moving, memorial))


def _observed(day: date) -> date:
    """On a Saturday the Friday before is free, on a Sunday the Monday after."""
    return day + {_SATURDAY: -_DAY, _SUNDAY: _DAY}.get(day.weekday(), timedelta())


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
