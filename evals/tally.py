"""Collects judged rows while a measure runs."""

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

from evals.figures import macro, macro_interval, percentile, share, wilson
from evals.results import Cell, Chart, Figure, Row

_DIGITS = 12


class Tally:
    """The rows so far, with the texts that only the report may show."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.texts: dict[str, str] = {}
        self._seen: Counter[str] = Counter()

    def add(
        self,
        text: str,
        *,
        right: bool,
        wanted: str = "",
        said: str = "",
        sure: float | None = None,
        tags: Sequence[str] = (),
        key: str = "",
        shown: str = "",
    ) -> None:
        """Note one judgement.

        `key` is what else makes the row this row (its label, its context); `shown` is what the report
        quotes in place of the bare text.
        """
        digest = hashlib.sha256(f"{text}\n{key or wanted}".encode()).hexdigest()[:_DIGITS]
        self._seen[digest] += 1
        row_id = digest if self._seen[digest] == 1 else f"{digest}.{self._seen[digest]}"
        self.texts[row_id] = shown or text
        rounded = None if sure is None else round(sure, 4)
        self.rows.append(Row(row_id, right, wanted, said, rounded, tuple(tags)))

    def hits(self, *tags: str) -> list[bool]:
        """For each row with one of `tags` (none: every row), whether it was right."""
        return [row.right for row in self.rows if not tags or not set(tags).isdisjoint(row.tags)]

    def groups(self, kind: str) -> dict[str, list[bool]]:
        """Whether rows were right, by the tags `kind:name`."""
        found: dict[str, list[bool]] = defaultdict(list)
        for row in self.rows:
            for tag in row.tags:
                if tag.startswith(f"{kind}:"):
                    found[tag.removeprefix(f"{kind}:")].append(row.right)
        return dict(sorted(found.items(), key=lambda group: _in_order(group[0])))

    def figure(self, name: str, *tags: str, of: Literal["right", "wrong"] = "right") -> Figure:
        """The share of the rows with one of `tags` that are right, or wrong."""
        hits = [right == (of == "right") for right in self.hits(*tags)]
        low, high = wilson(hits)
        better: Literal["higher", "lower"] = "higher" if of == "right" else "lower"
        return Figure(
            name=name, value=share(hits), n=len(hits), low=low, high=high, better=better, tags=tuple(tags)
        )

    def macro(self, name: str, kind: str) -> Figure:
        """The mean share of right rows over the tags `kind:name`."""
        groups = self.groups(kind)
        low, high = macro_interval(groups)
        return Figure(name=name, value=macro(groups), n=len(self.rows), low=low, high=high, tags=())

    def chart(self, title: str, kind: str, of: Literal["right", "wrong"] = "right") -> tuple[Chart, ...]:
        """The shares by the tags `kind:name`; nothing where there is one group or none."""
        groups = self.groups(kind)
        bars = tuple(self.figure(name, f"{kind}:{name}", of=of) for name in groups)
        return (Chart(title=title, bars=bars),) if len(bars) > 1 else ()

    def confusion(self) -> tuple[Cell, ...]:
        """How often each answer was given for each wanted one."""
        counted = Counter((row.wanted, row.said) for row in self.rows)
        return tuple(Cell(wanted=wanted, said=said, n=n) for (wanted, said), n in sorted(counted.items()))


def _in_order(name: str) -> tuple[float, str]:
    """Names that begin with a number by it (3-5 before 11+), the others by letter after them."""
    number = re.match(r"\d+", name)
    return (int(number[0]) if number else math.inf), name


def latency(values: Sequence[float]) -> tuple[Figure, Figure]:
    """The median and the 95th percentile of milliseconds."""
    return (
        Figure(
            name="p50_ms", value=round(percentile(values, 50), 3), n=len(values), unit="ms", better="lower"
        ),
        Figure(
            name="p95_ms", value=round(percentile(values, 95), 3), n=len(values), unit="ms", better="lower"
        ),
    )


def count(name: str, hits: Sequence[bool], *, better: Literal["higher", "lower"] = "higher") -> Figure:
    """A share that no row of the tally stands for."""
    low, high = wilson(hits)
    return Figure(name=name, value=share(hits), n=len(hits), low=low, high=high, better=better)


def printed(*figures: Figure) -> dict[str, object]:
    """Figures and their intervals by name, as a measure prints them alone."""
    plain: dict[str, object] = {}
    for figure in figures:
        plain[figure.name] = figure.value
        if figure.low is not None:
            plain[f"{figure.name}_interval"] = (figure.low, figure.high)
    return plain
