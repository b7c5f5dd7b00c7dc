"""Serves a knowledge base from memory and publishes changes to it in one step."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.adapters.knowledge.documents import Source
from shared.adapters.knowledge.folding import question_text
from shared.adapters.knowledge.fusion import Floors, Shelf
from shared.adapters.knowledge.lexical import Scores
from shared.adapters.knowledge.publishing import IndexRows, State, embed, full_name, missing
from shared.adapters.knowledge.ranking import Ranking, Row, rows_of
from shared.adapters.knowledge.trial import Trial, open_trial
from shared.adapters.knowledge.versions import Version, after, files_of, in_force, text_hash
from shared.contracts import Language
from shared.errors import ModelDown, SettingsError, StoreDown
from shared.ports import Embedder, Filters, Found
from shared.ports.publishing import Count, SyncReport

_log = logging.getLogger(__name__)
# While the back end is away, what is in memory serves; each look at it may take a moment of a turn.
_LOOK_AGAIN_SECONDS = 5.0
_NO_FILTERS = Filters()
FLOORS = Floors()


@dataclass(frozen=True)
class _Published:
    """A publication in memory: all its versions with their vectors by text hash."""

    state: State
    versions: tuple[Version, ...]
    vectors: Mapping[str, bytes]


class Index:
    """Implements `KnowledgeIndex` over one back end's `IndexRows`.

    Several processes may open the same back end: one publishes, the others see it `look_seconds` later at
    the latest, at their next search.
    """

    def __init__(
        self,
        rows: IndexRows,
        *,
        embedder: Embedder,
        vector_locales: Sequence[Language],
        today: Callable[[], date],
        floors: Floors = FLOORS,
        look_seconds: float = 0.0,
    ) -> None:
        self._rows = rows
        self._embedder = embedder
        self._name = full_name(embedder)
        self._vector_locales = tuple(vector_locales)
        self._today = today
        self._floors = floors
        self._look_seconds = look_seconds
        self._look_at = 0.0
        self._published: _Published | None = None
        self._rankings: dict[date, Ranking] = {}
        self._loading = asyncio.Lock()
        self._storing = asyncio.Lock()

    async def search(
        self, text: str, *, language: Language | None, k: int, filters: Filters | None = None
    ) -> Found:
        """Up to `k` passages per locale over the floor, best first.

        `language` is a guess, made before the message is understood: its passages come first, those of
        the other locales follow. When the embedder is down, words alone decide.
        """
        filters = filters or _NO_FILTERS
        await self._refresh()
        ranking = await self._ranking(filters.on or self._today())
        question = question_text(text)
        if not question or k < 1 or not ranking.shelves:
            return Found()
        meaning = await self._meaning(ranking, question, filters)
        return ranking.find(question, meaning, language=language, k=k, filters=filters)

    async def files(self) -> tuple[dict[str, str], dict[str, str]]:
        """Of each file the digest of its newest version, and the id it holds."""
        _, versions = await self._rows.read()
        return files_of(versions)

    async def store(
        self, sources: Sequence[Source], *, removed: Sequence[str] = (), progress: Count | None = None
    ) -> int:
        """Publish `sources`, withdraw the `removed` files; returns how many texts were embedded.

        Raises `ModelDown` (the last publication serves on; calling again goes on where it stopped),
        `StoreBusy` (another process has just published: read `files` again), `StoreDown`.
        """
        async with self._storing:
            state, versions = await self._rows.read()
            versions = tuple(after(versions, sources, removed, self._today()))
            texts = await missing(self._rows, self._name, self._embedded_texts(versions))
            await embed(self._rows, self._embedder, texts, progress)
            if sources or removed or texts or self._stale(state):
                await self._rows.publish(versions, embedder=self._name, over=state)
            await self._refresh(now=True)
            return len(texts)

    async def sync(self, folder: Path) -> SyncReport:
        """Make the index say what the folder says; only what changed is read, cut and embedded."""
        # Whoever only searches need not load what reads documents.
        from shared.adapters.knowledge.sources.folder import FolderSource  # noqa: PLC0415
        from shared.adapters.knowledge.sync import KnowledgeSync  # noqa: PLC0415

        return await KnowledgeSync(FolderSource(folder), self).run()

    async def versions(self) -> tuple[Version, ...]:
        """Every version that is kept, oldest first: past, served today and coming."""
        _, versions = await self._rows.read()
        return versions

    async def trial(self, sources: Sequence[Source], day: date) -> Trial:
        """What searches of `day` find now, and once `sources` are published. Raises `ModelDown`."""
        shelf = partial(Index._shelf, self)
        return await open_trial(
            self._rows, self._embedder, self._vector_locales, shelf, sources, today=self._today(), day=day
        )

    async def version(self) -> str:
        """A short name of what is served now: the same content has the same name in every process."""
        await self._refresh(now=True)
        return (await self._ranking(self._today())).digest

    async def ping(self) -> None:
        """Raises `StoreDown` when the back end is away or there is nothing to search."""
        if not await self.count():
            raise StoreDown(
                f"the knowledge index {self._rows.where} is empty; sync it with the folder of documents first"
            )

    async def count(self) -> dict[Language, int]:
        """Passages served by locale."""
        await self._refresh(now=True)
        ranking = await self._ranking(self._today())
        return {locale: len(rows) for locale, rows in ranking.rows.items()}

    async def check_embedder(self, *, re_embed: bool) -> None:
        """Raises `SettingsError` when another embedder made the vectors, unless they shall be made anew."""
        made_by = (await self._rows.state()).embedder
        if made_by not in {None, self._name} and not re_embed:
            raise SettingsError(
                f"the knowledge index {self._rows.where} holds vectors of {made_by!r}, but the embedder is "
                f"{self._name!r}; set EMBEDDER_URL back, or ask for new vectors (re_embed)"
            )

    @property
    def _serving(self) -> State:
        return self._published.state if self._published else State("", None)

    def _embedded_texts(self, versions: Sequence[Version]) -> list[str]:
        return [
            chunk.embedded_text
            for version in versions
            if version.locale in self._vector_locales
            for chunk in version.chunks
        ]

    def _stale(self, state: State) -> bool:
        """True when the same versions must be published again."""
        return state.embedder not in {None, self._name}

    async def _refresh(self, *, now: bool = False) -> None:
        """Read what is published anew when another process has published; looks every few seconds."""
        # While the next publication is read, the last one serves.
        resting = time.monotonic() < self._look_at or self._loading.locked()
        if resting and not now and self._published is not None:
            return
        async with self._loading:
            try:
                state = await self._rows.state()
                if self._published is None or state.token != self._published.state.token:
                    published, today = await self._load(), self._today()
                    made = await self._rank(published, today)
                    self._published, self._rankings = published, {today: made}
            except (StoreDown, SettingsError) as error:
                # A password that was changed, or an index of the next release, is trouble of the next start.
                if self._published is None or now:
                    raise
                _log.warning("knowledge is served from memory: %s", error)
                self._look_at = time.monotonic() + _LOOK_AGAIN_SECONDS
            else:
                self._look_at = time.monotonic() + self._look_seconds

    async def _load(self) -> _Published:
        state, versions = await self._rows.read()
        if state.embedder != self._name:
            if versions:
                _log.warning(
                    "knowledge is searched by words alone: its vectors are of %r, the embedder is %r",
                    state.embedder,
                    self._name,
                )
            return _Published(state, versions, {})
        hashes = [text_hash(text) for text in self._embedded_texts(versions)]
        return _Published(state, versions, await self._vectors(state, hashes))

    async def _vectors(self, _state: State, hashes: Sequence[str]) -> Mapping[str, bytes]:
        return await self._rows.vectors(self._name, hashes)

    async def _ranking(self, day: date) -> Ranking:
        """The passages of `day`; today's and one other are kept."""
        if day not in self._rankings:
            async with self._loading:
                if day not in self._rankings:
                    assert self._published is not None  # _refresh has read it
                    made = await self._rank(self._published, day)
                    today = self._today()
                    kept = {one: ranking for one, ranking in self._rankings.items() if one == today}
                    self._rankings = {**kept, day: made}
                return self._rankings[day]
        return self._rankings[day]

    async def _rank(self, published: _Published, day: date) -> Ranking:
        """Counting words takes a tenth of a second: turns go on meanwhile."""
        versions = in_force(published.versions, day)
        return await asyncio.to_thread(lambda: Ranking(rows_of(versions, published.vectors), self._shelf))

    def _shelf(self, locale: Language, mine: Sequence[Row], _rows: Sequence[Row]) -> Shelf:
        chunks = [row.chunk for row in mine]
        vectors = _matrix(mine) if locale in self._vector_locales else None
        return Shelf(chunks, locale, vectors, self._floors)

    async def _meaning(self, ranking: Ranking, question: str, filters: Filters) -> dict[Language, Scores]:
        """How near each passage is, for the locales that have vectors; empty when the embedder is down."""
        asked = {
            locale for locale in self._compared(ranking) if not filters.locales or locale in filters.locales
        }
        if not asked:
            return {}
        try:
            (made,) = await self._embedder.embed([question])
        except ModelDown as error:
            _log.warning("knowledge is searched by words alone: the embedder is down: %s", error)
            return {}
        vector = np.asarray(made, dtype=np.float32)
        return await self._nearness(ranking, dict.fromkeys(asked, vector), filters)

    def _compared(self, ranking: Ranking) -> set[Language]:
        """The locales whose passages have vectors."""
        return {locale for locale, shelf in ranking.shelves.items() if shelf.has_vectors}

    async def _nearness(
        self, ranking: Ranking, asked: Mapping[Language, NDArray[np.float32]], _filters: Filters
    ) -> dict[Language, Scores]:
        near = {locale: ranking.shelves[locale].meaning(vector) for locale, vector in asked.items()}
        return {locale: scores for locale, scores in near.items() if scores is not None}


def _matrix(rows: Sequence[Row]) -> NDArray[np.float32] | None:
    """One unit vector per row, or None while some are missing: words serve alone until then."""
    vectors = [row.vector for row in rows if row.vector is not None]
    if not vectors or len(vectors) < len(rows):
        return None
    return np.frombuffer(b"".join(vectors), dtype=np.float32).reshape(len(rows), -1)


def utc_today() -> date:
    """The day by which effective dates are judged."""
    return datetime.now(UTC).date()
