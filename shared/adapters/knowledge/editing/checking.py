"""Lets a sync look at a draft as if it lay in the source, and says what it would object to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.adapters.knowledge.documents import Source
from shared.adapters.knowledge.sources import DocumentSource, Listed, Listing
from shared.adapters.knowledge.sources.writing import sha256
from shared.adapters.knowledge.sync import KnowledgeSync, WritableIndex
from shared.contracts.editing import (
    DocumentProblem,
)
from shared.ports.publishing import Count, Rejected, Warned

_ORDER = "not served, it gives orders to a machine: "
_SAY_IT = "say it to customers, or leave it out: as it stands they never get this sentence"
_AGREE = "say the same in both documents, or leave it out here"


@dataclass(frozen=True)
class Checked:
    """What is wrong with a draft, and the document it is when nothing stops it."""

    problems: tuple[DocumentProblem, ...]
    source: Source | None


class _Overlaid:
    """A `DocumentSource` with one file replaced."""

    def __init__(self, source: DocumentSource, name: str, data: bytes) -> None:
        self.where = source.where
        self._source = source
        self._name = name
        self._data = data

    def list(self) -> Listing:
        there = self._source.list()
        draft = Listed(self._name, len(self._data), f"draft:{sha256(self._data)}")
        files = [file for file in there.files if file.name != self._name]
        return Listing(tuple(sorted([*files, draft], key=lambda file: file.name)), there.rejected)

    def read(self, file: Listed) -> bytes:
        return self._data if file.name == self._name else self._source.read(file)


class _Aside:
    """A `WritableIndex` that keeps what it is given to itself."""

    def __init__(self, index: WritableIndex) -> None:
        self._index = index
        self.sources: Sequence[Source] = ()

    async def files(self) -> tuple[dict[str, str], dict[str, str]]:
        return await self._index.files()

    async def store(
        self, sources: Sequence[Source], *, removed: Sequence[str] = (), progress: Count | None = None
    ) -> int:
        del removed, progress
        self.sources = sources
        return 0


async def check_draft(sync: KnowledgeSync, index: WritableIndex, *, name: str, text: str) -> Checked:
    """What `sync` would say of `text` in the file `name`. Nothing is stored.

    Raises `SettingsError`, `SourceDown`, `StoreDown`.
    """
    aside = _Aside(index)
    overlaid = _Overlaid(sync.source, name, text.encode())
    trying = KnowledgeSync(overlaid, aside, check=sync.check, reader=sync.reader)
    report = await trying.run(allow_removal=True)
    rejected = [_stopped(entry, text) for entry in report.rejected if entry.file == name]
    warned = [_warned(entry, text) for entry in report.warnings if entry.file == name]
    found = next((one for one in aside.sources if one.file == name), None)
    return Checked((*rejected, *warned), found)


def _stopped(entry: Rejected, text: str) -> DocumentProblem:
    contradicts = entry.key == "contradiction"
    return DocumentProblem(
        line=_quoted_line(text, entry.file, entry.reason) if contradicts else entry.line,
        key=entry.key,
        reason=entry.reason,
        remedy=entry.remedy,
        stops=True,
    )


def _warned(entry: Warned, text: str) -> DocumentProblem:
    if entry.reason.startswith(_ORDER):
        line = _line_of(text, entry.reason.removeprefix(_ORDER).strip("'\""))
        return DocumentProblem(line=line, key="orders", reason=entry.reason, remedy=_SAY_IT, stops=False)
    line = _quoted_line(text, entry.file, entry.reason)
    return DocumentProblem(line=line, key="contradiction", reason=entry.reason, remedy=_AGREE, stops=False)


def _quoted_line(text: str, file: str, reason: str) -> int:
    """Where our own sentence of a contradiction stands, which its report quotes (`report.render`)."""
    quoted = re.search(rf'^  {re.escape(file)}(?: \(.*\))?: "(.+)"$', reason, re.MULTILINE)
    return _line_of(text, quoted[1]) if quoted else 0


def _line_of(text: str, sentence: str) -> int:
    """Where a sentence begins, by its first words; 0 when markup stands between them."""
    for few in (6, 3, 2):
        start = " ".join(sentence.split()[:few])
        for n, line in enumerate(text.split("\n"), start=1):
            if start and start in " ".join(line.split()):
                return n
    return 0
