"""Folders of documents, an index to take them into, and what it then says."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from shared.adapters.knowledge.index import Index
from shared.ports import Embedder
from tests.knowledge.back_ends import RETURNS, Sqlite


def write(folder: Path, name: str, **changes: str) -> Path:
    """A document in `folder`; `changes` are front matter keys, and `text`."""
    head = {
        "id": Path(name).stem,
        "title": "Returns",
        "category": "returns",
        "locale": "en",
        "version": "1",
        "effective_from": "2026-01-01",
    }
    text = changes.pop("text", RETURNS)
    head.update(changes)
    lines = "\n".join(f"{key}: {value}" for key, value in head.items())
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{lines}\n---\n\n# {head['title']}\n\n## How long\n\n{text}\n", encoding="utf-8")
    return path


def opened(tmp_path: Path, embedder: Embedder | None = None) -> AbstractAsyncContextManager[Index]:
    """The index of a test on disk, on the same day in every one."""
    return Sqlite(str(tmp_path / "index.db")).open(embedder)


async def served(index: Index) -> str:
    """All that the index says of returns."""
    question = "how long may I return an item within days of delivery"
    return " ".join(passage.text for passage in (await index.search(question, language="en", k=5)).passages)
