"""Reads the dates, times, numbers, ids and tokens out of a text, whatever language wrote them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shared.adapters.embedded.unmasking import fold
from shared.adapters.embedded.value_words import ELSEWHERE, LONE_MONTHS, MONTHS, NUMBERS, WEEKDAYS
from shared.contracts import Language

_SPACING = frozenset({"fr", "es"})
_UNITS = (
    (
        "business day",
        r"(?:business|working) (?:days?)|jours? (?:ouvres?|ouvrables?)|dias? (?:habil(?:es)?|laborables?)",
    ),
    ("day", r"(?:calendar )?days?|jours?|dias?"),
    ("week", r"weeks?|semaines?|semanas?"),
    ("month", r"months?|mois|mes(?:es)?\b"),
    ("year", r"years?|ans?\b|annees?|anos?\b"),
    ("hour", r"hours?|heures?|horas?"),
    ("minute", r"minutes?|minutos?"),
    ("percent", r"%|percent|per cent|pour cent|por ciento"),
    ("money", r"\$|€|£|usd\b|eur\b|gbp\b|cad\b|dollars?|dolares|euros?"),
    ("points", r"points?|puntos?"),
    *((name, rf"{name}\b") for name in ("kg", "g", "mm", "cm", "km", "ml", "lb", "oz", "ft")),
    (
        "item",
        (
            r"items?|pieces?|products?|units?|parcels?|packages?|boxes|orders?|articles?|produits?|colis|"
            r"commandes?|articulos?|piezas?|productos?|unidades|paquetes?|pedidos?"
        ),
    ),
)  # fmt: skip
_MORE = r"(?:more |full |further |autres? |mas )?"
_AND = r"(?: ?(?:-|to|a|y|et|and|or|ou|o) ?)"
_UNIT = "|".join(f"(?P<{name.replace(' ', '_')}>{pattern})" for name, pattern in _UNITS)
_PLAIN_NUMBER = r"\d[\d.,]*\d|\d"
# "1 249,90": French and Spanish part thousands with a space, English and facts never do.
_SPACED_NUMBER = rf"\d{{1,3}}(?: \d{{3}})+(?:[.,]\d+)?(?![\d])|{_PLAIN_NUMBER}"

TOKEN = re.compile(r"token_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ANY_TOKEN = re.compile(r"token_[0-9a-f-]+")
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(?:z\b|[+-]\d\d:?\d\d)?)?")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:\d)(?:,? (\d{{4}})\b)?")
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?(?: of| de)? ({_MONTH})\b\.?(?:,? (?:del? )?(\d{{4}})\b)?"
)
_SLASHED = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d\d)\b|\b(\d{1,2})/(\d{1,2})\b")
_TIME = re.compile(
    r"\b(\d{1,2}):(\d\d)(?: ?([ap])\.?m\b\.?)?|\b(\d{1,2}) ?([ap])\.?m\b\.?|\b(\d{1,2}) ?h(?: ?(\d\d))?\b"
)
_MEASURE = re.compile(r"(?<=\d)(?=(?:kg|g|cm|mm|m|km|l|ml|lb|oz|in|ft|k|w|v|mah|h|x)\b)")
# "24-month" and "4-season" count something.
_ID = re.compile(
    r"(?<![\w-])(?!\d+-[a-z]{3,}(?![\w-]))(?=[\w-]*\d)(?=[\w-]*[a-z])[a-z0-9]+(?:[-_][a-z0-9]+)*(?![\w-])"
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|e|eme|o|a)")
_LONE = re.compile(rf"\b({'|'.join(LONE_MONTHS)})\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s?\b")
_WORD = "|".join(sorted(NUMBERS, key=len, reverse=True))
_ANY_WORD = re.compile(rf"\b({_WORD})\b")


@dataclass(frozen=True)
class _Forms:
    """How numbers stand in a text."""

    amount: re.Pattern[str]
    in_words: re.Pattern[str]
    range: re.Pattern[str]


def _forms(number: str) -> _Forms:
    return _Forms(
        re.compile(
            rf"(?P<sign>[$€£#] ?)?(?<![\w.,])(?P<n>{number})(?!\w)"
            rf"(?={_AND}?(?:[$€£] ?)?(?:{number})? ?{_MORE}(?:{_UNIT})?)"
        ),
        re.compile(rf"\b(?P<n>{_WORD})\b(?=(?:{_AND}(?:{_WORD}|{number})\b)? {_MORE}(?:{_UNIT}))"),
        re.compile(rf"(?<![\w.,])({number})(?: ?(?:-|to|a|y|et|and) ?)[$€£]?({number})(?!\w)"),
    )


_PLAIN, _SPACED = _forms(_PLAIN_NUMBER), _forms(_SPACED_NUMBER)


@dataclass(frozen=True)
class Day:
    """A day with its words; `year` None when it is not said. A slashed date has two readings."""

    readings: frozenset[tuple[int, int]]
    year: int | None
    span: str


@dataclass(frozen=True)
class Amount:
    """A number with its words, every way to read it, and its unit ("" when none is said).

    `order` is true for a number marked with #.
    """

    readings: frozenset[Decimal]
    unit: str
    span: str
    order: bool = False
    in_words: bool = False


@dataclass(frozen=True)
class Mark:
    """Where `plain` states a value: its kind (an amount's is its unit), and every way to read it."""

    kind: str
    readings: frozenset[object]
    start: int
    end: int
    span: str


@dataclass
class Values:
    """What a text states. `plain` is the folded text, with a number parted from its measure ("980 g")."""

    plain: str
    marks: list[Mark] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    days: list[Day] = field(default_factory=list)
    times: dict[tuple[int, int], str] = field(default_factory=dict)
    months: dict[int, str] = field(default_factory=dict)
    weekdays: dict[int, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    amounts: list[Amount] = field(default_factory=list)
    ranges: dict[tuple[str, str], str] = field(default_factory=dict)


@lru_cache(maxsize=2_000)
def values_of(text: str, language: Language | None = None) -> Values:
    """Every value of `text`; no `language` for a fact of the shop. Do not change the result: it is shared."""
    forms = _SPACED if language in _SPACING else _PLAIN
    found = Values(_MEASURE.sub(" ", fold(text)))
    rest = _cut(_ANY_TOKEN, found.plain, lambda match: found.tokens.add(match[0]))
    rest = _cut(_ISO, rest, lambda match: _iso(found, match))
    rest = _cut(_MONTH_DAY, rest, lambda m: _day(found, m, MONTHS[m[1]], int(m[2]), m[3]))
    rest = _cut(_DAY_MONTH, rest, lambda m: _day(found, m, MONTHS[m[2]], int(m[1]), m[3]))
    rest = _cut(_SLASHED, rest, lambda match: _slashed(found, match))
    rest = _cut(_TIME, rest, lambda match: _time(found, match))
    found.months.update((LONE_MONTHS[match[1]], match[0]) for match in _LONE.finditer(rest))
    found.weekdays.update((WEEKDAYS[match[1]], match[0]) for match in _WEEKDAY.finditer(rest))
    rest = _cut(_ID, rest, lambda match: _identifier(found, match))
    found.amounts.extend(_amounts(found, rest, forms))
    found.ranges.update(((match[1], match[2]), match[0]) for match in forms.range.finditer(rest))
    return found


@lru_cache(maxsize=500)
def words_as_numbers(plain: str, language: Language) -> frozenset[Decimal]:
    """Every number word of a source, unit or not."""
    return frozenset(
        Decimal(NUMBERS[match[1]])
        for match in _ANY_WORD.finditer(plain)
        if ELSEWHERE.get(match[1], language) == language
    )


def readings(number: str) -> frozenset[Decimal]:
    """`1,500` is 1500 (English) or 1.5 (French): both."""
    compact = number.replace(" ", "").strip(".,")
    marks = [char for char in compact if char in ".,"]
    if not marks:
        return frozenset({Decimal(compact).normalize()})
    if len(set(marks)) == 2:
        last = marks[-1]
        other = "," if last == "." else "."
        whole = compact.replace(other, "")
        return frozenset({Decimal(whole.replace(last, ".")).normalize()} if whole.count(last) == 1 else set())
    if len(marks) > 1:
        return frozenset({Decimal(compact.replace(marks[0], "")).normalize()})
    found = {Decimal(compact.replace(",", ".")).normalize()}
    if len(compact) - compact.index(marks[0]) == 4:
        found.add(Decimal(compact.replace(marks[0], "")).normalize())
    return frozenset(found)


def _cut(pattern: re.Pattern[str], text: str, keep: object) -> str:
    """Hand every match to `keep`, and leave a gap of its length where it stood."""

    def gap(match: re.Match[str]) -> str:
        assert callable(keep)
        keep(match)
        return ";".center(len(match[0])) if len(match[0]) > 2 else ";" * len(match[0])

    return pattern.sub(gap, text)


def _iso(found: Values, match: re.Match[str]) -> None:
    found.days.append(Day(frozenset({(int(match[2]), int(match[3]))}), int(match[1]), match[0]))
    found.marks.append(_mark("date", found.days[-1].readings, match))
    if match[4]:
        found.times[int(match[4]), int(match[5])] = match[0]


def _day(found: Values, match: re.Match[str], month: int, day: int, year: str | None) -> None:
    found.days.append(Day(frozenset({(month, day)}), int(year) if year else None, match[0]))
    found.marks.append(_mark("date", found.days[-1].readings, match))


def _slashed(found: Values, match: re.Match[str]) -> None:
    first, second, year = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], None)
    pairs = {(int(first), int(second)), (int(second), int(first))}
    full = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
    found.days.append(Day(frozenset(pair for pair in pairs if pair[0] <= 12), full, match[0]))
    found.marks.append(_mark("date", found.days[-1].readings, match))


def _time(found: Values, match: re.Match[str]) -> None:
    hour = int(match[1] or match[4] or match[6])
    minute = int(match[2] or match[7] or 0)
    half = match[3] or match[5]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    found.times[hour, minute] = match[0]
    found.marks.append(_mark("time", frozenset({(hour, minute)}), match))


def _mark(kind: str, readings: frozenset[Any], match: re.Match[str]) -> Mark:
    return Mark(kind, readings, match.start(), match.end(), match[0])


def _identifier(found: Values, match: re.Match[str]) -> None:
    """Letters with digits are an id, unless they are "3rd"."""
    if _ORDINAL.fullmatch(match[0]):
        found.amounts.append(Amount(readings(re.sub(r"\D", "", match[0])), "", match[0]))
    else:
        found.ids.add(match[0])


def _amounts(found: Values, text: str, forms: _Forms) -> Iterator[Amount]:
    for match in forms.amount.finditer(text):
        sign = (match["sign"] or "").strip()
        unit = "money" if sign and sign != "#" else _unit_of(match)
        amount = Amount(readings(match["n"]), unit, match[0], order=sign == "#")
        found.marks.append(_mark(unit, amount.readings, match))
        yield amount
    for match in forms.in_words.finditer(text):
        if match["n"] == "one" and match["item"]:
            continue  # "which one order" counts nothing
        amount = Amount(frozenset({Decimal(NUMBERS[match["n"]])}), _unit_of(match), match[0], in_words=True)
        found.marks.append(_mark(amount.unit, amount.readings, match))
        yield amount


def _unit_of(match: re.Match[str]) -> str:
    return next((name for name, _ in _UNITS if match[name.replace(" ", "_")]), "")


def weekday_of(day: Day) -> int | None:
    """Monday is 0; None when the year is not said or the day does not exist."""
    month, number = min(day.readings, default=(0, 0))
    try:
        return date(day.year or 0, month, number).weekday()
    except ValueError:
        return None
