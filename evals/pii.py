"""Measures how much personal data survives masking, and how many other words are masked with it."""

import argparse
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.figures import percentile, read_rows, share, wilson
from shared.adapters.local.vault import open_local_vault
from shared.errors import SettingsError
from shared.personal_data import Span, find

# Rows that also go through the vault on disk; its cost is the disk's, so a sample says enough.
_THROUGH_VAULT = 200


@dataclass(frozen=True)
class Row:
    """A message, the record of who wrote it, and what must not survive."""

    text: str
    known: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    variant: str


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Leak rate by value, over-masking by word, milliseconds to find, on the rows of `args.data`."""
    rows = [_row(n, row, args.data) for n, row in enumerate(read_rows(Path(args.data), text=str), start=1)]
    leaks: dict[str, list[bool]] = defaultdict(list)
    masked: list[bool] = []
    elapsed: list[float] = []
    for row in rows:
        started = time.perf_counter()
        found = find(row.text, known=row.known)
        elapsed.append((time.perf_counter() - started) * 1000)
        leaks[row.variant] += [_survives(row.text, span, found) for span in row.spans]
        masked += _masked_words(row, found)
    values = [leak for group in leaks.values() for leak in group]
    return {
        "n": len(rows),
        "values": len(values),
        "leak_rate": share(values),
        "leak_interval": wilson(values),
        "overmask_rate": share(masked),
        "overmask_interval": wilson(masked),
        "p95_ms": round(percentile(elapsed, 95), 3),
        "p50_ms": round(percentile(elapsed, 50), 3),
        "vault_p95_ms": round(await _vault_p95(rows[:_THROUGH_VAULT]), 3),
        "by_variant": {
            name: {"n": len(group), "leak_rate": share(group), "interval": wilson(group)}
            for name, group in sorted(leaks.items())
            if group
        },
    }


def _row(number: int, row: dict[str, object], source: str) -> Row:
    text = str(row["text"])
    try:
        listed = row.get("spans")
        spans = [row["span"]] if listed is None and row.get("span") else listed or []
        places = tuple((int(span[0]), int(span[1])) for span in spans)  # type: ignore[attr-defined]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise SettingsError(
            f"{source}, row {number}: {error}; give `span` [start, end] or `spans` [[start, end, type], ...]"
        ) from error
    wrong = [place for place in places if not 0 <= place[0] < place[1] <= len(text)]
    if wrong:
        raise SettingsError(
            f"{source}, row {number}: span {wrong[0]} is outside a text of {len(text)} characters"
        )
    return Row(text, tuple(_strings(row.get("record"))), places, str(row.get("variant") or "all"))


def _strings(value: object) -> Iterator[str]:
    """Every text in a record, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _survives(text: str, span: tuple[int, int], found: Sequence[Span]) -> bool:
    """Whether half or more of the letters and digits of a value are still there."""
    places = [place for place in range(*span) if text[place].isalnum()]
    left = [place for place in places if not any(hit.start <= place < hit.end for hit in found)]
    return bool(places) and 2 * len(left) >= len(places)


def _masked_words(row: Row, found: Sequence[Span]) -> list[bool]:
    """For each word outside every span, whether it was masked."""
    return [
        any(hit.start < word.end() and word.start() < hit.end for hit in found)
        for word in re.finditer(r"\S+", row.text)
        if not any(start < word.end() and word.start() < end for start, end in row.spans)
    ]


async def _vault_p95(rows: Sequence[Row]) -> float:
    """Milliseconds to tokenize with the vault on disk, new values included."""
    elapsed: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        async with open_local_vault(base / "vault.db", base / "key", audit=base / "audit.jsonl") as vault:
            for n, row in enumerate(rows):
                started = time.perf_counter()
                await vault.tokenize(row.text, conversation_id=str(n), owner=str(n), known=row.known)
                elapsed.append((time.perf_counter() - started) * 1000)
    return percentile(elapsed, 95)
