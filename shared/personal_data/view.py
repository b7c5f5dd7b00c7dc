"""Shows a message as the recognizers read it: folded characters that still know where they stood."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

# Look-alikes of Latin letters and separators that NFKD does not fold. Cyrillic and Greek twins are typed
# by accident on a bilingual keyboard and on purpose by those who want to slip past a filter.
_TWINS = str.maketrans(
    {
        **dict(zip("асеорхуіјѕһԁАВЕКМНОРСТХІЈЅ", "aceopxyijshdABEKMHOPCTXIJS", strict=True)),
        **dict(zip("ορνιαΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "opviaABEZHIKMNOPTYX", strict=True)),
        **dict.fromkeys("‐‑‒–—―−－﹣⁃", "-"),
        **dict.fromkeys("’‘ʼ´`＇ʹ′", "'"),
        **dict.fromkeys("。·•∙⋅․", "."),
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "ß": "s",
        "æ": "a",
        "Æ": "A",
        "œ": "o",
        "Œ": "O",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
    }
)
_UNSEEN = "\x00"


@cache
def token_pattern() -> re.Pattern[str]:
    """What a token of the vault looks like."""
    return re.compile(r"TOKEN_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[^\W_]+")


@cache
def _more_spaces() -> re.Pattern[str]:
    return re.compile(r"(?<= ) +")


@dataclass(frozen=True)
class View:
    """`text` is folded: no accents, no invisible characters, ASCII digits; each token is one NUL.

    `starts` and `ends` give the place of each character in the original, or None where it did not move.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of `text[start:end]` (not empty)."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def blank(self, ranges: list[tuple[int, int]]) -> "View":
        """The same view in which nothing will be recognized inside the ranges."""
        if not ranges:
            return self
        text = self.text
        for start, end in ranges:
            text = text[:start] + _UNSEEN * (end - start) + text[end:]
        return View(text, self.starts, self.ends)

    def cut(self, ranges: list[tuple[int, int]], *, mark: str = "") -> "View":
        """The same view without the ranges, or with one character (`mark`) in place of each."""
        starts = range(len(self.text)) if self.starts is None else self.starts
        ends = range(1, len(self.text) + 1) if self.ends is None else self.ends
        text, done = "", 0
        first: list[int] = []
        last: list[int] = []
        for start, end in ranges:
            text += self.text[done:start] + mark
            first += (*starts[done:start], *(starts[start] for _ in mark))
            last += (*ends[done:start], *(ends[end - 1] for _ in mark))
            done = end
        return View(text + self.text[done:], (*first, *starts[done:]), (*last, *ends[done:]))

    @cached_property
    def lower(self) -> str:
        """The text in lower case, character for character."""
        lowered = self.text.lower()
        if len(lowered) == len(self.text):
            return lowered
        return "".join(low if len(low := char.lower()) == 1 else char for char in self.text)

    @cached_property
    def shouted(self) -> bool:
        """Whether the writer holds the shift key down, so that a capital says nothing."""
        letters = sum(map(str.isalpha, self.text))
        return letters > 6 and sum(map(str.isupper, self.text)) > 0.7 * letters

    @cached_property
    def numbered(self) -> bool:
        """Whether there is a digit at all."""
        return any(map(str.isdigit, self.text))

    @cached_property
    def words(self) -> list[tuple[int, int]]:
        """Runs of letters and digits as (start, end)."""
        return [found.span() for found in _words().finditer(self.lower)]

    @cached_property
    def plain(self) -> list[str]:
        """The words themselves, in lower case."""
        return _words().findall(self.lower)


def look(text: str) -> View:
    """Fold a message."""
    view = View(text) if text.isascii() else _fold(text)
    if "TOKEN_" in text:  # tokens are long
        view = view.cut([found.span() for found in token_pattern().finditer(view.text)], mark=_UNSEEN)
    if "  " in view.text:  # "GB29  NWBK"
        view = view.cut([found.span() for found in _more_spaces().finditer(view.text)])
    return view


def fold(text: str) -> str:
    """The folded, lower-case text alone, for values that are compared."""
    return (View(text) if text.isascii() else _fold(text)).lower


def _fold(text: str) -> View:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, char in enumerate(text):
        if char.isascii():
            chars.append(char)
            starts.append(place)
            ends.append(place + 1)
            continue
        for part in unicodedata.normalize("NFKD", char).translate(_TWINS):
            kind = unicodedata.category(part)
            if kind == "Cf" or part == "\u115f":
                continue
            if kind[0] == "M":
                if ends:  # an accent belongs to the letter before it
                    ends[-1] = place + 1
                continue
            chars.append(" " if kind == "Zs" else part)
            starts.append(place)
            ends.append(place + 1)
    return View("".join(chars), tuple(starts), tuple(ends))
