"""Measures how much personal data survives masking, and how many other words are masked with it."""

import argparse
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.figures import percentile, read_rows, share, wilson
from evals.results import Found
from evals.tally import Tally, count, latency
from shared.adapters.local.vault import open_local_vault
from shared.adapters.memory.audit import MemoryAudit
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
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Leak rate by value, over-masking by word, milliseconds to find, on the rows of `args.data`."""
    rows = [_row(n, row, args.data) for n, row in enumerate(read_rows(Path(args.data), text=str), start=1)]
    tally = Tally()
    masked: list[bool] = []
    elapsed: list[float] = []
    for row in rows:
        started = time.perf_counter()
        found = find(row.text, known=row.known)
        elapsed.append((time.perf_counter() - started) * 1000)
        for span in row.spans:
            survives = _survives(row.text, span, found)
            tally.add(
                row.text,
                right=not survives,
                wanted="masked",
                said="left" if survives else "masked",
                tags=(f"variant:{row.variant}",),
                key=f"{span} {row.variant} {row.known}",
            )
        masked += _masked_words(row, found)
    return _found(
        tally, n=len(rows), masked=masked, elapsed=elapsed, vault=await _vault_p95(rows[:_THROUGH_VAULT])
    )


def _found(tally: Tally, *, n: int, masked: list[bool], elapsed: list[float], vault: float) -> Found:
    leaks = tally.figure("leak_rate", of="wrong")
    over = count("overmask_rate", masked, better="lower")
    variants = {
        name: [not right for right in group] for name, group in tally.groups("variant").items() if group
    }
    median, p95 = latency(elapsed)
    return Found(
        plain={
            "n": n,
            "values": leaks.n,
            "leak_rate": leaks.value,
            "leak_interval": (leaks.low, leaks.high),
            "overmask_rate": over.value,
            "overmask_interval": (over.low, over.high),
            "p95_ms": p95.value,
            "p50_ms": median.value,
            "vault_p95_ms": round(vault, 3),
            "by_variant": {
                name: {"n": len(group), "leak_rate": share(group), "interval": wilson(group)}
                for name, group in variants.items()
            },
        },
        figures=(leaks, over, median, p95),
        charts=tally.chart("values left by spelling", "variant", of="wrong"),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )


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
        async with open_local_vault(base / "vault.db", base / "key", audit=MemoryAudit()) as vault:
            for n, row in enumerate(rows):
                started = time.perf_counter()
                await vault.tokenize(row.text, conversation_id=str(n), owner=str(n), known=row.known)
                elapsed.append((time.perf_counter() - started) * 1000)
    return percentile(elapsed, 95)
