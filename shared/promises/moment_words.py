"""The words for moments by language, read from `words/when.toml`, where its keys are explained."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from shared.contracts import Language

FILE = Path(__file__).parent / "words" / "when.toml"
Stretch = Literal[
    "next_week", "this_week", "week_end", "weekend", "month_end", "next_month", "next_week_end"
]  # fmt: skip
_NUMBER = r"\d{1,3}(?:[.,]5)?"
_MINUTE_OR_SO = r"(?:(?::| ?h ?|\.(?=\d\d\b))(?P<min>[0-5]\d)| ?(?P<hh>h(?:eures?|oras?)?\b|o'clock))?"
_HALF = r"(?: ?(?P<ap>[ap])\.?m\b\.?)?"
_HOUR_OF_TWO = r"(\d{1,2})(?:(?::| ?h ?)([0-5]\d)|:00| ?h\b)?(?: ?([ap])\.?m\b\.?)?"
_ISO = r"(?<![\w-])(?P<iso>\d{4}-\d\d-\d\d)(?!\w)"
_SLASHED = r"(?<![\w/.$])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<y3>20\d\d))?(?![\w/])"


@dataclass(frozen=True)
class MomentWords:
    """The compiled forms of one language. `any` is a quick look whether there can be a moment at all."""

    language: Language
    any: re.Pattern[str]
    length: re.Pattern[str]
    numbers: Mapping[str, float]
    day: re.Pattern[str]
    days: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    date: re.Pattern[str]
    clock: re.Pattern[str]
    between: re.Pattern[str]
    parts: tuple[tuple[re.Pattern[str], tuple[int, int]], ...]
    zones: tuple[tuple[re.Pattern[str], str], ...]
    limit: re.Pattern[str]
    before_day: re.Pattern[str]
    late: re.Pattern[str]
    not_due: re.Pattern[str]
    hours: re.Pattern[str]
    past: re.Pattern[str]
    later: re.Pattern[str]


@lru_cache(maxsize=3)
def moment_words(language: Language) -> MomentWords:
    """The words of a language."""
    t = _tables()[language]
    said = "|".join(sorted(map(re.escape, t["numbers"]), key=len, reverse=True))
    number = rf"(?:{_NUMBER}|(?:{said})(?!\w))"
    lone = [said, *t["days"], *t["spans"], *t["weekdays"], t["noon"], t["midnight"]]
    return MomentWords(
        language=language,
        any=re.compile(rf"\d|\b(?:{'|'.join(lone)})\b"),
        length=re.compile(
            rf"(?<![\w.,#$-])(?P<n>{number})(?: ?(?:{t['to']}) ?(?P<n2>{number}))?"
            rf" ?(?:{t['more']})*-?(?:{_named(t['units'])})(?!\w)"
        ),
        numbers=t["numbers"],
        day=re.compile(
            rf"(?<!\w)(?:{_numbered(t['spans'], 's')}|{_numbered(t['days'], 'd')}"
            rf"|(?P<before>{t['next']})?(?:{_numbered(t['weekdays'], 'w')})(?P<after> {t['next']})?)(?!\w)"
        ),
        days=tuple(t["days"].values()),
        stretches=tuple(t["spans"].values()),
        date=_date(t),
        clock=_clock(t),
        between=re.compile(
            rf"\b(?:{t['between']}) {_HOUR_OF_TWO} (?:and|to|et|a|y)(?: las?)? {_HOUR_OF_TWO}(?!\w)"
        ),
        parts=tuple((re.compile(rf"\b(?:{p})\b"), (h[0] * 60, h[1] * 60)) for p, h in t["parts"].items()),
        zones=tuple((re.compile(rf"\b(?:{p})\b"), zone) for p, zone in t["zones"].items()),
        limit=re.compile(rf"(?:^|\W)(?:{t['limit']})(?: the| el| le| la)?(?: (?:{t['within']}))? ?$"),
        before_day=re.compile(rf"(?:^|\W)(?:{t['before_day']})(?: the| el| le)? ?$"),
        late=re.compile(rf"^,? ?(?:{t['late']})\b"),
        not_due=re.compile(rf"(?:^|\W)(?:{t['not_due']})(?: (?:the|los|las|les))? ?$"),
        hours=re.compile(rf"(?:^|\W)(?:{t['clock']}|{t['to']}) ?$"),
        past=re.compile(rf"^[ -](?:{t['past']})\b"),
        later=re.compile(t["coming"]),
    )


def _date(t: Mapping[str, Any]) -> re.Pattern[str]:
    """ISO, "December 4", "4 December", "12/4"."""
    first, last = _numbered(t["months"], "m"), _numbered(t["months"], "k")
    return re.compile(
        rf"{_ISO}|\b(?:{first})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<y1>20\d\d))?"
        rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er)?{t['of']} (?:{last})\b\.?"
        rf"(?:,? (?:de |del )?(?P<y2>20\d\d))?|{_SLASHED}"
    )


def _clock(t: Mapping[str, Any]) -> re.Pattern[str]:
    """An hour, with what makes one of a bare number; nothing that counts something else."""
    counted = rf"(?! ?[-/.,]?\d| ?(?:%|\$|€|x )| ?(?:days?|jours?|dias?|{'|'.join(t['months'])}))"
    hour = rf"(?P<h>[01]?\d|2[0-4]){_MINUTE_OR_SO}{_HALF}(?!\w){counted}"
    special = f"(?P<noon>{t['noon']})|(?P<midnight>{t['midnight']})"
    return re.compile(rf"(?:\b(?P<at>{t['clock']}) )?(?<![\w:.,$€#/-])(?:{hour}|{special})")


def _numbered(patterns: Iterable[str], name: str) -> str:
    return "|".join(f"(?P<{name}{n}>{pattern})" for n, pattern in enumerate(patterns))


def _named(patterns: Mapping[str, str]) -> str:
    return "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
