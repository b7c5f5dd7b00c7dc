"""Editing knowledge documents: their texts, who tries a change out, and the questions it is tried on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts import Language
from shared.contracts.editing import (
    DocumentLine,
    Edition,
    EditionState,
    EditSettled,
    EditTried,
    OpenedDocument,
)


class Editions(Protocol):
    """Every text that documents had, as far as the console wrote or saw it. Raises `StoreDown`."""

    async def keep(self, edition: Edition) -> None:
        """Keep it; of the same id the first one counts. Drafts of a fortnight ago go."""
        ...

    async def get(self, edition_id: str) -> Edition | None:
        """One edition."""
        ...

    async def with_text(self, document: str, digest: str) -> Edition | None:
        """The latest of the document with this text that is more than a draft."""
        ...

    async def settle(self, edition_id: str, state: EditionState, *, at: float) -> None:
        """It is in this state since `at`, seconds since 1970."""
        ...

    async def of(self, document: str, *, before: float | None = None, limit: int = 20) -> Sequence[Edition]:
        """What was published and found of a document, the latest first; `before` is where a page ended."""
        ...


@dataclass(frozen=True)
class PastQuestion:
    """What a customer asked in a turn, tokenized; `gap_id` when it is one nobody could answer."""

    conversation_id: str
    turn_id: str
    text: str
    language: Language
    gap_id: str = ""


class PastQuestions(Protocol):
    """What customers asked. Raises `StoreDown`."""

    async def unanswered(self, *, limit: int) -> Sequence[PastQuestion]:
        """Of open gaps the last asking each, the latest first."""
        ...

    async def answered_from(self, files: Collection[str], *, limit: int) -> Sequence[PastQuestion]:
        """Those whose reply quoted one of these documents, the latest first, each text once.

        Only the newest conversations are looked through.
        """
        ...

    async def said(self, turns: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """What was asked in these turns (conversation, turn), as far as it is still kept."""
        ...

    async def gap(self, gap_id: str) -> PastQuestion | None:
        """The question of one gap."""
        ...


class KnowledgeEditor(Protocol):
    """The source of documents and the index, seen by who edits them.

    Raises `StoreDown`, `SourceDown`, `SettingsError` and, where vectors are needed, `ModelDown`.
    """

    async def documents(self) -> Sequence[DocumentLine]:
        """Every document that the index keeps, by file name."""
        ...

    async def opened(self, document: str) -> OpenedDocument | None:
        """One of them, its text now kept among the editions."""
        ...

    async def tried(self, edition_id: str) -> EditTried:
        """What publishing a draft would do. Nothing live changes."""
        ...

    async def published(self, edition_id: str) -> EditSettled:
        """Publish a draft, unless its document changed meanwhile. Asked twice it is published once."""
        ...
