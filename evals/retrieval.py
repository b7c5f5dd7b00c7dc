"""Measures how often the knowledge search finds the right passage."""

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from evals.engine import cache_dir
from evals.figures import read_rows, share, wilson
from evals.results import Figure, Found
from evals.tally import Tally, count
from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.knowledge.documents import Document, Section, Source
from shared.adapters.knowledge.fusion import Floors
from shared.adapters.knowledge.index import Index
from shared.adapters.sqlite.index import open_index
from shared.errors import SettingsError
from shared.ports import Embedder

# Chunks asked for; several may be of one passage.
DEPTH = 20
# The shop's floors say when *its* documents have no answer; here the order is measured.
NO_FLOORS = Floors(fused=0.0, words=0.0)


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Recall at 1 and 3 and mean reciprocal rank by corpus; `args.data` questions, `args.passages` texts."""
    if not getattr(args, "passages", None):
        raise SettingsError("retrieval needs the passages too; add --passages FILE.json")
    passages = _passages(Path(args.passages))
    rows = read_rows(Path(args.data), corpus=str, query=str, relevant=list)
    strange = sorted({str(row["corpus"]) for row in rows} - set(passages))
    if strange:
        raise SettingsError(f"{args.passages}: no passages for the corpus {strange[0]!r}; add them")
    embedder = open_embedder(cache_dir(args))
    plain: dict[str, object] = {}
    figures: list[Figure] = []
    tally = Tally()
    for corpus, texts in passages.items():
        mine = [row for row in rows if row["corpus"] == corpus]
        if mine:
            places = await ranks(embedder, texts, mine)
            plain[corpus] = _figures(places)
            _add(tally, corpus, mine, places)
            figures += [
                tally.figure(f"recall@3 {corpus}", f"corpus:{corpus}"),
                count(f"recall@1 {corpus}", [place == 1 for place in places]),
                Figure(name=f"mrr {corpus}", value=_mrr(places), n=len(places), unit="number"),
            ]
    return Found(plain, tuple(figures), rows=tuple(tally.rows), texts=tally.texts)


def _add(tally: Tally, corpus: str, rows: Sequence[dict[str, object]], places: Sequence[int]) -> None:
    for row, place in zip(rows, places, strict=True):
        tally.add(
            str(row["query"]),
            right=1 <= place <= 3,
            wanted="among three",
            said=f"at {place}" if place else "not found",
            tags=(f"corpus:{corpus}",),
            key=f"{corpus} {row['relevant']}",
        )


async def ranks(embedder: Embedder, texts: Sequence[str], rows: Sequence[dict[str, object]]) -> list[int]:
    """For each row the place of the first right passage (1 is best, 0 not found), by the product's index."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_index(Path(folder) / "index.db", embedder=embedder, floors=NO_FLOORS) as index:
            await index.store([_source(n, text) for n, text in enumerate(texts)])
            return [await _rank(index, row) for row in rows]


def _passages(path: Path) -> dict[str, list[str]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}; name a JSON file of {{corpus: [texts]}}") from error
    if not isinstance(data, dict) or not all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in data.values()
    ):
        raise SettingsError(f"{path}: not of the form {{corpus: [texts]}}; see the data's README")
    return data


def _source(n: int, text: str) -> Source:
    document = Document(
        id=f"p{n}",
        title="",
        category="eval",
        locale="en",
        version=1,
        effective_from=date(2020, 1, 1),
        translation_of="",
        sections=(Section((), text),),
    )
    return Source(f"p{n}", str(n), document)


async def _rank(index: Index, row: dict[str, object]) -> int:
    found = await index.search(str(row["query"]), language="en", k=DEPTH)
    seen = list(dict.fromkeys(int(passage.source[1:]) for passage in found.passages))
    relevant = row["relevant"]
    assert isinstance(relevant, list)  # read_rows has checked it
    return next((n for n, passage in enumerate(seen, start=1) if passage in relevant), 0)


def _figures(places: Sequence[int]) -> dict[str, object]:
    first = [place == 1 for place in places]
    third = [1 <= place <= 3 for place in places]
    return {
        "n": len(places),
        "recall@1": share(first),
        "recall@1_interval": wilson(first),
        "recall@3": share(third),
        "recall@3_interval": wilson(third),
        "mrr": _mrr(places),
    }


def _mrr(places: Sequence[int]) -> float:
    return round(sum(1 / place for place in places if place) / len(places), 4)
