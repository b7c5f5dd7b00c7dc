"""Measures how much personal data survives masking, and how many other words are masked with it."""

import argparse
import gc
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.figures import percentile, read_rows, share, wilson
from evals.results import Found
from evals.tally import Tally, count, latency, printed
from shared.adapters.local.vault import open_local_vault
from shared.adapters.memory.audit import MemoryAudit
from shared.errors import SettingsError
from shared.personal_data import token_pattern, tokenized

Place = tuple[int, int]

# Rows that also go through the vault on disk; its cost is the disk's, so a sample says enough.
_THROUGH_VAULT = 200
# A process compiles its patterns on first use; every so many rows are read once before the clock runs.
_WARM_UP = 10
_KNOWN, _UNKNOWN = "record:known", "record:unknown"
# Types whose values the shop's tools must read, so that nothing may hide them: the whole figures count them
# all the same, `..._but_ids` are those of the other types, and the shares by type show both.
_FOR_TOOLS = frozenset({"order_id"})
_BUT_IDS = "-but-ids"
# The groups a value is counted in, each with and without the record.
_GROUPS = ("variant", "lang", "type")


@dataclass(frozen=True)
class Row:
    """A message, the record of who wrote it, what was asked before, and what must not survive.

    `spans` are (start, end, type); `lang` is empty where the file does not say.
    """

    text: str
    known: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]
    variant: str
    lang: str = ""
    asked: str = ""


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Leak rate by value with the record known and unknown, over-masking by word, milliseconds of CPU.

    A message is read as a vault reads it, again and again until nothing more is found, and so is the time.

    Of rows that name their `half`, only those of `args.half` count ("closed" where it is not said).
    """
    half = getattr(args, "half", None) or "closed"
    read = list(enumerate(read_rows(Path(args.data), text=str), start=1))
    rows = [_row(n, row, args.data) for n, row in read if row.get("half", half) == half]
    others = [_row(n, row, args.data) for n, row in read if row.get("half", half) != half]
    tally = Tally()
    masked: list[bool] = []
    clean: list[bool] = []
    elapsed: list[float] = []
    for row in others or rows[::_WARM_UP]:  # a service is warm, and its collector rests as `launch` lets it
        await _hidden(row, known=row.known)
    gc.collect()
    gc.freeze()
    for row in rows:
        started = time.process_time()
        found = await _hidden(row, known=row.known)
        elapsed.append((time.process_time() - started) * 1000)
        _judge(tally, row, found, record=_KNOWN)
        masked += _masked_words(row, found)
        found = await _hidden(row, known=())
        _judge(tally, row, found, record=_UNKNOWN)
        if not row.spans:
            clean += _masked_words(row, found)
    gc.unfreeze()
    return _found(
        tally,
        n=len(rows),
        masked=masked,
        clean=clean,
        elapsed=elapsed,
        vault=await _vault_p95(rows[:_THROUGH_VAULT]),
    )


async def _hidden(row: Row, *, known: Sequence[str]) -> list[Place]:
    """The places of a message that a vault replaces, in order."""
    values: dict[str, str] = {}

    async def give(found: Sequence[str], _kinds: Sequence[str]) -> list[str]:
        tokens = [f"TOKEN_{len(values) + n:08x}-0000-4000-8000-000000000000" for n in range(len(found))]
        values.update(zip(tokens, found, strict=True))
        return tokens

    said = await tokenized(row.text, known=known, asked=row.asked, give=give)
    places: list[Place] = []
    longer = 0  # how many characters the tokens so far add
    for token in token_pattern().finditer(said):
        if token.group() in values:
            start = token.start() - longer
            places.append((start, start + len(values[token.group()])))
            longer = token.end() - places[-1][1]
    return places


def _judge(tally: Tally, row: Row, found: Sequence[Place], *, record: str) -> None:
    without = "unknown_" if record == _UNKNOWN else ""
    for start, end, kind in row.spans:
        survives = _survives(row.text, (start, end), found)
        groups = zip(_GROUPS, (row.variant, row.lang, kind), strict=True)
        whole = (record,) if kind in _FOR_TOOLS else (record, record + _BUT_IDS)
        tally.add(
            row.text,
            right=not survives,
            wanted="masked",
            said="left" if survives else "masked",
            tags=(*whole, *(f"{without}{group}:{name}" for group, name in groups if name)),
            key=f"{(start, end)} {row.variant} {row.known} {record}",
        )


def _found(
    tally: Tally, *, n: int, masked: list[bool], clean: list[bool], elapsed: list[float], vault: float
) -> Found:
    leaks = tally.figure("leak_rate", _KNOWN, of="wrong")
    unknown = tally.figure("leak_rate_unknown", _UNKNOWN, of="wrong")
    but_ids = tuple(
        tally.figure(f"{name}_but_ids", record + _BUT_IDS, of="wrong")
        for name, record in (("leak_rate", _KNOWN), ("leak_rate_unknown", _UNKNOWN))
    )
    over = count("overmask_rate", masked, better="lower")
    over_clean = count("overmask_clean", clean, better="lower")
    median, p95 = latency(elapsed)
    groups = {
        f"{name}by_{group}": _shares(tally, f"{name}{group}")
        for name in ("", "unknown_")
        for group in _GROUPS
    }
    return Found(
        plain={
            "n": n,
            "values": leaks.n,
            **printed(leaks, unknown, *but_ids, over, over_clean),
            "p95_ms": p95.value,
            "p50_ms": median.value,
            "vault_p95_ms": round(vault, 3),
            **{name: shares for name, shares in groups.items() if shares},
        },
        figures=(leaks, unknown, *but_ids, over, over_clean, median, p95),
        charts=tally.chart("values left by spelling", "variant", of="wrong")
        + tally.chart("values left without the record, by type", "unknown_type", of="wrong")
        + tally.chart("values left without the record, by language", "unknown_lang", of="wrong"),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )


def _shares(tally: Tally, kind: str) -> dict[str, object]:
    """The share left in each group, with how many it was counted over."""
    left = {name: [not right for right in group] for name, group in tally.groups(kind).items() if group}
    return {
        name: {"n": len(group), "leak_rate": share(group), "interval": wilson(group)}
        for name, group in left.items()
    }


def _row(number: int, row: dict[str, object], source: str) -> Row:
    text = str(row["text"])
    try:
        listed = row.get("spans")
        spans = [row["span"]] if listed is None and row.get("span") else listed or []
        places = tuple(
            (int(span[0]), int(span[1]), str(span[2] if len(span) > 2 else row.get("field") or ""))
            for span in spans  # type: ignore[attr-defined]
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise SettingsError(
            f"{source}, row {number}: {error}; give `span` [start, end] or `spans` [[start, end, type], ...]"
        ) from error
    wrong = [place[:2] for place in places if not 0 <= place[0] < place[1] <= len(text)]
    if wrong:
        raise SettingsError(
            f"{source}, row {number}: span {wrong[0]} is outside a text of {len(text)} characters"
        )
    return Row(
        text,
        tuple(_strings(row.get("record"))),
        places,
        str(row.get("variant") or "all"),
        lang=str(row.get("lang") or ""),
        asked=str(row.get("asked") or ""),
    )


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


def _survives(text: str, span: tuple[int, int], found: Sequence[Place]) -> bool:
    """Whether half or more of the letters and digits of a value are still there."""
    places = [place for place in range(*span) if text[place].isalnum()]
    left = [place for place in places if not any(start <= place < end for start, end in found)]
    return bool(places) and 2 * len(left) >= len(places)


def _masked_words(row: Row, found: Sequence[Place]) -> list[bool]:
    """For each word outside every span, whether it was masked."""
    return [
        any(start < word.end() and word.start() < end for start, end in found)
        for word in re.finditer(r"\S+", row.text)
        if not any(start < word.end() and word.start() < end for start, end, _ in row.spans)
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
