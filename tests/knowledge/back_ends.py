"""The back ends of the knowledge index, opened the same way by the tests of their contract."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

from shared.adapters.knowledge.documents import Document, Section, Source
from shared.adapters.knowledge.index import Index
from shared.adapters.knowledge.versions import text_hash
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.mongo.index import open_index as open_mongo
from shared.adapters.sqlite.index import open_index as open_sqlite
from shared.contracts import LANGUAGES, Language
from shared.ports import Embedder

TODAY = date(2026, 11, 21)
RETURNS = "You can return most items within 30 days of delivery."
QUESTION = "how long may I return an item"


class BackEnd(Protocol):
    """One place that several indexes may be opened on, as by several processes."""

    name: str
    url: str

    def open(
        self,
        embedder: Embedder | None = None,
        *,
        today: Callable[[], date] = lambda: TODAY,
        re_embed: bool = False,
        vector_locales: Sequence[Language] = LANGUAGES,
    ) -> AbstractAsyncContextManager[Index]:
        """The index, looking at what is published before every search."""
        ...


@dataclass(frozen=True)
class Sqlite:
    """A file."""

    url: str
    name: str = "sqlite"

    def open(
        self,
        embedder: Embedder | None = None,
        *,
        today: Callable[[], date] = lambda: TODAY,
        re_embed: bool = False,
        vector_locales: Sequence[Language] = LANGUAGES,
    ) -> AbstractAsyncContextManager[Index]:
        """The index."""
        return open_sqlite(
            Path(self.url),
            embedder=embedder or HashingEmbedder(),
            today=today,
            re_embed=re_embed,
            vector_locales=vector_locales,
        )


@dataclass(frozen=True)
class Mongo:
    """A database."""

    url: str
    vectors: Literal["exact", "ivf", "hnsw"] = "exact"
    name: str = "mongo"

    def open(
        self,
        embedder: Embedder | None = None,
        *,
        today: Callable[[], date] = lambda: TODAY,
        re_embed: bool = False,
        vector_locales: Sequence[Language] = LANGUAGES,
    ) -> AbstractAsyncContextManager[Index]:
        """The index."""
        return open_mongo(
            self.url,
            embedder=embedder or HashingEmbedder(),
            vectors=self.vectors,
            today=today,
            re_embed=re_embed,
            vector_locales=vector_locales,
            look_seconds=0.0,
        )


def source(
    name: str,
    text: str,
    *,
    file: str = "",
    title: str = "Returns",
    category: str = "returns",
    locale: Language = "en",
    since: date = date(2026, 1, 1),
    until: date | None = None,
) -> Source:
    """A document as it comes out of a folder."""
    document = Document(
        id=name,
        title=title,
        category=category,
        locale=locale,
        version=1,
        effective_from=since,
        effective_until=until,
        translation_of="",
        sections=(Section(("How long",), text),),
    )
    return Source(file or f"{name}.md", text_hash(f"{document}"), document)


def editions(edition: str, count: int = 40) -> list[Source]:
    """More documents than are embedded in one batch; each names its edition."""
    return [source(f"doc-{n}", f"The {edition} edition says thing{n} about tents.") for n in range(count)]


async def texts(index: Index, question: str, language: Language = "en") -> list[str]:
    """What a search brings."""
    found = await index.search(question, language=language, k=3)
    return [passage.text for passage in found.passages]
