"""Shows what differs between two texts, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_MOST_LINES = 1000
"""An article has some dozens; comparing takes the square of it."""
_AROUND = 2


@dataclass(frozen=True)
class Line:
    """One line: in both, only in the older (`gone`) or only in the newer text (`new`); `skipped` is a gap."""

    kind: Literal["same", "gone", "new", "skipped"]
    text: str = ""


def differences(old: str, new: str) -> list[Line] | None:
    """What changed, with two lines around; empty when nothing did, None when the texts are too long."""
    before, after = (text.replace("\r\n", "\n").split("\n") for text in (old, new))
    if max(len(before), len(after)) > _MOST_LINES:
        return None
    return list(_lines(before, after))


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    for n, group in enumerate(SequenceMatcher(None, before, after).get_grouped_opcodes(_AROUND)):
        if n:
            yield Line("skipped")
        for what, start, end, start_after, end_after in group:
            if what == "equal":
                yield from (Line("same", line) for line in before[start:end])
                continue
            yield from (Line("gone", line) for line in before[start:end])
            yield from (Line("new", line) for line in after[start_after:end_after])
