"""Says dates, money, ranges and lists the way each language writes them."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from shared.contracts import Language

NBSP = "\u00a0"

_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
}  # fmt: skip
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_MONEY = re.compile(r"(?P<amount>\d+(?:\.\d+)?) (?P<currency>[A-Z]{3})")
_RANGE = re.compile(r"(\d+)\s*[-\u2013]\s*(\d+)")
_AND: dict[Language, str] = {"en": "and", "fr": "et", "es": "y"}
# Spanish "y" becomes "e" before the sound i: "Moss e Indigo", but "y hielo".
_SOUNDS_LIKE_I = re.compile(r"(i|hi(?!e))", re.IGNORECASE)
# Hours are told in the shop's time zone; both of its offsets carry one name in the help pages.
_EASTERN = {timedelta(hours=-5), timedelta(hours=-4)}
_EASTERN_NAME: dict[Language, str] = {
    "en": " Eastern time",
    "fr": ", heure de l'Est",
    "es": ", hora del Este",
}

_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
# A customer's own zone, by the name they know it by; others are told by their offset.
_ZONES: dict[str, dict[Language, str]] = {
    "America/New_York": _EASTERN_NAME,
    "America/Toronto": _EASTERN_NAME,
    "America/Chicago": {"en": " Central time", "fr": ", heure du Centre", "es": ", hora del Centro"},
    "America/Denver": {"en": " Mountain time", "fr": ", heure des Rocheuses", "es": ", hora de la Montaña"},
    "America/Los_Angeles": {"en": " Pacific time", "fr": ", heure du Pacifique", "es": ", hora del Pacífico"},
    "America/Mexico_City": {"en": " Mexico City time", "fr": ", heure de Mexico", "es": ", hora de México"},
    "Europe/Paris": {"en": " Paris time", "fr": ", heure de Paris", "es": ", hora de París"},
    "Europe/Madrid": {"en": " Madrid time", "fr": ", heure de Madrid", "es": ", hora de Madrid"},
    "Europe/London": {"en": " London time", "fr": ", heure de Londres", "es": ", hora de Londres"},
}

_MONEY_SLOTS = {
    "total", "refunded", "amount", "price", "price_from", "price_to", "discount", "tax", "label_cost",
    "kept_shipping", "shipping", "rest_shipping",
}  # fmt: skip
_RANGE_SLOTS = {"business_days", "days", "minutes"}
_MOMENT_SLOTS = {"due", "reopens"}
_CALL_SLOTS = {"call_at", "call_from", "first", "second"}
_HOUR_SLOTS = {"opens", "closes", "call_until"}
_LIST_SLOTS = {"items", "item", "options"}


def spoken(slot: str, value: str, language: Language, *, today: date) -> str:
    """`value` as a sentence in `language` says it in this slot; empty when it is not what the slot holds."""
    said = value
    if slot.endswith("_on"):
        said = day(value, language, today=today)
    elif slot in _MOMENT_SLOTS:
        said = moment(value, language, today=today)
    elif slot in _CALL_SLOTS:
        said = call(value, language, today=today)
    elif slot in _HOUR_SLOTS:
        said = hour(value, language)
    elif slot in _MONEY_SLOTS:
        said = money(value, language)
    elif slot in _RANGE_SLOTS:
        said = span(value, language)
    elif slot in _LIST_SLOTS:
        said = listed(value.split(", "), language)
    elif slot == "position" and not (value.isdecimal() and int(value)):
        said = ""  # zero is "no place yet": there is nothing to tell
    return said


def day(value: str, language: Language, *, today: date) -> str:
    """An ISO date as "November 3"; the year only when it is not this one. Empty when it is no date."""
    try:
        when = date.fromisoformat(value[:10])
    except ValueError:
        return ""
    month = _MONTHS[language][when.month - 1]
    other_year = when.year != today.year
    if language == "en":
        return f"{month} {when.day}, {when.year}" if other_year else f"{month} {when.day}"
    if language == "fr":
        first = "1er" if when.day == 1 else str(when.day)
        return f"{first} {month} {when.year}" if other_year else f"{first} {month}"
    return f"{when.day} de {month} de {when.year}" if other_year else f"{when.day} de {month}"


def moment(value: str, language: Language, *, today: date) -> str:
    """An ISO date and time in the offset it carries, "November 21 at 14:30 UTC"; a bare date as a day."""
    if len(value) <= len("2026-11-21"):
        return day(value, language, today=today)
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return ""
    shown = day(value, language, today=today)
    zone = _zone(when, language)
    if language == "en":
        return f"{shown} at {when:%H:%M}{zone}"
    if language == "fr":
        minutes = f"{NBSP}{when:%M}" if when.minute else ""
        return f"{shown} à {when.hour}{NBSP}h{minutes}{zone}"
    article = "la" if when.hour == 1 else "las"
    return f"{shown} a {article} {when.hour}:{when:%M}{zone}"


def call(value: str, language: Language, *, today: date) -> str:
    """`2026-12-04T14:00-05:00 America/New_York` as "Friday, December 4 at 14:00 Eastern time"."""
    stamp, _, zone = value.partition(" ")
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    shown = moment(when.replace(tzinfo=None).isoformat(), language, today=today)
    named = _ZONES[zone][language] if zone in _ZONES else _zone(when, language)
    comma = "," if language == "en" else ""
    return f"{_WEEKDAYS[language][when.weekday()]}{comma} {shown}{named}"


def hour(value: str, language: Language) -> str:
    """A time of day (`8:00`) as "8:00", in French as "8 h"; empty when it is none."""
    try:
        at = time.fromisoformat(value.zfill(5))
    except ValueError:
        return ""
    if language == "fr":
        return f"{at.hour}{NBSP}h" + (f"{NBSP}{at:%M}" if at.minute else "")
    return f"{at.hour}:{at:%M}"


def _zone(when: datetime, language: Language) -> str:
    offset = when.utcoffset()
    if offset is None:
        return ""
    return _EASTERN_NAME[language] if offset in _EASTERN else f" {when:%Z}"


def money(value: str, language: Language) -> str:
    """`49.90 USD` as "$49.90", "49,90 $" (fr), "$49.90" (es, as the help pages write it)."""
    match = _MONEY.fullmatch(value.strip())
    if match is None:
        return ""
    sign = _SIGNS.get(match["currency"])
    amount = f"{Decimal(match['amount']):,}"
    if language == "fr":
        amount = amount.replace(",", NBSP).replace(".", ",")
        return f"{amount}{NBSP}{sign or match['currency']}"
    return f"{sign}{amount}" if sign else f"{amount} {match['currency']}"


def span(value: str, language: Language) -> str:
    """`5-7` as "5-7" or "5 à 7" or "de 5 a 7"; a single number stays as it is."""
    match = _RANGE.fullmatch(value.strip())
    if match is None:
        return value
    if language == "es":
        return f"de {match[1]} a {match[2]}"
    return f"{match[1]}{' à ' if language == 'fr' else '-'}{match[2]}"


def listed(items: Sequence[str], language: Language) -> str:
    """`a, b and c`."""
    named = [item.strip() for item in items if item.strip()]
    if len(named) < 2:
        return "".join(named)
    last = named[-1]
    word = "e" if language == "es" and _SOUNDS_LIKE_I.match(last) else _AND[language]
    return f"{', '.join(named[:-1])} {word} {last}"
