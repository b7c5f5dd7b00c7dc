"""Tries a change of documents out beside what is served: two rankings in memory, nothing published."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from shared.adapters.knowledge.documents import Source
from shared.adapters.knowledge.folding import question_text
from shared.adapters.knowledge.fusion import Shelf
from shared.adapters.knowledge.publishing import IndexRows, full_name
from shared.adapters.knowledge.ranking import Ranking, Row, rows_of
from shared.adapters.knowledge.versions import Version, after, in_force, text_hash
from shared.contracts import Language, Passage
from shared.ports import Embedder, Filters

_BATCH = 32
_ALL = Filters()
MakeShelf = Callable[[Language, Sequence[Row], Sequence[Row]], Shelf]


@dataclass(frozen=True)
class Trial:
    """What is found on one day as things stand, and as they would be."""

    before: Ranking
    after: Ranking
    embedder: Embedder

    async def compare(
        self, asked: Sequence[tuple[str, Language]]
    ) -> list[tuple[Passage | None, Passage | None]]:
        """The first passage for each question (text, language), before and after; None for no answer.

        Raises `ModelDown`: by words alone both would be other than what customers get.
        """
        texts = [question_text(text) for text, _ in asked]
        vectors = await _embedded(self.embedder, texts)

        def found() -> list[tuple[Passage | None, Passage | None]]:
            return [
                (_first(self.before, text, vector, language), _first(self.after, text, vector, language))
                for text, vector, (_, language) in zip(texts, vectors, asked, strict=True)
            ]

        return await asyncio.to_thread(found)  # turns go on meanwhile


async def open_trial(
    rows: IndexRows,
    embedder: Embedder,
    vector_locales: Collection[Language],
    shelf: MakeShelf,
    sources: Sequence[Source],
    *,
    today: date,
    day: date,
) -> Trial:
    """The trial of publishing `sources` today, looked at from `day`.

    Vectors that are missing are made and not remembered. Raises `StoreDown` and `ModelDown`.
    """
    _, versions = await rows.read()
    changed = after(versions, sources, (), today)
    texts = {
        text_hash(chunk.embedded_text): chunk.embedded_text
        for version in (*versions, *changed)
        if version.locale in vector_locales
        for chunk in version.chunks
    }
    vectors = dict(await rows.vectors(full_name(embedder), list(texts)))
    missing = [(key, text) for key, text in texts.items() if key not in vectors]
    made = await _embedded(embedder, [text for _, text in missing], passages=True)
    vectors |= {key: vector.tobytes() for (key, _), vector in zip(missing, made, strict=True)}
    before = await asyncio.to_thread(_ranking, versions, vectors, day, shelf)
    return Trial(before, await asyncio.to_thread(_ranking, changed, vectors, day, shelf), embedder)


def _ranking(
    versions: Sequence[Version], vectors: Mapping[str, bytes], day: date, shelf: MakeShelf
) -> Ranking:
    return Ranking(rows_of(in_force(versions, day), vectors), shelf)


async def _embedded(
    embedder: Embedder, texts: Sequence[str], *, passages: bool = False
) -> list[NDArray[np.float32]]:
    made: list[NDArray[np.float32]] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        found = await embedder.embed(batch, kind="passage") if passages else await embedder.embed(batch)
        made.extend(np.asarray(vector, dtype=np.float32) for vector in found)
    return made


def _first(ranking: Ranking, text: str, vector: NDArray[np.float32], language: Language) -> Passage | None:
    if not text or not ranking.shelves:
        return None
    near = {locale: shelf.meaning(vector) for locale, shelf in ranking.shelves.items() if shelf.has_vectors}
    meaning = {locale: scores for locale, scores in near.items() if scores is not None}
    found = ranking.find(text, meaning, language=language, k=1, filters=_ALL)
    return found.passages[0] if found.passages else None
