"""Reads the moment a customer names ("tomorrow at 3", "lundi à 10h", "el martes a las 4"), when it is clear.

Rules, not a model: a wrong hour is worse than a question. What is read is said back with its date.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversation.turn import TOKEN
from shared.recurrence import moment
from shared.routing.queues import house

_FARTHEST = timedelta(days=60)
_AT_ONCE_SECONDS = 900.0
"""Working time within which "now" is."""
_SOON = timedelta(minutes=1)

_WEEKDAYS = (
    r"mon(?:day)?|lundi|lunes", r"tue(?:s(?:day)?)?|mardi|martes", r"wed(?:nesday)?|mercredi|miercoles",
    r"thu(?:rs(?:day)?)?|jeudi|jueves", r"fri(?:day)?|vendredi|viernes", r"sat(?:urday)?|samedi|sabado",
    r"sun(?:day)?|dimanche|domingo",
)  # fmt: skip
_MONTHS = (
    "january|janvier|enero", "february|fevrier|febrero", "march|mars|marzo", "april|avril|abril",
    "may|mai|mayo", "june|juin|junio", "july|juillet|julio", "august|aout|agosto",
    "september|septembre|septiembre", "october|octobre|octubre", "november|novembre|noviembre",
    "december|decembre|diciembre",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    rf"\b(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er)?(?: of| de)? (?P<month>{_MONTH})\b"
    rf"|\b(?P<month2>{_MONTH}) (?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?\b"
)
# In Spanish "mañana" is tomorrow, "la mañana" the morning.
_AHEAD = (
    (2, re.compile(r"\b(?:day after tomorrow|apres[- ]demain|pasado manana)\b")),
    (1, re.compile(r"\b(?:tomorrow|demain|(?<!la )(?<!pasado )manana)\b")),
    (0, re.compile(r"\b(?:today|this (?:morning|afternoon)|aujourd'hui|cet apres[- ]midi|hoy|esta tarde)\b")),
)  # fmt: skip
_NUMBERED_DATE = re.compile(r"\b[0-9]{1,2}[/.-][0-9]{1,2}(?:[/.-][0-9]{2,4})?\b")
_IN = re.compile(
    r"\b(?:in|dans|en|dentro de) (?P<number>[0-9]{1,3}|an?|une?|half an|una? media|una|media)"
    r" ?(?P<unit>min(?:ute|uto)?s?|h(?:our|eure|ora|r)?s?)\b"
)
_NOW = re.compile(
    r"\b(?:now|asap|right away|immediately|as soon as (?:possible|you can)|maintenant|tout de suite"
    r"|immediatement|des que (?:possible|vous pouvez)|ahora(?: mismo)?|cuanto antes|lo antes posible"
    r"|en cuanto pued(?:a|an|as))\b"
)
_CLOCK = re.compile(
    r"\b(?P<hour>[0-9]{1,2}) ?(?:[:h.] ?(?P<minute>[0-5][0-9])\b"
    r"|(?P<mark>h\b|hs\b|heures?\b|o'?clock\b|(?=a\.?m\b|p\.?m\b)))"
    r"|\b(?:at|a|a las?|vers|around|about|sobre las?|hacia las?|past) (?P<bare>[0-9]{1,2})\b"
    r"(?! ?(?:[:h/.]|%))"
    r"|\b(?P<noon>noon|midday|midi|mediodia)\b"
)
_AFTERNOON = re.compile(r"p\.?m\b|\b(?:afternoon|evening|apres[- ]midi|du soir|la tarde|la noche)\b")
_MORNING = re.compile(r"(?<=[0-9 ])a\.?m\b|\b(?:morning|du matin|ce matin|la manana)\b")
_HALF = re.compile(r"\bhalf past\b|\b(?:et|y) (?:demie?|media)\b")
_QUARTER = re.compile(r"\bquarter past\b|\b(?:et|y) (?:quart|cuarto)\b")
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("a an one un une una uno", "two deux dos couple", "three trois tres", "four quatre cuatro",
         "five cinq cinco", "six seis", "seven sept siete", "eight huit ocho", "nine neuf nueve",
         "ten dix diez"),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_IN_SPAN = re.compile(
    rf"\b(?:in|dans|en|dentro de) (?:a (?=couple))?(?P<number>[0-9]{{1,3}}|{'|'.join(_NUMBERS)})(?: of)?"
    r" ?(?P<unit>minutes?|minutos?|hours?|heures?|horas?|days?|jours?|dias?|weeks?|semaines?|semanas?)\b"
)
_UNITS = ((1, re.compile(r"days?|jours?|dias?")), (7, re.compile(r"weeks?|semaines?|semanas?")))
_HALF_HOUR = re.compile(r"\b(?:half an hour|une demi[- ]heure|(?:una )?media hora)\b")
_NEXT_WEEK = re.compile(
    r"\b(?:next week|la semaine prochaine|semaine prochaine|la semana que viene|la proxima semana)\b"
)
_MORNING_HOUR = 9
_PARTS = (
    (12, re.compile(r"\b(?:noon|midday|midi|mediodia)\b")),
    (14, re.compile(r"\b(?:afternoon|apres[- ]midi|(?:por|de) la tarde|esta tarde)\b")),
    (19, re.compile(r"\b(?:evening|tonight|ce soir|du soir|le soir|soir|(?:por|de) la noche|esta noche)\b")),
    (_MORNING_HOUR, re.compile(r"\b(?:morning|matin|(?:por|de|en) la manana)\b")),
)
_FARTHEST_REMINDER = timedelta(days=180)
_OTHER_QUARTER = re.compile(r"\b(?:quarter|half) to\b|\bmoins\b|\bmenos\b")


@dataclass(frozen=True)
class _Shown:
    """What the clock shows."""

    hour: int
    minute: int


def read_moment(text: str, *, now: float, zone: ZoneInfo) -> float | None:
    """The moment these words name, in seconds since 1970; None when they name none, or not clearly one.

    An hour without "am" or "pm" is the one at which people work: 3 is 15:00. Without a day it is the next
    time that the clock shows it.
    """
    said = _plain(text)
    if found := _IN.search(said):
        return now + _span(found["number"], found["unit"])
    if _NUMBERED_DATE.search(said):
        return None  # 5/6 is May to some and June to others
    shown = _clock(said)
    if shown is None:
        return house().after(now, _AT_ONCE_SECONDS) if _NOW.search(said) else None
    here = datetime.fromtimestamp(now, zone).replace(tzinfo=None)
    named = _day(said, here.date())
    clock = time(shown.hour, shown.minute)
    when = datetime.combine(named or here.date(), clock)
    if named is None and when < here + _SOON:
        when += timedelta(days=1)
    return moment(when, zone) if here + _SOON <= when <= here + _FARTHEST else None


def read_reminder(text: str, *, now: float, zone: ZoneInfo) -> float | None:
    """The moment at which to remind, in seconds since 1970; None when none is named, or not clearly one.

    As `read_moment`, and looser, for nobody has to be there: a day without an hour is its morning, or the
    part of it that is named; "in three days" is the same hour then.
    """
    said = _plain(text)
    here = datetime.fromtimestamp(now, zone).replace(tzinfo=None, second=0, microsecond=0)
    if found := _IN_SPAN.search(said):
        return _after(found, now, here, zone)
    if _HALF_HOUR.search(said):
        return now + 1800.0
    if _IN.search(said) or _CLOCK.search(said) or _NUMBERED_DATE.search(said):
        return read_moment(text, now=now, zone=zone)
    day = _day(said, here.date())
    if day is None and _NEXT_WEEK.search(said):
        day = here.date() + timedelta(days=7 - here.weekday())
    part = next((hour for hour, words in _PARTS if words.search(said)), None)
    if day is None and part is None:
        return None
    when = datetime.combine(day or here.date(), time(part or _MORNING_HOUR))
    if day is None and when < here + _SOON:
        when += timedelta(days=1)
    return _within(when, here, zone)


def _after(found: re.Match[str], now: float, here: datetime, zone: ZoneInfo) -> float | None:
    """So long from now; days and weeks are counted on the wall clock."""
    number = _NUMBERS.get(found["number"]) or int(found["number"])
    days = next((days for days, unit in _UNITS if unit.fullmatch(found["unit"])), 0)
    if days:
        return _within(here + timedelta(days=days * number), here, zone)
    return now + number * (60.0 if found["unit"].startswith("m") else 3600.0)


def _within(when: datetime, here: datetime, zone: ZoneInfo) -> float | None:
    return moment(when, zone) if here + _SOON <= when <= here + _FARTHEST_REMINDER else None


def _plain(text: str) -> str:
    """Small letters without accents; tokens of personal values are out: nobody reads hours in them."""
    folded = unicodedata.normalize("NFKD", TOKEN.sub(" ", text).casefold().replace("\u2019", "'"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(letters.split())


def _span(number: str, unit: str) -> float:
    size = 60.0 if unit.startswith("m") else 3600.0
    if "half" in number or "media" in number:
        return size / 2
    return size * (int(number) if number.isdigit() else 1)


def _clock(said: str) -> _Shown | None:
    """The one time of day that is named; None for none, for several, and for what no clock shows."""
    found = {_shown(each, said) for each in _CLOCK.finditer(said)}
    return next(iter(found)) if len(found) == 1 else None


def _shown(found: re.Match[str], said: str) -> _Shown | None:
    if found["noon"]:
        return _Shown(12, 0)
    hour, minute = int(found["hour"] or found["bare"]), int(found["minute"] or 0)
    if _OTHER_QUARTER.search(said) or hour > 23:
        return None
    minute = 30 if _HALF.search(said) else 15 if _QUARTER.search(said) else minute
    if hour > 12 or _MORNING.search(said):
        return _Shown(hour, minute)
    return _Shown(hour % 12 + 12 if _AFTERNOON.search(said) or hour < 8 else hour, minute)


def _day(said: str, today: date) -> date | None:
    """The day that is named; None when none is."""
    if found := _DATE.search(said):
        return _dated(int(found["day"] or found["day2"]), found["month"] or found["month2"], today)
    for days, words in _AHEAD:
        if words.search(said):
            return today + timedelta(days=days)
    for weekday, names in enumerate(_WEEKDAYS):
        if re.search(rf"\b(?:{names})\b", said):
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return None


def _dated(day: int, month: str, today: date) -> date:
    number = next(n for n, names in enumerate(_MONTHS, start=1) if month in names.split("|"))
    try:
        found = date(today.year, number, day)
        return found if found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return date.min  # no such day: out of bounds, so that it is asked for again
