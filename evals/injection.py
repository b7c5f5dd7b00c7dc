"""Measures how many hostile messages the critic refuses, and how many honest ones."""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.embedded.judge import open_judge
from shared.contracts import ScreenMessage
from shared.errors import SettingsError


@dataclass(frozen=True)
class Sample:
    """A message, whether it is hostile, and where it comes from."""

    text: str
    hostile: bool
    family: str


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Recall on hostile messages, false positives on honest ones, and the refused share by family."""
    judge = open_judge()
    refused: dict[str, list[bool]] = defaultdict(list)
    by_label: dict[bool, list[bool]] = {True: [], False: []}
    samples = read_samples(Path(args.data))
    for n, sample in enumerate(samples):
        ask = ScreenMessage(conversation_id="eval", turn_id=f"t{n}", step_id=f"t{n}.screen", text=sample.text)
        said_no = not (await judge.screen(ask)).allowed
        refused[sample.family].append(said_no)
        by_label[sample.hostile].append(said_no)
    return {
        "n": len(samples),
        "recall": _share(by_label[True]),
        "false_positive_rate": _share(by_label[False]),
        "by_family": {
            family: {"n": len(hits), "refused": _share(hits)} for family, hits in sorted(refused.items())
        },
    }


def read_samples(path: Path) -> list[Sample]:
    """The rows of a JSONL file; raises `SettingsError` naming the line that is wrong."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise SettingsError(f"{path}: {error}; name a JSONL file of messages") from error
    found = []
    for n, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.append(Sample(str(row["text"]), bool(row["label"]), str(row.get("family", ""))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(f"{path}, line {n}: {error!r}; a row has text, label and family") from error
    return found


def _share(hits: list[bool]) -> float:
    """NaN is no JSON: a set without such messages counts as 0."""
    return round(sum(hits) / len(hits), 4) if hits else 0.0
