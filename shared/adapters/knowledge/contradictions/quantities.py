"""Reads the amounts of a sentence: money, percents, durations, measures, counts, times of day, dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shared.contracts import Language

Kind = Literal["money", "percent", "duration", "measure", "count", "time", "date"]

_NUMBER_WORDS = {
    word: n
    for n, words in {
        1: "one", 2: "two deux dos", 3: "three trois tres", 4: "four quatre cuatro", 5: "five cinq cinco",
        6: "six seis", 7: "seven sept siete", 8: "eight huit ocho", 9: "nine neuf nueve", 10: "ten dix diez",
        12: "twelve douze doce", 14: "fourteen quatorze catorce", 15: "fifteen quinze quince",
        20: "twenty vingt veinte", 24: "veinticuatro", 30: "thirty trente treinta",
        40: "forty quarante cuarenta", 45: "forty-five", 50: "fifty cinquante cincuenta",
        60: "sixty soixante sesenta", 90: "ninety noventa", 100: "hundred cent cien",
    }.items()
    for word in words.split()
}  # fmt: skip
_MONTHS = {
    name: n
    for n, names in enumerate(
        ("january janvier enero", "february fevrier febrero", "march mars marzo", "april avril abril",
         "may mai mayo", "june juin junio", "july juillet julio", "august aout agosto",
         "september septembre septiembre", "october octobre octubre", "november novembre noviembre",
         "december decembre diciembre"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# Unit -> its words and how many of the base unit it is: hours, or the unit itself.
_DURATIONS = {
    "minute": (r"minutes?|minutos?|mins?", 1 / 60),
    "hour": (r"hours?|heures?|horas?|hrs?", 1.0),
    "business day": (
        (
            r"(?:business|working) (?:days?|hours?)|jours? (?:ouvres?|ouvrables?)"
            r"|dias? (?:habil(?:es)?|laborables?)"
        ),
        24.0,
    ),
    "day": (r"(?:calendar )?days?|nights?|jours?|nuits?|dias?|noches?", 24.0),
    "week": (r"weeks?|semaines?|semanas?", 168.0),
    "month": (r"months?|mois|mes(?:es)?", 730.5),
    "year": (r"years?|ans?|annees?|anos?", 8766.0),
}
_CURRENCIES = {
    "dollar": r"\$|usd|dollars?|dolares?",
    "euro": r"€|eur|euros?",
    "pound": r"£|gbp|pounds?|libras?|livres? sterling",
}
_MEASURES = {
    "kg": "kg|kilos?", "g": "g|grams?|grammes?|gramos?", "cm": "cm", "mm": "mm", "km": "km",
    "m": "m|meters?|metres?|metros?", "l": "l|liters?|litres?|litros?", "ml": "ml", "w": "w|watts?",
    "v": "v|volts?", "mah": "mah", "lumen": "lumens?|lumenes", "c": "°? ?c|°", "inch": "inch(?:es)?",
    "ft": "ft|feet", "oz": "oz", "lb": "lbs?", "gb": "gb", "mb": "mb",
}  # fmt: skip

_N = r"\d{1,3}(?:[ \u202f\u00a0]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*"
_WORD_N = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:{_N}|\b(?:{_WORD_N})\b)"
_ANY_NUMBER = re.compile(rf"\d|\b(?:{_WORD_N}|noon|midi|mediodia)\b")
_TO = r" ?(?:-|–|to|a|à|and|et|y|or|ou|o) ?"


def _groups(units: dict[str, str], mark: str) -> str:
    return "|".join(f"(?P<{mark}{n}>{pattern})" for n, pattern in enumerate(units.values()))


_UNITS = (
    rf"(?:{_groups(_CURRENCIES, 'm')}|(?P<p>%|percent|per cent|pour cent|por ciento)"
    rf"|(?:full |plus de )?(?:{_groups({k: v[0] for k, v in _DURATIONS.items()}, 'd')})"
    rf"|{_groups(_MEASURES, 'x')})(?![a-z0-9])"
)
_SIGN = r"(?P<sign>[$€£]) ?"
_AMOUNT = re.compile(
    rf"(?:{_SIGN})?(?<![\w.,])(?<![a-z]-)(?P<low>{_NUMBER})(?:(?P<to>{_TO})[$€£]?(?P<high>{_NUMBER})(?![\w]))?"
    rf"(?:(?<=\w)[ -]?{_UNITS})?(?![\w])"
)
# A distributed list is no range: "$25, $50 and $100".
_REAL_RANGE = re.compile(r"^ ?(?:-|–|to|a|à) ?$")
_BETWEEN = re.compile(r"(?:between|entre|from)\s*$")
_CLOCK = (
    r"(?:(?P<{0}h>\d{{1,2}}):(?P<{0}m>\d\d)(?: ?(?P<{0}half>[ap])\.?m\b\.?)?"
    r"|(?P<{0}h2>\d{{1,2}}) ?(?P<{0}half2>[ap])\.?m\b\.?"
    r"|(?P<{0}h3>\d{{1,2}}) ?h(?: ?(?P<{0}m3>\d\d))?(?![\w])"
    r"|(?P<{0}noon>\bnoon\b|\bmidi\b|\bmediodia\b))"
)
_TIME = re.compile(
    _CLOCK.format("a")
    + rf"(?: ?(?:-|–|to|a|et|y|and|until|hasta(?: las)?|a las) (?:las )?{_CLOCK.format('b')})?"
)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<m1>{_MONTH}) (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er)?(?: of| de)? (?P<m2>{_MONTH})\b(?:,? (?:del? )?\d{{4}}\b)?"
    r"|\b\d{4}-(?P<m3>\d\d)-(?P<d3>\d\d)\b"
)
_COUNTED = re.compile(r"(?:[ -]?)(?P<noun>[a-z][a-z'-]*(?: [a-z][a-z'-]*)?)")


@dataclass(frozen=True)
class Quantity:
    """An amount with where it stands in the folded sentence.

    `low` and `high` are in `unit`, equal unless the text gives a range; `base` is how much of the base of
    its kind the unit is (hours for durations). `shown` is the text as it stands.
    """

    kind: Kind
    unit: str
    low: float
    high: float
    base: float
    start: int
    end: int
    shown: str

    def agrees(self, other: "Quantity") -> bool:
        """Whether both can be true of one thing: equal, within the range, or said in another unit."""
        if self.unit == other.unit or self.kind != "duration":
            return self.within(other) or other.within(self)
        ratios = (self.base / other.base, self.base / other.base * _business(self.unit, other.unit))
        # A month has 28 to 31 days: "30 days" is "one month", though 30 and 31 days differ.
        near = any(
            abs(self.low * ratio / other.low - 1) < 0.035 and abs(self.high * ratio / other.high - 1) < 0.035
            for ratio in ratios
            if other.low and other.high
        )
        days = {"day", "business day"}
        return near or ({self.unit, other.unit} <= days and (self.within(other) or other.within(self)))

    def within(self, other: "Quantity") -> bool:
        """A single value lies in the other's range ("takes 3 days" beside "2-3 days")."""
        same = (self.low, self.high) == (other.low, other.high)
        single = self.low == self.high and self.kind == "duration"
        return same or (single and other.low <= self.low <= other.high)


@lru_cache(maxsize=20_000)
def quantities_of(text: str, language: Language) -> tuple[Quantity, ...]:
    """The amounts of one folded sentence in reading order."""
    if not _ANY_NUMBER.search(text):
        return ()
    rest: str = text
    found: list[Quantity] = []
    for pattern, read in ((_DATE, _date), (_TIME, _time)):
        for match in pattern.finditer(rest):
            quantity = read(match)
            if quantity:
                found.append(quantity)
        for quantity in found:
            gap = " " * (quantity.end - quantity.start)
            rest = rest[: quantity.start] + gap + rest[quantity.end :]
    found.extend(_amounts(rest, language))
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def number(text: str, language: Language) -> float:
    """`1,500`, `1 500` and `fifteen` as numbers; a mark before three digits groups them."""
    if text in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[text])
    compact = re.sub(r"[ \u202f\u00a0]", "", text)
    if language != "en":
        compact = re.sub(r"\.(?=\d{3}(?:\D|$))", "", compact)
    compact = re.sub(r",(?=\d{3}(?:\D|$))", "", compact).replace(",", ".")
    whole, dot, rest = compact.rpartition(".")
    return float(whole.replace(".", "") + dot + rest) if dot else float(compact)


def _business(one: str, other: str) -> float:
    """Five business days are a week."""
    if one == "business day":
        return 7 / 5
    return 5 / 7 if other == "business day" else 1.0


def _amounts(text: str, language: Language) -> Iterator[Quantity]:
    for match in _AMOUNT.finditer(text):
        named = _unit(match)
        kind, unit, base = named or ("count", "", 1.0)
        end = match.end()
        if named is None:
            counted = _counted(text, match)
            if counted is None:
                continue
            unit = counted
        low = number(match["low"], language)
        high = number(match["high"], language) if match["high"] else low
        if match["high"] and not _is_range(text, match):
            low = high if named and match["sign"] is None else low
            high = low
        yield Quantity(kind, unit, low, high, base, match.start(), end, text[match.start() : end].strip())


def _is_range(text: str, match: re.Match[str]) -> bool:
    return bool(_REAL_RANGE.match(match["to"]) or _BETWEEN.search(text[: match.start()]))


def _unit(match: re.Match[str]) -> tuple[Kind, str, float] | None:
    sign = match["sign"]
    for n, name in enumerate(_CURRENCIES):
        if match[f"m{n}"] or (sign and re.fullmatch(_CURRENCIES[name], sign)):
            return "money", name, 1.0
    if match["p"]:
        return "percent", "percent", 1.0
    for n, (name, (_, base)) in enumerate(_DURATIONS.items()):
        if match[f"d{n}"]:
            return "duration", name, base
    for n, name in enumerate(_MEASURES):
        if match[f"x{n}"]:
            return "measure", name, 1.0
    return None


def _counted(text: str, match: re.Match[str]) -> str | None:
    """The words right after a bare number: what it counts; None for a lone number or an article."""
    noun = _COUNTED.match(text, match.end())
    if noun is None or (match["high"] and not _REAL_RANGE.match(match["to"])):
        return None
    return noun["noun"]


def _time(match: re.Match[str]) -> Quantity | None:
    start = _clock(match, "a")
    until = _clock(match, "b")
    if start is None or (match["ah3"] and match["am3"] is None and start >= 24):
        return None
    low, high = start, start if until is None else until
    return Quantity("time", "clock", low, high, 1.0, match.start(), match.end(), match[0].strip())


def _clock(match: re.Match[str], mark: str) -> float | None:
    if match[f"{mark}noon"]:
        return 12.0
    hour = match[f"{mark}h"] or match[f"{mark}h2"] or match[f"{mark}h3"]
    if hour is None:
        return None
    minute = int(match[f"{mark}m"] or match[f"{mark}m3"] or 0)
    half = match[f"{mark}half"] or match[f"{mark}half2"]
    number_of_hour = int(hour) % 12 + (12 if half == "p" else 0) if half else int(hour)
    return number_of_hour + minute / 60


def _date(match: re.Match[str]) -> Quantity | None:
    month = _MONTHS.get(match["m1"] or match["m2"] or "") or int(match["m3"] or 0)
    day = int(match["d1"] or match["d2"] or match["d3"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    value = month * 100.0 + day
    return Quantity("date", "day", value, value, 1.0, match.start(), match.end(), match[0])
