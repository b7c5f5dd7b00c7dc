"""How knowledge documents are edited: what the knowledge service is asked, and what it answers.

No document's whole text and no customer's words travel: texts lie in the store of editions, questions in the
conversations' store, and here stand their names.
"""

import hashlib
from typing import Literal

from shared.contracts.asks import Message
from shared.contracts.words import Language, Passage, Value

EditionState = Literal["draft", "publishing", "published", "found"]


class Edition(Value, frozen=True, kw_only=True):
    """One text of a document: written in the console, or found in the source.

    `text` is the whole file, front matter and all. `base` is the `digest` of the text it was written over,
    empty for a new document. `by` is the actor and `name` their name, both empty for what was found; `why`
    holds no personal value. `version`, `effective_from` and `effective_until` (ISO days) are what the text
    says, 0 and empty when it cannot be read. `back_to` is the edition whose text it brings back.
    """

    id: str
    document: str
    file: str
    base: str
    text: str
    at: float
    state: EditionState
    by: str = ""
    name: str = ""
    why: str = ""
    version: int = 0
    effective_from: str = ""
    effective_until: str = ""
    back_to: str = ""

    @property
    def digest(self) -> str:
        """By what two texts are told apart."""
        return digest_of(self.text)


def digest_of(text: str) -> str:
    """SHA-256 of a text's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


ServingState = Literal["serving", "coming", "past"]


class DocumentLine(Value, frozen=True, kw_only=True):
    """One document in a list: the version that is served, else the next, else the last.

    `coming` is the first day (ISO) of a version that waits beside the one that is served.
    """

    id: str
    file: str
    title: str
    category: str
    locale: Language
    version: int
    effective_from: str
    effective_until: str
    state: ServingState
    translation_of: str = ""
    coming: str = ""


class ServedVersion(Value, frozen=True, kw_only=True):
    """A version that the index keeps; days are ISO, `effective_until` may be empty."""

    version: int
    effective_from: str
    effective_until: str
    state: ServingState


class Translation(Value, frozen=True, kw_only=True):
    """A document in another language; `behind` when its version is lower than that of its original."""

    id: str
    locale: Language
    version: int
    behind: bool


class OpenedDocument(Value, frozen=True, kw_only=True):
    """A document to be read or edited. `edition` is its text in the source now, in the store of editions.

    `read_only` says why it cannot be edited here and what to do, or is empty.
    """

    line: DocumentLine
    edition: str
    versions: tuple[ServedVersion, ...]
    translations: tuple[Translation, ...] = ()
    original_version: int = 0
    read_only: str = ""


class DocumentProblem(Value, frozen=True, kw_only=True):
    """What a sync would say of a text; `line` is 1-based in the whole file, 0 when nobody knows.

    `stops`: it is not published. Otherwise it is published and somebody should look at this.
    """

    line: int
    key: str
    reason: str
    remedy: str
    stops: bool


class ChangedAnswer(Value, frozen=True, kw_only=True):
    """A past question whose first passage becomes another one; None where nothing answers it.

    The question is that of the turn; `gap_id` when nobody could answer it then.
    """

    conversation_id: str
    turn_id: str
    before: Passage | None
    after: Passage | None
    gap_id: str = ""


class EditTried(Value, frozen=True, kw_only=True):
    """What publishing a draft would do on the day `on` (ISO), which is today or its first one.

    `gaps` and `questions` are how many unanswered and answered ones were tried; `changed` are all of those
    that change. Nothing is tried when a problem stops it.
    """

    on: str
    problems: tuple[DocumentProblem, ...] = ()
    gaps: int = 0
    questions: int = 0
    changed: tuple[ChangedAnswer, ...] = ()


class EditSettled(Value, frozen=True, kw_only=True):
    """What came of publishing a draft.

    `changed`: the text in the source is no longer the one that was edited; it is the edition `now` (empty:
    the file is gone). `served` is false when the text is in the source and the index takes it in later.
    """

    outcome: Literal["published", "refused", "changed", "read_only"]
    problems: tuple[DocumentProblem, ...] = ()
    now: str = ""
    served: bool = True
    detail: str = ""


class ListDocuments(Message, frozen=True, kw_only=True):
    """Which documents are there? By file name, behind the file `after`."""

    after: str = ""
    limit: int = 500


class DocumentsListed(Message, frozen=True, kw_only=True):
    """A page of them; `more` when others follow."""

    documents: tuple[DocumentLine, ...]
    more: bool


class OpenDocument(Message, frozen=True, kw_only=True):
    """What does this document say now, and since when?"""

    document: str


class DocumentOpened(Message, frozen=True, kw_only=True):
    """The document, or None when there is none of this id."""

    document: OpenedDocument | None


class PreviewEdit(Message, frozen=True, kw_only=True):
    """What would this draft change? Nothing is."""

    edition: str


class EditPreviewed(Message, frozen=True, kw_only=True):
    """What it would."""

    tried: EditTried


class PublishEdit(Message, frozen=True, kw_only=True):
    """Put this draft in place of the text it was written over."""

    edition: str


class EditPublished(Message, frozen=True, kw_only=True):
    """What came of it."""

    settled: EditSettled
