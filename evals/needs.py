"""Measures whether every need of a message with several is found."""

import argparse
from pathlib import Path
from typing import Annotated

import msgspec

from evals.engine import opened_understanding, understood
from evals.results import Found
from evals.rows import typed_rows
from evals.tally import Tally, count, printed
from shared.contracts import Intent, Language


class Row(msgspec.Struct, frozen=True):
    """A message and what its writer wants, in any order."""

    text: str
    lang: Language
    needs: Annotated[tuple[Intent, ...], msgspec.Meta(min_length=1)]


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Messages with exactly the right needs; needs found and needs invented over all messages."""
    tally = Tally()
    found_ones: list[bool] = []
    said_ones: list[bool] = []
    main: list[bool] = []
    async with opened_understanding(args) as engine:
        for n, row in enumerate(typed_rows(Path(args.data), Row)):
            answer = await understood(engine, row.text, n)
            said, wanted = {need.intent for need in answer.needs}, set(row.needs)
            found_ones += [need in said for need in wanted]
            said_ones += [need in wanted for need in said]
            main.append(answer.needs[0].intent in wanted)
            tally.add(
                row.text,
                right=said == wanted,
                wanted=" + ".join(sorted(wanted)),
                said=" + ".join(sorted(said)),
                tags=(f"lang:{row.lang}", f"count:{len(wanted)}"),
            )
    exact = tally.figure("exact")
    figures = (
        exact,
        count("recall", found_ones),
        count("precision", said_ones),
        count("main_need", main),
    )
    return Found(
        plain={"n": exact.n, **printed(*figures)},
        figures=figures,
        charts=(*tally.chart("by language", "lang"), *tally.chart("by number of needs", "count")),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )
