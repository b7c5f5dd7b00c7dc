"""Measures how many messages no shop could answer are recognized, and how many of ours are turned away."""

import argparse
from pathlib import Path

from evals.engine import understanding, understood
from evals.figures import read_rows, share, wilson
from shared.adapters.embedded.understanding import EmbeddedUnderstanding
from shared.contracts import Intent


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Recall on `args.data`; with `args.in_scope`, the share of its rows wrongly turned away."""
    foreign = read_rows(Path(args.data), text=str)
    ours = read_rows(Path(args.in_scope), text=str) if getattr(args, "in_scope", None) else []
    engine = await understanding(args)
    refused = await _refused(engine, foreign)
    figures: dict[str, object] = {
        "n": len(foreign),
        "recall": share(refused),
        "recall_interval": wilson(refused),
    }
    if ours:
        wrongly = await _refused(engine, ours)
        figures |= {
            "in_scope_n": len(ours),
            "false_reject_rate": share(wrongly),
            "false_reject_interval": wilson(wrongly),
        }
    return figures


async def _refused(engine: EmbeddedUnderstanding, rows: list[dict[str, object]]) -> list[bool]:
    found = [await understood(engine, str(row["text"]), n) for n, row in enumerate(rows)]
    return [answer.needs[0].intent is Intent.OUT_OF_SCOPE for answer in found]
