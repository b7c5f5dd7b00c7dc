"""Measures how often the main need is one that counts as right."""

import argparse
import re
from pathlib import Path

import msgspec

from evals.calibration import calibration_error, reliability
from evals.engine import opened_understanding
from evals.figures import percentile, read_rows, share
from evals.results import Figure, Found
from evals.tally import Tally, count, latency, printed
from shared.contracts import ClassifyIntent, Intent, Language, Said
from shared.errors import SettingsError

# Below this a turn asks back or goes to a person (PRODUCT, escalation).
SURE = 0.7
# Rows of the second writer of our held-out messages (evals/data/README.md).
_SECOND = re.compile(r"(?:en|fr|es)2-")


class _Context(msgspec.Struct, frozen=True):
    """What was said before, and what the bot had asked for."""

    context: tuple[Said, ...] = ()
    open_intent: Intent | None = None
    open_slot: str = ""
    lang: Language | None = None


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Accuracy over rows, and macro: the mean over `label`, or the first of `accept` where there is none."""
    path = Path(args.data)
    rows = read_rows(path, text=str, accept=list)
    asks = [_ask(path, n, row) for n, row in enumerate(rows, start=1)]
    tally, elapsed = Tally(), []
    async with opened_understanding(args) as engine:
        for row, ask in zip(rows, asks, strict=True):
            found = await engine.classify(ask)
            elapsed.append(found.usage.latency_ms)
            accept, main = _accept(row), found.needs[0]
            right = main.intent in accept
            lang = row.get("lang") or getattr(args, "lang", None)
            tally.add(
                ask.text,
                right=right,
                wanted=main.intent if right else accept[0],
                said=main.intent,
                sure=main.confidence,
                tags=(
                    f"label:{row.get('label') or accept[0]}",
                    f"context:{'after other words' if ask.history else 'first words'}",
                    f"writer:{'second' if _SECOND.match(str(row.get('id'))) else 'first'}",
                    *([f"lang:{lang}"] if lang else []),
                ),
                key=f"{accept} {row.get('context')} {ask.open_intent} {ask.open_slot}",
            )
    return _found(tally, elapsed)


def _found(tally: Tally, elapsed: list[float]) -> Found:
    bins = reliability([(row.sure or 0.0, row.right) for row in tally.rows])
    accuracy, macro = tally.figure("accuracy"), tally.macro("macro", "label")
    coverage = count("coverage_at_0.7", [(row.sure or 0.0) >= SURE for row in tally.rows])
    when_sure = count("accuracy_at_0.7", [row.right for row in tally.rows if (row.sure or 0.0) >= SURE])
    error = Figure(
        name="calibration_error", value=calibration_error(bins), n=accuracy.n, unit="number", better="lower"
    )
    return Found(
        plain={
            "n": accuracy.n,
            **printed(accuracy, macro, coverage, when_sure, error),
            "latency_ms": {"p50": percentile(elapsed, 50), "p95": percentile(elapsed, 95)},
            "per_label": {
                label: {"n": len(group), "accuracy": share(group)}
                for label, group in tally.groups("label").items()
            },
        },
        figures=(
            macro,
            accuracy,
            coverage,
            when_sure,
            error,
            *latency(elapsed),
        ),
        charts=(
            *tally.chart("by language", "lang"),
            *tally.chart("by what was said before", "context"),
            *tally.chart("by writer", "writer"),
            *tally.chart("by label", "label"),
        ),
        reliability=bins,
        confusion=tally.confusion(),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )


def _ask(path: Path, n: int, row: dict[str, object]) -> ClassifyIntent:
    """The row as the conversation would ask it.

    Raises:
        SettingsError: an intent is not ours, or the context is not one.
    """
    wrong = [name for name in _accept(row) if name not in set(Intent)]
    if wrong or not row["accept"]:
        raise SettingsError(
            f"{path}: accept {row['accept']!r} of {str(row['text'])[:40]!r} is not a list of our intents"
        )
    try:
        before = msgspec.convert(row, _Context)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}, row {n}: {error}; see evals/intent.py for the shape") from error
    return ClassifyIntent(
        conversation_id=f"eval{n}",
        turn_id=f"t{n}",
        step_id=f"t{n}.intent",
        text=str(row["text"]),
        history=before.context,
        # A conversation that has begun knows its language; a first message does not.
        language_prior=before.lang if before.context else None,
        open_intent=before.open_intent,
        open_slot=before.open_slot,
    )


def _accept(row: dict[str, object]) -> list[str]:
    accept = row["accept"]
    assert isinstance(accept, list)  # read_rows has checked it
    return [str(name) for name in accept]
