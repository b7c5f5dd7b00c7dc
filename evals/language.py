"""Measures how often the language of a message is told right, by its length."""

import argparse
from collections import defaultdict
from pathlib import Path

from evals.engine import understanding
from evals.figures import read_rows, share, wilson
from shared.contracts import LANGUAGES
from shared.errors import SettingsError

_BUCKETS = ((2, "1-2"), (5, "3-5"), (10, "6-10"), (10_000, "11+"))


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Accuracy in all, and by the number of words; no conversation helps."""
    rows = read_rows(Path(args.data), text=str, lang=str)
    foreign = sorted({str(row["lang"]) for row in rows} - set(LANGUAGES))
    if foreign:
        raise SettingsError(f"{args.data}: language {foreign[0]!r} is not one of {', '.join(LANGUAGES)}")
    engine = await understanding(args)
    lengths: dict[str, list[bool]] = {name: [] for _, name in _BUCKETS}
    languages: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        text, lang = str(row["text"]), str(row["lang"])
        right = engine.language(text) == lang
        lengths[next(name for most, name in _BUCKETS if len(text.split()) <= most)].append(right)
        languages[lang].append(right)
    hits = [hit for group in languages.values() for hit in group]
    return {
        "n": len(rows),
        "accuracy": share(hits),
        "accuracy_interval": wilson(hits),
        "by_length": {name: _group(group) for name, group in lengths.items() if group},
        "by_language": {name: _group(group) for name, group in sorted(languages.items())},
    }


def _group(hits: list[bool]) -> dict[str, object]:
    return {"n": len(hits), "accuracy": share(hits), "interval": wilson(hits)}
