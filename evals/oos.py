"""Measures how many messages no shop could answer are recognized, and how many of ours are turned away."""

import argparse
from pathlib import Path

from evals.engine import opened_understanding, understood
from evals.figures import read_rows
from evals.results import Found
from evals.tally import Tally
from shared.contracts import Intent


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Recall on `args.data`; with `args.in_scope`, the share of its rows wrongly turned away."""
    foreign = [str(row["text"]) for row in read_rows(Path(args.data), text=str)]
    in_scope = getattr(args, "in_scope", None)
    ours = [str(row["text"]) for row in read_rows(Path(in_scope), text=str)] if in_scope else []
    tally = Tally()
    async with opened_understanding(args) as engine:
        for texts, is_foreign in ((foreign, True), (ours, False)):
            for n, text in enumerate(texts):
                main = (await understood(engine, text, n)).needs[0]
                tally.add(
                    text,
                    right=(main.intent is Intent.OUT_OF_SCOPE) == is_foreign,
                    wanted="foreign" if is_foreign else "ours",
                    said=main.intent,
                    sure=main.confidence,
                    tags=(f"scope:{'foreign' if is_foreign else 'ours'}",),
                )
    recall = tally.figure("recall", "scope:foreign")
    plain: dict[str, object] = {
        "n": recall.n,
        "recall": recall.value,
        "recall_interval": (recall.low, recall.high),
    }
    if not ours:
        return Found(plain, (recall,), rows=tuple(tally.rows), texts=tally.texts)
    rejected = tally.figure("false_reject_rate", "scope:ours", of="wrong")
    plain |= {
        "in_scope_n": rejected.n,
        "false_reject_rate": rejected.value,
        "false_reject_interval": (rejected.low, rejected.high),
    }
    return Found(plain, (recall, rejected), rows=tuple(tally.rows), texts=tally.texts)
