"""Where the bars of a chart stand; the template draws them, as SVG that needs neither script nor style."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 220.0
"""Units of the drawing; the page scales it."""
_LEFT, _TOP, _BOTTOM = 64.0, 12.0, 28.0
_GAP = 0.25
"""Of a bar's room, what stays free."""
_STEPS = (1, 2, 4, 6, 8, 10)
"""Tops of which a quarter is easy to read."""
_MOST_NAMES = 8


@dataclass(frozen=True)
class Bar:
    """One bar: its corner, its size, its name below (empty where there is no room), what it says."""

    x: float
    y: float
    width: float
    height: float
    name: str
    middle: float
    said: str


@dataclass(frozen=True)
class Line:
    """A line across with its value, in words too."""

    y: float
    value: float
    said: str


@dataclass(frozen=True)
class Chart:
    """All of it."""

    bars: Sequence[Bar]
    lines: Sequence[Line]
    left: float = _LEFT
    width: float = WIDTH
    height: float = HEIGHT
    foot: float = HEIGHT - _BOTTOM


def bars(values: Sequence[tuple[str, float, str]]) -> Chart:
    """Of each value its short name, how much (0 or more), and what it says in words."""
    top = _round_up(max((value for _, value, _ in values), default=0.0))
    room = (WIDTH - _LEFT) / max(1, len(values))
    tall = HEIGHT - _TOP - _BOTTOM
    every = -(-len(values) // _MOST_NAMES) or 1
    drawn = []
    for n, (name, value, said) in enumerate(values):
        height = tall * value / top if top else 0.0
        x = _LEFT + n * room + room * _GAP / 2
        # From the last one back: the newest is always named.
        named = (len(values) - 1 - n) % every == 0
        drawn.append(
            Bar(
                x=round(x, 2),
                y=round(_TOP + tall - height, 2),
                width=round(room * (1 - _GAP), 2),
                height=round(height, 2),
                name=name if named else "",
                middle=round(x + room * (1 - _GAP) / 2, 2),
                said=said,
            )
        )
    steps = [top * n / 4 for n in range(5)] if top else []
    across = [Line(round(_TOP + tall * (1 - step / top), 2), step, _dollars(step, top)) for step in steps]
    return Chart(bars=drawn, lines=across)


def _round_up(value: float) -> float:
    """The next number that is easy to read off four lines; 0 for 0."""
    if value <= 0:
        return 0.0
    size = 1.0
    while size > value:
        size /= 10
    while size * 10 <= value:
        size *= 10
    return next(size * step for step in _STEPS if size * step >= value)


def _dollars(value: float, top: float) -> str:
    """All values of a scale with the same digits."""
    digits = 0 if top >= 4 else 2 if top >= 0.04 else 4 if top >= 0.0004 else 7
    return f"${value:,.{digits}f}"
