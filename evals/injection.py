"""Measures how many hostile messages the critic refuses, and how many honest ones."""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from evals.figures import percentile, read_rows, share, wilson
from shared.adapters.embedded.judge import open_judge
from shared.contracts import ScreenMessage


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Recall on hostile messages (`label` 1), false positives on honest ones, refused share by family."""
    judge = open_judge()
    families: dict[str, list[bool]] = defaultdict(list)
    hostile: list[bool] = []
    honest: list[bool] = []
    latency: list[float] = []
    rows = read_rows(Path(args.data), text=str, label=int)
    for n, row in enumerate(rows):
        ask = ScreenMessage(
            conversation_id=f"eval{n}", turn_id=f"t{n}", step_id=f"t{n}.screen", text=str(row["text"])
        )
        started = time.perf_counter()
        refused = not (await judge.screen(ask)).allowed
        latency.append((time.perf_counter() - started) * 1000)
        families[str(row.get("family") or "")].append(refused)
        (hostile if row["label"] else honest).append(refused)
    return {
        "n": len(rows),
        "recall": share(hostile),
        "recall_interval": wilson(hostile),
        "false_positive_rate": share(honest),
        "false_positive_rate_interval": wilson(honest),
        "latency_ms": {"p50": round(percentile(latency, 50), 3), "p95": round(percentile(latency, 95), 3)},
        "by_family": {
            family: {"n": len(refused), "refused": share(refused)}
            for family, refused in sorted(families.items())
        },
    }
