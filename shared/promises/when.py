"""Finds moments in a sentence: days, hours, and lengths of time, as rules that a clock can resolve."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, get_args

from shared.contracts import Language
from shared.promises.moment_words import MomentWords, Stretch, moment_words

Unit = Literal["minute", "hour", "business", "day", "week", "month"]
_UNITS: tuple[Unit, ...] = get_args(Unit)
_NOON, _LAST_MINUTE, _HALF_DAY = 720, 1439, 720
_CLOCK_LIMIT = re.compile(r"\b(?:before|by|avant|antes)\b")
# How far before and after a moment its limit stands: "au plus tard le", "at the latest".
_NEAR = 24


@dataclass(frozen=True)
class Moment:
    """A moment as it is said at [start, end) of a sentence, before anybody knows what day it is.

    One of `length` (with its unit; two ends of a range), `day` (days from now), `weekday` (Monday is 0),
    `date` (year 0 where none is said) or `stretch` is set, or `clock` alone: two ends, in minutes of the day.
    `limit`: until then at the latest; `excluded`: the day itself is too late; `later`: of the week after.
    """

    start: int
    end: int
    length: tuple[float, float] | None = None
    unit: Unit = "day"
    day: int | None = None
    weekday: int | None = None
    date: tuple[int, int, int] | None = None
    stretch: Stretch | None = None
    clock: tuple[int, int] | None = None
    limit: bool = False
    excluded: bool = False
    later: bool = False
    zone: str = ""

    @property
    def is_short(self) -> bool:
        """A length of minutes or hours, which has no hour of the day."""
        return self.length is not None and self.unit in {"minute", "hour"}


def moments_in(plain: str, language: Language) -> list[Moment]:
    """The moments of a folded sentence, in order; an hour belongs to the day before it, else to the first."""
    words = moment_words(language)
    if words.any.search(plain) is None:
        return []
    days = list(_apart(_days(plain, words), plain, words))
    rest = plain
    for each in days:
        rest = rest[: each.start] + "_" * (each.end - each.start) + rest[each.end :]
    zone = next((name for form, name in words.zones if form.search(plain)), "")
    if not days:
        clock = _clock(rest, words)
        return [replace(clock, zone=zone)] if clock is not None else []
    begins = [0, *(each.start for each in days[1:]), len(rest)]
    return [
        replace(_at(day, _clock(_only(rest, begin, end), words), plain, words), zone=zone)
        for day, begin, end in zip(days, begins, begins[1:], strict=False)
    ]


def _only(plain: str, begin: int, end: int) -> str:
    """This part of it, where it stands."""
    return " " * begin + plain[begin:end] + " " * (len(plain) - end)


def _at(day: Moment, clock: Moment | None, plain: str, words: MomentWords) -> Moment:
    """The day with its hours."""
    if day.is_short:
        return day
    if clock is not None:
        return replace(
            day,
            start=min(day.start, clock.start),
            end=max(day.end, clock.end),
            clock=clock.clock,
            limit=day.limit or clock.limit,
            excluded=False,  # "before November 27 at 10" is on the 27th
        )
    if day.length is not None:
        return day
    around = plain[max(0, day.start - 12) : day.end + 22]
    return replace(day, clock=next((hours for form, hours in words.parts if form.search(around)), None))


def _apart(found: Iterator[Moment], plain: str, words: MomentWords) -> Iterator[Moment]:
    """Of what overlaps the first and longest, each with its limit."""
    end = -1
    ordered = sorted(found, key=lambda moment: (moment.start, -moment.end))
    for each, following in zip_longest(ordered, ordered[1:]):
        # "Thursday, December 3" is a date.
        named_twice = each.weekday is not None and following is not None and following.date is not None
        if each.start < end or (named_twice and following and following.start <= each.end + len(", ")):
            continue
        end = each.end
        before, after = plain[max(0, each.start - _NEAR) : each.start], plain[end : end + _NEAR]
        yield replace(
            each,
            limit=bool(words.limit.search(before) or words.late.match(after)),
            excluded=each.length is None and bool(words.before_day.search(before)),
        )


def _days(plain: str, words: MomentWords) -> Iterator[Moment]:
    for match in words.date.finditer(plain):
        if (date := _date(match, words.language)) is not None:
            yield Moment(match.start(), match.end(), date=date)
    for match in words.length.finditer(plain):
        if _is_due(plain, match, words):
            unit = next(each for each in _UNITS if match[each])
            first = _number(match["n"], words)
            last = _number(match["n2"], words) if match["n2"] else first
            yield Moment(match.start(), match.end(), length=(first, last), unit=unit)
    for match in words.day.finditer(plain):
        yield _named(match, words)


def _named(match: re.Match[str], words: MomentWords) -> Moment:
    """A day or days that have a name."""
    kind, n = next(
        (name[0], int(name[1:]))
        for name, said in match.groupdict().items()
        if said is not None and name not in {"before", "after"}
    )
    at = Moment(match.start(), match.end())
    if kind == "d":
        return replace(at, day=words.days[n])
    if kind == "s":
        return replace(at, stretch=words.stretches[n])
    return replace(at, weekday=n, later=bool(match["before"] and words.later.match(match["before"])))


def _is_due(plain: str, match: re.Match[str], words: MomentWords) -> bool:
    """Whether a length of time is one until something happens; "à 10 heures" is no length."""
    before, after = plain[max(0, match.start() - _NEAR) : match.start()], plain[match.end() :][:_NEAR]
    is_clock = match["hour"] and not match["n2"] and words.language != "en" and words.hours.search(before)
    return not (is_clock or words.not_due.search(before) or words.past.match(after))


def _number(said: str, words: MomentWords) -> float:
    return words.numbers[said] if said in words.numbers else float(said.replace(",", "."))


def _date(match: re.Match[str], language: Language) -> tuple[int, int, int] | None:
    """Year (0 where none is said), month, day; None for what is none."""
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
    elif match["a"]:
        first, second = int(match["a"]), int(match["b"])
        month, day = (first, second) if language == "en" else (second, first)
        year = int(match["y3"] or 0)
    else:
        kind = "m" if match["d1"] else "k"
        month = next(n for n in range(12) if match[f"{kind}{n}"]) + 1
        day, year = int(match["d1"] or match["d2"]), int(match["y1"] or match["y2"] or 0)
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _clock(plain: str, words: MomentWords) -> Moment | None:
    """The first hours that are said."""
    if (pair := words.between.search(plain)) is not None:
        first, last = _minutes(*pair.group(1, 2, 3)), _minutes(*pair.group(4, 5, 6))
        if pair[6] and not pair[3] and first + _HALF_DAY < last:
            first += _HALF_DAY  # "between 2 and 4 pm"
        if first < last:
            return Moment(pair.start(), pair.end(), clock=(first, last))
    for match in words.clock.finditer(plain):
        if match["noon"] or match["midnight"]:
            minutes = _NOON if match["noon"] else _LAST_MINUTE
        elif match["min"] or match["ap"] or match["hh"] or match["at"]:
            minutes = _minutes(match["h"], match["min"], match["ap"])
        else:
            continue
        before = f"{plain[max(0, match.start() - _NEAR) : match.start()]}{match['at'] or ''} "
        limit = (
            words.limit.search(before)
            or words.before_day.search(before)
            or words.late.match(plain[match.end() :][:_NEAR])
            or _CLOCK_LIMIT.search(match["at"] or "")
        )
        return Moment(match.start(), match.end(), clock=(minutes, minutes), limit=bool(limit))
    return None


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour) % 12 + 12 * (half == "p") if half else int(hour)
    return min(hours * 60 + int(minute or 0), _LAST_MINUTE)
