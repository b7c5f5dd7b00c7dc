"""Reads when a customer wants to be called: a day, an hour, a part of a day, in their own time zone or ours.

Rules, not a model: a wrong hour is worse than a question. What is read is said back with its date.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversation.turn import TOKEN
from conversation.words import call_words as words
from shared.contracts import Language
from shared.recurrence import moment
from shared.routing.calendar import Calendar

_FARTHEST = timedelta(days=60)
_SOON = 60.0
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class CallTime:
    """When to call. Times are seconds since 1970.

    `at` is the hour, or where a span of hours begins that ends at `until` (0.0: with the day); `zone` is the
    one that the customer named, or empty. With `refused` it is the day that does not suit them, and nothing
    else is known. `soon`: as soon as anybody can. `guessed`: "5" may have been the other 5 of the day.
    """

    at: float
    kind: str = "exact"
    until: float = 0.0
    zone: str = ""
    guessed: bool = False


@dataclass(frozen=True)
class _Clock:
    """What a clock shows; `half` says which half of the day is meant, when it is said."""

    hour: int
    minute: int
    sure: bool


def read_call_time(
    text: str, *, now: float, calendar: Calendar, language: Language = "en", booked: float = 0.0
) -> CallTime | None:
    """When these words want the call, or None when they name no time, or not clearly one.

    An hour that may be two of the day is the one at which people work. Without a day it is that of the call
    that is `booked`, else the next time the clock shows it; a new day keeps the hour of the booked call.
    """
    said = plain(text)
    zone = _zone(said)
    here = ZoneInfo(zone or calendar.zone)
    said = words.BUSY.sub(
        " ", words.ZONE.sub(lambda m: m[0][0] if m["abbr"] and m[0][0].isdigit() else " ", said)
    )
    if found := words.SHIFT.search(said):
        step = _span(found["number"], found["unit"])
        at = booked + (-step if words.EARLIER.search(found["way"]) else step)
        return CallTime(at, zone=zone) if booked else None
    if found := words.SPAN.search(said):
        return CallTime(now + _span(found["number"], found["unit"]), zone=zone)
    today = datetime.fromtimestamp(now, here).date()
    day, said = _day(said, today, language)
    if day is not None and words.NOT_THEN.search(said.strip()) and not _clocks(said):
        return CallTime(_begins(day, here), "refused")
    clocks = _clocks(said)
    return _on(said, clocks, day, now=now, calendar=calendar, here=here, booked=booked, zone=zone)


def _on(  # noqa: PLR0911  one for each way to say it
    said: str, clocks: list[_Clock], day: date | None, *, now: float, calendar: Calendar, here: ZoneInfo,
    booked: float, zone: str,
) -> CallTime | None:  # fmt: skip
    old = datetime.fromtimestamp(booked, here) if booked else None
    base = day or (old.date() if old else None)
    if len(clocks) == 2 and words.BETWEEN.search(said):
        start, finish = (_at(each, base, now=now, calendar=calendar, here=here) for each in clocks)
        return CallTime(start, "between", finish, zone) if start < finish else None
    if len(clocks) == 1:
        at = _at(clocks[0], base, now=now, calendar=calendar, here=here)
        if day is None and old is None and at < now + _SOON:
            at = _shifted(at, here, 1)
        kind = "from" if words.AFTER.search(said) else "until" if words.BEFORE.search(said) else "exact"
        if kind == "until":
            opens = calendar.opens_at(max(now, _begins(_date(at, here), here)))
            return CallTime(opens or now, "until", at, zone)
        return CallTime(at, kind, zone=zone, guessed=not clocks[0].sure)
    if clocks:
        return None
    part = next((each for each in words.PARTS if each[3].search(said)), None)
    today = datetime.fromtimestamp(now, here).date()
    if part is not None:
        name, first, last, _ = part
        start = _begins(base or today, here, hour=first)
        end = _begins((base or today) + timedelta(days=last // 24), here, hour=last % 24)
        opens = calendar.opens_at(max(start, now)) or start
        return CallTime(opens if opens < end else start, name, end, zone)
    if day is not None:
        if old is not None:
            return CallTime(moment(datetime.combine(day, old.time()), here), zone=zone)
        start, end = _begins(day, here), _begins(day + timedelta(days=1), here)
        opens = calendar.opens_at(max(start, now))
        return CallTime(opens if opens and opens < end else start, "day", end, zone)
    return CallTime(now, "soon") if words.NOW.search(said) else None


def _at(clock: _Clock, day: date | None, *, now: float, calendar: Calendar, here: ZoneInfo) -> float:
    """The moment, the more sensible half of the day where that is not said."""
    on = day or datetime.fromtimestamp(now, here).date()
    hours = [clock.hour] if clock.sure or clock.hour > 12 else [clock.hour % 12, clock.hour % 12 + 12]
    moments = [moment(datetime.combine(on, time(hour % 24, clock.minute)), here) for hour in hours]
    later = [each for each in moments if each >= now + _SOON] or moments
    opened = [each for each in later if calendar.is_open(each)] or [
        each for each in moments if calendar.is_open(each)
    ]
    by_day = [each for each in moments if 8 <= datetime.fromtimestamp(each, here).hour < 20]
    return (opened or by_day or moments)[0]


def _begins(day: date, here: ZoneInfo, *, hour: int = 0) -> float:
    """This hour of this day."""
    return moment(datetime.combine(day, time(hour)), here)


def _date(at: float, here: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, here).date()


def _shifted(at: float, here: ZoneInfo, days: int) -> float:
    """The same wall clock so many days on, whatever the clocks do between."""
    return moment(datetime.fromtimestamp(at, here).replace(tzinfo=None) + timedelta(days=days), here)


def plain(text: str) -> str:
    """Small letters without accents; tokens of personal values are out: nobody reads hours in them."""
    folded = unicodedata.normalize("NFKD", TOKEN.sub(" ", text).casefold().replace("\u2019", "'"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(letters.split())


def _zone(said: str) -> str:
    found = words.ZONE.search(said)
    if found is None:
        return ""
    name = found["en"] or found["fr"] or found["abbr"]
    return next(zone for zone, names in words.ZONES if re.fullmatch(names, name))


def _span(number: str, unit: str) -> float:
    size = 60.0 if unit.startswith("m") else 3600.0
    if "half" in number or "demi" in number or "media" in number:
        return size / 2
    return size * (int(number) if number.isdigit() else words.NUMBERS.get(number, 1))


def _clocks(said: str) -> list[_Clock]:
    """The times of day that are named, each once."""
    figures = words.WRITTEN.sub(
        lambda m: f"{m['lead']}{words.NUMBERS[m['word']]}" if m["word"] else f"{words.NUMBERS[m['hours']]} ",
        said,
    )
    return list(dict.fromkeys(_shown(figures)))


def _shown(said: str) -> Iterator[_Clock]:
    for found in words.CLOCK.finditer(said):
        if found["noon"]:
            yield _Clock(12, 0, sure=True)
            continue
        hour, minute = int(found["hour"] or found["bare"]), int(found["minute"] or 0)
        if hour > 24:
            continue
        minute = 30 if words.HALF.search(said) else 15 if words.QUARTER_PAST.search(said) else minute
        early = words.QUARTER_TO.search(said) is not None
        if hour <= 12 and words.PM.search(said) and not words.AM.search(said):
            hour = hour % 12 + 12
            sure = True
        elif hour <= 12 and words.AM.search(said):
            hour, sure = hour % 12, True
        else:
            sure = hour > 12
        if early:
            hour, minute = (hour - 1) % 24, 45
        yield _Clock(hour, minute, sure)


def _day(said: str, today: date, language: Language) -> tuple[date | None, str]:  # noqa: PLR0911  one for each way to say it
    """The day that is named, and the words without it; None when none is."""
    if found := words.DATE.search(said):
        number = next(
            n for n, names in enumerate(words.MONTHS, 1) if names.fullmatch(found["month"] or found["month2"])
        )
        return _dated(int(found["day"] or found["day2"]), number, today), said.replace(found[0], " ")
    if found := words.NUMBERED_DATE.search(said):
        a, b = int(found["a"]), int(found["b"])
        day, month = (b, a) if language == "en" else (a, b)
        return _dated(day, month, today), said.replace(found[0], " ")
    if found := words.IN_DAYS.search(said):
        return today + timedelta(days=int(found["number"] or 7)), said.replace(found[0], " ")
    for days, pattern in words.AHEAD:
        if found := pattern.search(said):
            return today + timedelta(days=days), said
    for weekday, pattern in enumerate(words.WEEKDAYS):
        if found := pattern.search(said):
            return _weekday(weekday, said, today), said
    if found := words.DAY_OF_MONTH.search(said):
        return _next_dated(int(found["en"] or found["fr"] or found["es"]), today), said.replace(found[0], " ")
    return None, said


def _weekday(weekday: int, said: str, today: date) -> date:
    """Of this week or the next; today itself when that is meant by the name of its day."""
    ahead = (weekday - today.weekday()) % 7
    if words.NEXT_WEEK.search(said):
        return today - timedelta(days=today.weekday()) + _WEEK + timedelta(days=weekday)
    if ahead == 0 and words.NEXT.search(said):
        return today + _WEEK
    return today + timedelta(days=ahead)


def _dated(day: int, month: int, today: date) -> date | None:
    try:
        found = date(today.year, month, day)
        return found if found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None  # no such day


def _next_dated(day: int, today: date) -> date | None:
    """The next day of that number, of this month or a later one."""
    for ahead in range(62):
        if (found := today + timedelta(days=ahead)).day == day:
            return found
    return None
