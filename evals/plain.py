"""Reads figures out of the plain dict of a measure that says no more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from evals.results import Figure, Found

_COUNTS = ("n", "values")


def found_in(figures: Mapping[str, Any]) -> Found:
    """Every number of a dict as a figure, with its `<name>_interval` and the `n` beside it."""
    return Found(plain=dict(figures), figures=tuple(_figures(figures)))


def _figures(values: Mapping[str, Any], path: str = "", outer_n: int = 0) -> Iterator[Figure]:
    n = next((values[name] for name in _COUNTS if isinstance(values.get(name), int)), outer_n)
    for name, value in values.items():
        full = f"{path}{name}"
        if isinstance(value, Mapping):
            yield from _figures(value, f"{full}.", n)
        elif isinstance(value, int | float) and not isinstance(value, bool) and not _is_count(name):
            low, high = _interval(values, name)
            yield Figure(
                name=full.removesuffix(".share"),
                value=float(value),
                n=int(values.get(f"{name}_n", n)),
                low=low,
                high=high,
                unit=_unit(full, value, is_share=low is not None or "share" in values),
            )


def _unit(name: str, value: float, *, is_share: bool) -> Literal["share", "ms", "number"]:
    if is_share and isinstance(value, float):
        return "share"
    return "ms" if "ms" in re.split(r"[._]", name) else "number"


def _is_count(name: str) -> bool:
    return name in _COUNTS or name.endswith("_n")


def _interval(values: Mapping[str, Any], name: str) -> tuple[float | None, float | None]:
    """The interval beside a figure: `<name>_interval`, or `interval` for the share of a group."""
    keys = [f"{name}_interval", f"{name.removesuffix('_rate')}_interval"]
    if name == "share":
        keys.append("interval")
    for key in keys:
        pair = values.get(key)
        if isinstance(pair, list | tuple) and len(pair) == 2:
            return float(pair[0]), float(pair[1])
    return None, None
