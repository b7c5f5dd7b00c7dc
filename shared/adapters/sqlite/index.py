"""Serves the knowledge base from one SQLite file."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from shared.adapters.knowledge.fusion import Floors
from shared.adapters.knowledge.index import FLOORS, Index, utc_today
from shared.adapters.sqlite.index_rows import SqliteRows
from shared.contracts import LANGUAGES, Language
from shared.ports import Embedder


@asynccontextmanager
async def open_index(
    path: Path,
    *,
    embedder: Embedder,
    vector_locales: Sequence[Language] = LANGUAGES,
    re_embed: bool = False,
    today: Callable[[], date] = utc_today,
    floors: Floors = FLOORS,
) -> AsyncIterator[Index]:
    """Open the index file at `path`, creating it when it is new; closes it at the end.

    `vector_locales` are the languages the embedder understands. An index made by another embedder raises
    `SettingsError`, unless `re_embed` asks to make its vectors anew at the next sync.
    """
    rows = SqliteRows(path)
    try:
        index = Index(rows, embedder=embedder, vector_locales=vector_locales, today=today, floors=floors)
        await index.check_embedder(re_embed=re_embed)
        yield index
    finally:
        rows.close()
