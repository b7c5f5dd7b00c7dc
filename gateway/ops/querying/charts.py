"""Draws a table that can be drawn: bars by name, lines over time. The table itself stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ports.traces import Cell, Table

_NUMBERS = {"real", "int", "long", "decimal"}
_MOST_BARS = 40
_MOST_LINES = 6
_LEAST = 2
_TABLE = {"table", "card"}
_BARS = {"barchart", "columnchart", "piechart"}
_LINES = {"timechart", "linechart", "areachart", "stackedareachart", "scatterchart"}


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its figure, and its length in per cent of the longest."""

    label: str
    value: float
    length: float


@dataclass(frozen=True)
class Line:
    """One line: its points in a picture of 100 by 100, `x,y` divided by blanks; `lone` has but one."""

    label: str
    points: str
    lone: bool = False


@dataclass(frozen=True)
class Chart:
    """Bars, or lines between two times and two figures. `left_out` says what is not drawn."""

    title: str
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    low: float = 0.0
    high: float = 0.0
    first: str = ""
    last: str = ""
    left_out: str = ""


def chart(table: Table, hint: str = "") -> Chart | None:
    """The picture of a table whose first column is a time or a text and that has a figure; None for others.

    `hint` is what `render` asks for: a table is not drawn, and a bar chart of times has bars, or lines by
    what stands beside the times where there are too many. Without it nothing is drawn that says nothing:
    bars of one name, lines of one point each, rows as they were sent.
    """
    kinds = [kind for _, kind in table.columns]
    figures = [at for at, kind in enumerate(kinds) if kind in _NUMBERS and at > 0]
    if hint in _TABLE or not figures or len(table.rows) < _LEAST:
        return None
    when = _along(kinds, hint, many=len(table.rows) > _MOST_BARS)
    if when >= 0:
        by = kinds.index("string") if "string" in kinds else -1
        return _over_time(table, figures, when=when, by=by, least=1 if hint else _LEAST)
    several = len({row[0] for row in table.rows}) < len(table.rows)
    if hint or (kinds[0] in {"string", "guid", "bool"} and not several):
        return _bars(table, figures[0])
    return None


def _along(kinds: Sequence[str], hint: str, *, many: bool) -> int:
    """The column of times that lines go along; -1 where there are to be bars, or nothing."""
    if "datetime" not in kinds:
        return -1
    when = kinds.index("datetime")
    if hint in _BARS:
        return when if many and "string" in kinds else -1
    if hint in _LINES:
        # `summarize count() by Name, bin(TimeGenerated, 1h)` has its times behind the names.
        return when
    names = sum(kind not in {*_NUMBERS, "datetime"} for kind in kinds)
    return when if when == 0 and names <= 1 else -1


def _bars(table: Table, at: int) -> Chart | None:
    named = _naming(table)
    rows = [
        (" · ".join(_name(row[n], table.columns[n][1]) for n in named), _figure(row[at]))
        for row in table.rows
    ]
    drawn = [(label, value) for label, value in rows[:_MOST_BARS] if value is not None]
    most = max((abs(value) for _, value in drawn), default=0.0)
    if not most:
        return None
    bars = [Bar(label, value, round(100 * abs(value) / most, 2)) for label, value in drawn]
    left = f"the first {_MOST_BARS} of {len(rows):,} rows" if len(rows) > _MOST_BARS else ""
    by = ", ".join(table.columns[n][0] for n in named)
    return Chart(f"{table.columns[at][0]} by {by}", bars=bars, high=most, left_out=left)


def _naming(table: Table) -> Sequence[int]:
    """The columns that name a bar: the first, and what else is no figure; not what all of them share."""
    names = [n for n, (_, kind) in enumerate(table.columns) if n == 0 or kind not in {*_NUMBERS, "dynamic"}]
    return [n for n in names if len({row[n] for row in table.rows}) > 1] or names[:1]


def _name(cell: Cell, kind: str) -> str:
    moment = _time(cell) if kind == "datetime" else None
    if moment is not None:
        return _told(moment)
    return "–" if cell is None or cell == "" else str(cell)


def _over_time(table: Table, figures: Sequence[int], *, when: int, by: int, least: int) -> Chart | None:
    """One line for each value of the text beside the time, or for each figure where there is no text.

    One of them has at least so many points.
    """
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in table.rows:
        moment = _time(row[when])
        for at in figures[:1] if by >= 0 else figures:
            value = _figure(row[at])
            if moment is not None and value is not None:
                name = str(row[by] or "–") if by >= 0 else table.columns[at][0]
                lines.setdefault(name, []).append((moment, value))
    shown = dict(sorted(lines.items(), key=lambda each: -sum(y for _, y in each[1]))[:_MOST_LINES])
    points = [point for each in shown.values() for point in each]
    if len(points) < _LEAST or max(map(len, lines.values())) < least:
        return None
    begin, end = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(0.0, *(y for _, y in points)), max(y for _, y in points)
    wide, tall = (end - begin) or 1.0, (high - low) or 1.0
    drawn = [
        Line(
            name,
            " ".join(
                # A line of one point is drawn where it begins and ends: its round ends are a dot.
                f"{100 * (x - begin) / wide:.2f},{100 - 100 * (y - low) / tall:.2f}"
                for x, y in sorted(each if len(each) > 1 else each * 2)
            ),
            lone=len(each) == 1,
        )
        for name, each in shown.items()
    ]
    left = f"the {_MOST_LINES} greatest of {len(lines):,} lines" if len(lines) > _MOST_LINES else ""
    what = table.columns[figures[0]][0] if by >= 0 or len(figures) == 1 else "figures"
    return Chart(
        f"{what} over {table.columns[when][0]}", lines=drawn, low=low, high=high, first=_told(begin),
        last=_told(end), left_out=left,
    )  # fmt: skip


def _figure(cell: Cell) -> float | None:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != cell:  # noqa: PLR0124  NaN
        return None
    return float(cell) if abs(cell) < float("inf") else None


def _time(cell: Cell) -> float | None:
    try:
        found = datetime.fromisoformat(str(cell))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _told(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
