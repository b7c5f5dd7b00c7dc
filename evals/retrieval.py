"""Measures how often the knowledge search finds the right passage."""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.knowledge.documents import Document, Section
from shared.adapters.knowledge.folder import Source
from shared.adapters.knowledge.fusion import Floors
from shared.adapters.sqlite.index import SqliteIndex, open_index
from shared.errors import SettingsError

CACHE = Path("data/cache")
# Chunks asked for; several may be of one passage.
DEPTH = 20
# The shop's floors say when *its* documents have no answer; here the order is measured.
NO_FLOORS = Floors(fused=0.0, words=0.0)


@dataclass(frozen=True)
class Question:
    """A question and the passages of its corpus that answer it."""

    corpus: str
    text: str
    relevant: frozenset[int]


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Recall at 1 and 3 and mean reciprocal rank by corpus; `args.data` questions, `args.passages` texts."""
    if not getattr(args, "passages", None):
        raise SettingsError("retrieval needs the passages too; add --passages FILE.json")
    passages = read_passages(Path(args.passages))
    questions = read_questions(Path(args.data), passages)
    embedder = open_embedder(Path(getattr(args, "cache_dir", None) or CACHE))
    figures: dict[str, object] = {}
    for corpus, texts in passages.items():
        mine = [question for question in questions if question.corpus == corpus]
        if not mine:
            continue
        with tempfile.TemporaryDirectory() as folder:
            async with open_index(Path(folder) / "index.db", embedder=embedder, floors=NO_FLOORS) as index:
                await index.store([_source(n, text) for n, text in enumerate(texts)])
                figures[corpus] = _figures([await _rank(index, question) for question in mine])
    return figures


def read_passages(path: Path) -> dict[str, list[str]]:
    """Texts by corpus; raises `SettingsError` when the file is not that."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}; name a JSON file of {{corpus: [texts]}}") from error
    if not isinstance(data, dict) or not all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in data.values()
    ):
        raise SettingsError(f"{path}: not of the form {{corpus: [texts]}}; see the data's README")
    return data


def read_questions(path: Path, passages: dict[str, list[str]]) -> list[Question]:
    """The rows of a JSONL file; raises `SettingsError` naming the line that is wrong."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise SettingsError(f"{path}: {error}; name a JSONL file of questions") from error
    found = []
    for n, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            question = Question(row["corpus"], row["query"], frozenset(row["relevant"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"{path}, line {n}: {error!r}; a row is an object with corpus, query and relevant"
            ) from error
        if question.corpus not in passages:
            raise SettingsError(f"{path}, line {n}: no passages for corpus {question.corpus!r}; add them")
        found.append(question)
    return found


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


async def _rank(index: SqliteIndex, question: Question) -> int:
    """The place of the first right passage, 1 is best; 0 when it was not found."""
    found = await index.search(question.text, language="en", k=DEPTH)
    seen = list(dict.fromkeys(int(passage.source[1:]) for passage in found))
    return next((n for n, passage in enumerate(seen, start=1) if passage in question.relevant), 0)


def _figures(ranks: Sequence[int]) -> dict[str, float]:
    n = len(ranks)
    return {
        "n": n,
        "recall@1": round(sum(rank == 1 for rank in ranks) / n, 4),
        "recall@3": round(sum(1 <= rank <= 3 for rank in ranks) / n, 4),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / n, 4),
    }
