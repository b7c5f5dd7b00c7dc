"""Puts figures, intervals, limits into the words the page shows."""

import re

from evals.comparing import Change
from evals.results import Figure
from evals.targets import Target

QUOTED = 280  # characters of a row that are quoted
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#!~&])")


def percent(value: float) -> str:
    """A share with the digits that mean something near 0 and 1."""
    if value in {0.0, 1.0}:
        return f"{value:.0%}".replace("%", " %")
    digits = 2 if value < 0.01 or value > 0.99 else 1
    return f"{value * 100:.{digits}f} %"


def shown(figure: Figure) -> str:
    """The value in its unit."""
    if figure.unit == "share":
        return percent(figure.value)
    return f"{figure.value:.3g} ms" if figure.unit == "ms" else f"{figure.value:.4g}"


def interval(figure: Figure) -> str:
    """Its 95 % interval, or nothing."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{percent(figure.low).removesuffix(' %')}–{percent(figure.high)}"


def limit(target: Target) -> str:
    """What is promised."""
    return f"{'≥' if target.at_least is not None else '≤'} {_short(target.limit)}"


def _short(share: float) -> str:
    return f"{share * 100:.4g} %"


def difference(figure: Figure, change: Change | None) -> str:
    """How the figure moved, and whether chance explains it."""
    if change is None:
        return "not in the other run"
    moved = _moved(figure, change.difference)
    if not change.broke + change.mended:
        return moved
    told = "beyond chance" if change.beyond_chance else "no difference beyond chance"
    return f"{moved}: {change.broke} broke, {change.mended} mended; {told} (p {_chance(change.p)})"


def _moved(figure: Figure, by: float) -> str:
    if not by:
        return "unchanged"
    if figure.unit == "share":
        return f"{by * 100:+.2f} points"
    return f"{by:+.3g} ms" if figure.unit == "ms" else f"{by:+.3g}"


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def name(identifier: str) -> str:
    """A figure's name for people."""
    return identifier.replace("_", " ")


def quoted(text: str) -> str:
    """The beginning of a row on one line."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED].rstrip()}…"


def markdown(text: object) -> str:
    """`text` with everything escaped that Markdown or HTML would act on."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split())).replace("\\<", "&lt;").replace("\\>", "&gt;")
