"""Measures whether what a message names is found with its value."""

import argparse
from collections import defaultdict
from pathlib import Path

import msgspec

from evals.engine import opened_understanding, understood
from evals.figures import share
from evals.results import Chart, Found
from evals.rows import typed_rows
from evals.tally import Tally, count, printed
from shared.contracts import Language


class Named(msgspec.Struct, frozen=True):
    """One thing in the text, with the normal form of its value."""

    kind: str
    value: str


class Row(msgspec.Struct, frozen=True):
    """A message and everything it names."""

    text: str
    lang: Language
    entities: tuple[Named, ...]


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Entities found and entities invented, by kind; a value counts without regard to case and spaces."""
    tally = Tally()
    recalled: dict[str, list[bool]] = defaultdict(list)
    precise: list[bool] = []
    async with opened_understanding(args) as engine:
        for n, row in enumerate(typed_rows(Path(args.data), Row)):
            answer = await understood(engine, row.text, n)
            said = {(str(each.kind), _same(each.value)) for each in answer.entities}
            wanted = {(each.kind, _same(each.value)) for each in row.entities}
            for kind, value in sorted(wanted):
                recalled[kind].append((kind, value) in said)
            precise += [each in wanted for each in said]
            tally.add(
                row.text,
                right=said == wanted,
                wanted=_kinds(wanted),
                said=_kinds(said),
                tags=(f"lang:{row.lang}",),
                key=_shown(wanted),
                shown=f"{row.text} (wanted: {_shown(wanted)}; found: {_shown(said)})",
            )
    exact = tally.figure("exact")
    recall = count("recall", [hit for hits in recalled.values() for hit in hits])
    precision = count("precision", precise)
    kinds = tuple(count(kind, hits) for kind, hits in sorted(recalled.items()))
    figures = (exact, recall, precision)
    return Found(
        plain={
            "n": exact.n,
            **printed(*figures),
            "by_kind": {
                kind: {"n": len(hits), "recall": share(hits)} for kind, hits in sorted(recalled.items())
            },
        },
        figures=figures,
        charts=(
            *tally.chart("messages with everything right, by language", "lang"),
            *((Chart(title="found, by kind", bars=kinds),) if kinds else ()),
        ),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )


def _same(value: str) -> str:
    return " ".join(value.casefold().split())


def _kinds(named: set[tuple[str, str]]) -> str:
    # Values are words of the customer: they are shown, not kept.
    return " + ".join(sorted(kind for kind, _ in named)) or "nothing"


def _shown(named: set[tuple[str, str]]) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in sorted(named)) or "nothing"
