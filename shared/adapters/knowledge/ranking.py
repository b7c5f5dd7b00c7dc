"""Finds the best passages among those served on one day, in every locale."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shared.adapters.knowledge.chunks import Chunk
from shared.adapters.knowledge.fusion import Shelf
from shared.adapters.knowledge.lexical import Scores
from shared.adapters.knowledge.versions import Version, text_hash
from shared.contracts import LANGUAGES, Language, Passage
from shared.ports import Filters, Found

_NEAREST = 3


@dataclass(frozen=True)
class Row:
    """One chunk that is served, with what its passage says of its document."""

    chunk: Chunk
    file: str
    locale: Language
    category: str
    version: int
    since: str
    translation_of: str
    text_hash: str
    vector: bytes | None


def rows_of(versions: Sequence[Version], vectors: Mapping[str, bytes]) -> list[Row]:
    """The chunks of `versions` in reading order, with their vectors by text hash where there are any."""
    return list(_rows(versions, vectors))


def _rows(versions: Sequence[Version], vectors: Mapping[str, bytes]) -> Iterator[Row]:
    for version in versions:
        for chunk in version.chunks:
            key = text_hash(chunk.embedded_text)
            yield Row(
                chunk=chunk,
                file=version.file,
                locale=version.locale,
                category=version.category,
                version=version.version,
                since=version.effective_from.isoformat(),
                translation_of=version.translation_of,
                text_hash=key,
                vector=vectors.get(key),
            )


class Ranking:
    """The passages of one day: for each locale a shelf that ranks them. Never changes."""

    def __init__(
        self, rows: Sequence[Row], shelf: Callable[[Language, Sequence[Row], Sequence[Row]], Shelf]
    ) -> None:
        """`shelf` makes the shelf of a locale from its own rows, and from all."""
        by_locale = {locale: [row for row in rows if row.locale == locale] for locale in LANGUAGES}
        self.rows = {locale: mine for locale, mine in by_locale.items() if mine}
        self.shelves = {locale: shelf(locale, mine, rows) for locale, mine in self.rows.items()}
        self._by_id = {row.chunk.id: row for row in rows}
        self.digest = _digest(rows)

    def find(
        self,
        question: str,
        meaning: Mapping[Language, Scores],
        *,
        language: Language | None,
        k: int,
        filters: Filters,
    ) -> Found:
        """Up to `k` passages per locale; `meaning` is each locale's nearness of its passages by vectors."""
        locales = [locale for locale in self.shelves if not filters.locales or locale in filters.locales]
        masks = {locale: self._mask(locale, filters) for locale in locales}
        found = [
            self._passage(chunk, score)
            for locale in locales
            for chunk, score in self.shelves[locale].best(
                question, meaning.get(locale), k, among=masks[locale]
            )
        ]
        found.sort(key=lambda passage: (passage.locale != language, -passage.score))
        # The guessed language's own gap counts, though another locale may know the answer.
        asked = [locale for locale in locales if locale == language] or locales
        if any(passage.locale in asked for passage in found):
            return Found(tuple(found))
        near = [
            self._passage(chunk, score)
            for locale in asked
            for chunk, score in self.shelves[locale].nearest(
                question, meaning.get(locale), _NEAREST, among=masks[locale]
            )
        ]
        near.sort(key=lambda passage: -passage.score)
        return Found(tuple(found), tuple(near[:_NEAREST]))

    def _mask(
        self, locale: Language, filters: Filters
    ) -> "np.ndarray[tuple[int], np.dtype[np.bool_]] | None":
        if not filters.categories:
            return None
        return np.array([row.category in filters.categories for row in self.rows[locale]], dtype=np.bool_)

    def _passage(self, chunk: Chunk, score: float) -> Passage:
        row = self._by_id[chunk.id]
        return Passage(
            id=chunk.id,
            source=row.file,
            title=chunk.title,
            section=chunk.section,
            text=chunk.text,
            locale=row.locale,
            category=row.category,
            version=row.version,
            since=row.since,
            score=round(min(1.0, max(0.0, score)), 4),
        )


def _digest(rows: Sequence[Row]) -> str:
    """A short name of everything a passage of `rows` may show."""
    made = hashlib.sha256()
    for row in rows:
        version = (str(row.version), row.since)
        shown = (row.chunk.id, row.file, row.locale, row.category, *version, row.text_hash)
        made.update("\0".join(shown).encode() + b"\n")
    return made.hexdigest()[:16]
