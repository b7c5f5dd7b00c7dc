"""Serves the knowledge base from one SQLite file."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from shared.adapters.knowledge.fusion import Floors, Shelf
from shared.adapters.knowledge.index import FLOORS, Index, utc_today
from shared.adapters.knowledge.ranking import Ranking, Row
from shared.adapters.sqlite.index_rows import SqliteRows
from shared.adapters.sqlite.index_vectors import borrowed_vectors
from shared.contracts import LANGUAGES, Language
from shared.ports import Embedder

ToEnglish = Callable[[str], str]


class SqliteIndex(Index):
    """An index whose locales without vectors of their own lean on the English ones; see `open_index`."""

    def __init__(
        self,
        rows: SqliteRows,
        *,
        embedder: Embedder,
        vector_locales: Sequence[Language],
        today: Callable[[], date],
        floors: Floors,
        to_english: Mapping[Language, ToEnglish],
    ) -> None:
        super().__init__(rows, embedder=embedder, vector_locales=vector_locales, today=today, floors=floors)
        self._to_english = to_english

    def _shelf(self, locale: Language, mine: Sequence[Row], rows: Sequence[Row]) -> Shelf:
        if locale in self._vector_locales or locale not in self._to_english:
            return super()._shelf(locale, mine, rows)
        chunks = [row.chunk for row in mine]
        return Shelf(chunks, locale, borrowed_vectors(mine, rows), self._floors, borrowed=True)

    def _questions(self, ranking: Ranking, question: str, language: Language | None) -> dict[Language, str]:
        """With a guessed language only that one is put into English: each embedding takes 2 ms."""
        wanted: dict[Language, str] = {}
        for locale in super()._questions(ranking, question, language):
            if locale in self._vector_locales:
                wanted[locale] = question
            elif language in {None, locale}:
                wanted[locale] = self._to_english[locale](question)
        return {locale: text for locale, text in wanted.items() if text}


@asynccontextmanager
async def open_index(
    path: Path,
    *,
    embedder: Embedder,
    vector_locales: Sequence[Language] = ("en",),
    re_embed: bool = False,
    today: Callable[[], date] = utc_today,
    floors: Floors = FLOORS,
    to_english: Mapping[Language, ToEnglish] | None = None,
) -> AsyncIterator[SqliteIndex]:
    """Open the index file at `path`, creating it when it is new; closes it at the end.

    `vector_locales` are the languages the embedder understands (MiniLM: English only); questions in others
    are put into English by `to_english` (None: the shop's word lists) and compared with the vectors of the
    English originals. An index made by
    another embedder raises `SettingsError`, unless `re_embed` asks to make its vectors anew at the next sync.
    """
    rows = SqliteRows(path)
    try:
        index = SqliteIndex(
            rows,
            embedder=embedder,
            vector_locales=vector_locales,
            today=today,
            floors=floors,
            to_english=_word_lists(vector_locales) if to_english is None else to_english,
        )
        await index.check_embedder(re_embed=re_embed)
        yield index
    finally:
        rows.close()


def _word_lists(vector_locales: Sequence[Language]) -> dict[Language, ToEnglish]:
    """The embedded engine's glossaries, for the languages that lean on English vectors."""
    if "en" not in vector_locales:
        return {}
    from shared.adapters.embedded.gloss import load_gloss  # noqa: PLC0415 one adapter's data file

    return {locale: load_gloss(locale).english for locale in LANGUAGES if locale not in vector_locales}
