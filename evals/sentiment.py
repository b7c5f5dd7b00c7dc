"""Measures how often the mood of a message is told right."""

import argparse
from pathlib import Path
from typing import Literal

import msgspec

from evals.engine import opened_understanding, understood
from evals.figures import share
from evals.results import Found
from evals.rows import typed_rows
from evals.tally import Tally, printed
from shared.contracts import Language


class Row(msgspec.Struct, frozen=True):
    """A message and the mood it is written in."""

    text: str
    lang: Language
    label: Literal["positive", "neutral", "negative"]


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Accuracy over rows, and macro over the three labels."""
    tally = Tally()
    async with opened_understanding(args) as engine:
        for n, row in enumerate(typed_rows(Path(args.data), Row)):
            mood = (await understood(engine, row.text, n)).sentiment
            tally.add(
                row.text,
                right=mood.label == row.label,
                wanted=row.label,
                said=mood.label,
                tags=(f"label:{row.label}", f"lang:{row.lang}"),
            )
    accuracy, macro = tally.figure("accuracy"), tally.macro("macro", "label")
    return Found(
        plain={
            "n": accuracy.n,
            **printed(accuracy, macro),
            "per_label": {
                label: {"n": len(hits), "accuracy": share(hits)}
                for label, hits in tally.groups("label").items()
            },
        },
        figures=(macro, accuracy),
        charts=(*tally.chart("by language", "lang"), *tally.chart("by label", "label")),
        confusion=tally.confusion(),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )
