"""Counts shares, their 95 % intervals, and lays them out as a table."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from shared.errors import SettingsError

_Z = 1.959964  # two-sided 95 % of the normal distribution
RESAMPLES = 2000


def share(hits: Sequence[bool]) -> float:
    """The part of `hits` that is true; 0 when there are none (NaN is no JSON)."""
    return round(sum(hits) / len(hits), 4) if hits else 0.0


def wilson(hits: Sequence[bool]) -> tuple[float, float]:
    """95 % interval of a share by Wilson's score, which stays honest near 0 and 1 and for small n."""
    n = len(hits)
    if not n:
        return 0.0, 1.0
    p = sum(hits) / n
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def macro(groups: dict[str, list[bool]]) -> float:
    """The mean of the groups' shares: a rare group counts as much as a common one."""
    return round(sum(sum(hits) / len(hits) for hits in groups.values()) / len(groups), 4) if groups else 0.0


def macro_interval(groups: dict[str, list[bool]]) -> tuple[float, float]:
    """95 % interval of `macro` by bootstrap within groups; the seed is fixed, so it repeats."""
    draw = Random(1)
    means = sorted(
        sum(sum(draw.choices(hits, k=len(hits))) / len(hits) for hits in groups.values())
        / max(len(groups), 1)
        for _ in range(RESAMPLES)
    )
    return round(means[int(RESAMPLES * 0.025)], 4), round(means[int(RESAMPLES * 0.975) - 1], 4)


def percentile(values: Sequence[float], at: float) -> float:
    """The value that `at` percent of `values` do not exceed (nearest rank); 0 when there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * at / 100) - 1)]


def mcnemar(broke: int, mended: int) -> float:
    """How likely so uneven a split of the rows that changed is by chance (exact, two-sided)."""
    changed = broke + mended
    tail = sum(math.comb(changed, k) for k in range(min(broke, mended) + 1))
    return min(1.0, 2 * tail / (1 << changed))


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """The objects of a JSONL file with the numbers of their lines.

    Raises:
        SettingsError: the file cannot be read, a line is no object, or there is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}; name a JSONL file in UTF-8") from error
    if not any(line.strip() for line in lines):
        raise SettingsError(f"{path}: no rows; name a JSONL file with one object on each line")
    for n, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SettingsError(
                f"{path}, line {n}: not JSON ({error}); put one object on each line"
            ) from error
        if not isinstance(row, dict):
            raise SettingsError(f"{path}, line {n}: not an object; put one object on each line")
        yield n, row


def read_rows(path: Path, **fields: type) -> list[dict[str, object]]:
    """The objects of a JSONL file, each with `fields` of these types; says which line is wrong."""
    rows = []
    for n, row in numbered_rows(path):
        for name, kind in fields.items():
            if not isinstance(row.get(name), kind):
                raise SettingsError(f"{path}, line {n}: `{name}` is missing or no {kind.__name__}; add it")
        rows.append(row)
    return rows


def table(figures: dict[str, object], *, indent: str = "") -> str:
    """Figures as aligned lines for people; nested ones are indented."""
    width = max((len(name) for name in figures), default=0)
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict) and not all(
            isinstance(v, (int, float, str, list, tuple)) for v in value.values()
        ):
            lines += [f"{indent}{name}", table(value, indent=f"{indent}  ")]
        else:
            lines.append(f"{indent}{name:<{width}}  {_shown(value)}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_shown(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_shown(part) for part in value)}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
