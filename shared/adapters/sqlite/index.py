"""Serves the knowledge base from one SQLite file, searched in memory by words and by meaning."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.adapters.knowledge.chunks import chunks_of
from shared.adapters.knowledge.folder import FolderRead, Rejected, Source, read_folder
from shared.adapters.knowledge.folding import question_text
from shared.adapters.knowledge.fusion import Floors, Shelf
from shared.adapters.sqlite.index_rows import IndexRows, Row
from shared.adapters.sqlite.index_vectors import borrowed_vectors
from shared.contracts import LANGUAGES, Language, Passage
from shared.errors import ModelDown, SettingsError, StoreDown
from shared.ports import Embedder

_log = logging.getLogger(__name__)
ToEnglish = Callable[[str], str]
_BATCH = 32
_FLOORS = Floors()


@dataclass(frozen=True)
class SyncReport:
    """What a sync did, by file; `embedded` counts the texts that needed a new vector."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    embedded: int


@dataclass(frozen=True)
class _Held:
    """What is in memory: passages of one locale beside the shelf that ranks them."""

    shelf: Shelf
    rows: dict[str, Row]


class SqliteIndex:
    """Implements `KnowledgeIndex`; built by `open_index`.

    Several processes may open the same file: one syncs, the others see it at their next search.
    """

    def __init__(
        self,
        rows: IndexRows,
        *,
        embedder: Embedder,
        vector_locales: Sequence[Language],
        today: Callable[[], date],
        floors: Floors,
        to_english: Mapping[Language, ToEnglish],
    ) -> None:
        self._rows = rows
        self._embedder = embedder
        self._vector_locales = tuple(vector_locales)
        self._today = today
        self._floors = floors
        self._to_english = to_english
        self._held: dict[Language, _Held] = {}
        self._loaded: tuple[int, date] | None = None
        self._syncing = asyncio.Lock()

    async def search(self, text: str, *, language: Language | None, k: int) -> Sequence[Passage]:
        """Up to `k` passages per locale over the floor, best first.

        `language` is a guess, made before the message is understood: its passages come first, those of
        the other locales follow. When the embedder is down, words alone decide.
        """
        self._refresh()
        question = question_text(text)
        if not question or k < 1:
            return []
        vectors = await self._question_vectors(question, language)
        found = [
            _passage(held.rows[chunk.id], score)
            for locale, held in self._held.items()
            for chunk, score in held.shelf.best(question, vectors.get(locale), k)
        ]
        found.sort(key=lambda passage: (passage.locale != language, -passage.score))
        return found

    async def sync(self, folder: Path) -> SyncReport:
        """Make the index say what the folder says; only what changed is read, cut and embedded."""
        async with self._syncing:
            known, ids = self._rows.files()
            read = await asyncio.to_thread(read_folder, folder, known=known, ids=ids)
            removed = sorted(set(known) - read.files)
            embedded = await self._store(read.sources, removed)
            return _report(read, known, ids, removed, embedded)

    async def store(self, sources: Sequence[Source]) -> int:
        """Serve these documents beside what is there; returns how many texts were embedded."""
        async with self._syncing:
            return await self._store(sources, removed=())

    async def ping(self) -> None:
        """Raises `StoreDown` when there is nothing to search."""
        self._refresh()
        if not self._held:
            raise StoreDown("the knowledge index is empty; sync it with the folder of documents first")

    def count(self) -> dict[Language, int]:
        """Passages served by locale."""
        self._refresh()
        return {locale: len(held.rows) for locale, held in self._held.items()}

    def _refresh(self) -> None:
        """Read what is served anew when another process wrote, or the day changed."""
        state = (self._rows.changes(), self._today())
        if state == self._loaded:
            return
        rows = self._rows.served(state[1])
        held: dict[Language, _Held] = {}
        for locale in LANGUAGES:
            mine = [row for row in rows if row.locale == locale]
            if mine:
                held[locale] = _Held(self._shelf(locale, mine, rows), {row.chunk.id: row for row in mine})
        self._held, self._loaded = held, state

    def _shelf(self, locale: Language, mine: Sequence[Row], rows: Sequence[Row]) -> Shelf:
        chunks = [row.chunk for row in mine]
        if locale in self._vector_locales:
            return Shelf(chunks, locale, self._matrix(mine), self._floors)
        if locale not in self._to_english:
            return Shelf(chunks, locale, None, self._floors)
        return Shelf(chunks, locale, borrowed_vectors(mine, rows), self._floors, borrowed=True)

    def _matrix(self, rows: Sequence[Row]) -> NDArray[np.float32] | None:
        """One unit vector per row, or None while some are missing: words serve alone until then."""
        vectors = [row.vector for row in rows if row.vector is not None]
        if not vectors or len(vectors) < len(rows):
            return None
        return np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(rows), -1)

    async def _question_vectors(
        self, question: str, language: Language | None
    ) -> dict[Language, NDArray[np.float32]]:
        """The question's vector for each locale that has vectors; empty when the embedder is down.

        With a guessed language only that one is put into English: each embedding takes 2 ms.
        """
        wanted: dict[Language, str] = {}
        for locale, held in self._held.items():
            if not held.shelf.has_vectors:
                continue
            if locale in self._vector_locales:
                wanted[locale] = question
            elif language in {None, locale}:
                wanted[locale] = self._to_english[locale](question)
        texts = list(dict.fromkeys(text for text in wanted.values() if text))
        if not texts:
            return {}
        try:
            vectors = dict(zip(texts, await self._embedder.embed(texts), strict=True))
        except ModelDown as error:
            _log.warning("knowledge is searched by words alone: the embedder is down: %s", error)
            return {}
        return {
            locale: np.asarray(vectors[text], dtype=np.float32) for locale, text in wanted.items() if text
        }

    async def _store(self, sources: Sequence[Source], removed: Sequence[str]) -> int:
        if sources or removed:
            # Sections that a new version left as they were keep their vectors.
            vectors = self._rows.vectors()
            with self._rows.writing():
                self._rows.remove_files(removed)
                for source in sources:
                    self._rows.put(source, chunks_of(source.document), self._today())
                self._rows.fill(vectors)
        embedded = await self._embed_missing()
        self._loaded = None
        self._refresh()
        return embedded

    async def _embed_missing(self) -> int:
        texts = self._rows.without_vector(self._vector_locales)
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            made = await self._embedder.embed(batch, kind="passage")
            as_bytes = [np.asarray(vector, dtype=np.float32).tobytes() for vector in made]
            with self._rows.writing():
                self._rows.fill(dict(zip(batch, as_bytes, strict=True)))
        return len(texts)


def _report(
    read: FolderRead, known: dict[str, str], ids: dict[str, str], removed: list[str], embedded: int
) -> SyncReport:
    """A file that holds the id of one that is gone was moved: that is a change."""
    moved = {ids[file] for file in removed}
    changed = [s.file for s in read.sources if s.file in known or s.document.id in moved]
    return SyncReport(
        added=tuple(s.file for s in read.sources if s.file not in changed),
        changed=tuple(changed),
        removed=tuple(f for f in removed if ids[f] not in {s.document.id for s in read.sources}),
        unchanged=tuple(sorted(read.unchanged)),
        rejected=read.rejected,
        embedded=embedded,
    )


def _passage(row: Row, score: float) -> Passage:
    return Passage(
        id=row.chunk.id,
        source=row.file,
        title=row.chunk.title,
        section=row.chunk.section,
        text=row.chunk.text,
        locale=row.locale,
        category=row.category,
        version=row.version,
        score=round(min(1.0, max(0.0, score)), 4),
    )


def _utc_today() -> date:
    return datetime.now(UTC).date()


@asynccontextmanager
async def open_index(
    path: Path,
    *,
    embedder: Embedder,
    vector_locales: Sequence[Language] = ("en",),
    re_embed: bool = False,
    today: Callable[[], date] = _utc_today,
    floors: Floors = _FLOORS,
    to_english: Mapping[Language, ToEnglish] | None = None,
) -> AsyncIterator[SqliteIndex]:
    """Open the index file at `path`, creating it when it is new; closes it at the end.

    `vector_locales` are the languages the embedder understands (MiniLM: English only); questions in others
    are put into English by `to_english` (None: the shop's word lists) and compared with the vectors of the
    English originals. An index made by
    another embedder raises `SettingsError`, unless `re_embed` asks to make its vectors anew at the next sync.
    """
    rows = IndexRows(path)
    try:
        _check_embedder(rows, embedder, path, re_embed=re_embed)
        yield SqliteIndex(
            rows,
            embedder=embedder,
            vector_locales=vector_locales,
            today=today,
            floors=floors,
            to_english=_word_lists(vector_locales) if to_english is None else to_english,
        )
    finally:
        rows.close()


def _word_lists(vector_locales: Sequence[Language]) -> dict[Language, ToEnglish]:
    """The embedded engine's glossaries, for the languages that lean on English vectors."""
    if "en" not in vector_locales:
        return {}
    from shared.adapters.embedded.gloss import load_gloss  # noqa: PLC0415 one adapter's data file

    return {locale: load_gloss(locale).english for locale in LANGUAGES if locale not in vector_locales}


def _check_embedder(rows: IndexRows, embedder: Embedder, path: Path, *, re_embed: bool) -> None:
    name = f"{embedder.name}/{embedder.dimensions}"
    made_by = rows.meta("embedder")
    if made_by == name:
        return
    if made_by is not None and not re_embed:
        raise SettingsError(
            f"the knowledge index {str(path)!r} holds vectors of {made_by!r}, but the embedder is {name!r}; "
            "set EMBEDDER_URL back, or ask for new vectors (re_embed)"
        )
    with rows.writing():
        rows.drop_vectors()
        rows.set_meta("embedder", name)
