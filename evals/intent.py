"""Measures how often the main need is one that counts as right."""

import argparse
from collections import defaultdict
from pathlib import Path

from evals.engine import understanding, understood
from evals.figures import macro, macro_interval, percentile, read_rows, share, wilson
from shared.contracts import Intent
from shared.errors import SettingsError


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Accuracy over rows, and macro: the mean over `label`, or the first of `accept` where there is none."""
    path = Path(args.data)
    rows = read_rows(path, text=str, accept=list)
    for row in rows:
        wrong = [name for name in _accept(row) if name not in set(Intent)]
        if wrong or not row["accept"]:
            raise SettingsError(
                f"{path}: accept {row['accept']!r} of {str(row['text'])[:40]!r} is not a list of our intents"
            )
    engine = await understanding(args)
    groups: dict[str, list[bool]] = defaultdict(list)
    latency = []
    for n, row in enumerate(rows):
        found = await understood(engine, str(row["text"]), n)
        groups[str(row.get("label") or _accept(row)[0])].append(found.needs[0].intent in _accept(row))
        latency.append(found.usage.latency_ms)
    hits = [hit for group in groups.values() for hit in group]
    return {
        "n": len(rows),
        "accuracy": share(hits),
        "accuracy_interval": wilson(hits),
        "macro": macro(groups),
        "macro_interval": macro_interval(groups),
        "latency_ms": {"p50": percentile(latency, 50), "p95": percentile(latency, 95)},
        "per_label": {
            label: {"n": len(group), "accuracy": share(group)} for label, group in sorted(groups.items())
        },
    }


def _accept(row: dict[str, object]) -> list[str]:
    accept = row["accept"]
    assert isinstance(accept, list)  # read_rows has checked it
    return [str(name) for name in accept]
