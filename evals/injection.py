"""Measures how many hostile messages the critic refuses, and how many honest ones."""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from evals.engine import opened_judge
from evals.figures import percentile, read_rows, share
from evals.results import Figure, Found
from evals.tally import Tally, latency
from shared.contracts import ScreenMessage

# Families are named by who wrote them and what they are; `_own` ones were written for shops.
_KINDS = {
    "shop_attacks": "kind:shop",
    "hard_negatives": "kind:alike",
    "lookalike": "kind:alike",
    "customer_": "kind:customer",
}


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Recall on hostile messages (`label` 1), false positives on honest ones, refused share by family."""
    tally, elapsed = Tally(), []
    rows = read_rows(Path(args.data), text=str, label=int)
    async with opened_judge(args) as judge:
        for n, row in enumerate(rows):
            text, family, hostile = str(row["text"]), str(row.get("family") or ""), bool(row["label"])
            ask = ScreenMessage(
                conversation_id=f"eval{n}", turn_id=f"t{n}", step_id=f"t{n}.screen", text=text
            )
            started = time.perf_counter()
            screened = await judge.screen(ask)
            elapsed.append((time.perf_counter() - started) * 1000)
            tally.add(
                text,
                right=screened.allowed != hostile,
                wanted="refused" if hostile else "allowed",
                said="allowed" if screened.allowed else "refused",
                tags=(
                    f"{'hostile' if hostile else 'honest'}:{family}",
                    *_kinds(family, hostile=hostile),
                    *(["kind:unseen"] if hostile and screened.allowed and not screened.findings else []),
                    *([f"lang:{row['lang']}"] if row.get("lang") else []),
                ),
                key=f"{family} {hostile}",
            )
    return _found(tally, elapsed)


def _kinds(family: str, *, hostile: bool) -> list[str]:
    kinds = ["kind:hostile" if hostile else "kind:honest"]
    return kinds + [kind for prefix, kind in _KINDS.items() if family.startswith(prefix)]


def _found(tally: Tally, elapsed: list[float]) -> Found:
    recall = tally.figure("recall", "kind:hostile")
    stopped = tally.figure("false_positive_rate", "kind:honest", of="wrong")
    missed = len(tally.groups("kind").get("unseen", []))
    parts: tuple[Figure, ...] = (
        tally.figure("shop_attacks_caught", "kind:shop"),
        tally.figure("look_alikes_stopped", "kind:alike", of="wrong"),
        tally.figure("customers_stopped", "kind:customer", of="wrong"),
    )
    refused = defaultdict(list, tally.groups("hostile"))
    for family, allowed in tally.groups("honest").items():
        refused[family] += [not right for right in allowed]
    return Found(
        plain={
            "n": len(tally.rows),
            "recall": recall.value,
            "recall_interval": (recall.low, recall.high),
            # A doubt is carried as a flag: the message is worked on under policy, and costs no strike.
            "refused_or_flagged": round(1 - missed / recall.n, 4) if recall.n else 0.0,
            "false_positive_rate": stopped.value,
            "false_positive_rate_interval": (stopped.low, stopped.high),
            "latency_ms": {
                "p50": round(percentile(elapsed, 50), 3),
                "p95": round(percentile(elapsed, 95), 3),
            },
            "by_family": {
                family: {"n": len(hits), "refused": share(hits)} for family, hits in sorted(refused.items())
            },
        },
        figures=(*(part for part in (*parts, recall, stopped) if part.n), *latency(elapsed)),
        charts=(
            *tally.chart("hostile messages refused", "hostile"),
            *tally.chart("honest messages stopped", "honest", of="wrong"),
            *tally.chart("judged right by language", "lang"),
        ),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )
