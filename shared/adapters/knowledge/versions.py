"""Document versions as an index keeps them: what follows from a publication, and what holds on a day."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.adapters.knowledge.chunks import Chunk, chunks_of
from shared.adapters.knowledge.documents import Source
from shared.contracts import Language


@dataclass(frozen=True)
class Version:
    """What one file said when it was published, cut into chunks; `effective_until` is its last day."""

    id: str
    file: str
    digest: str
    title: str
    category: str
    locale: Language
    version: int
    effective_from: date
    effective_until: date | None
    translation_of: str
    chunks: tuple[Chunk, ...]

    def holds_on(self, day: date) -> bool:
        """True from `effective_from` to `effective_until`, both included."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def outlasts(self, other: "Version") -> bool:
        """True when this one ends on the last day of `other` or later."""
        if self.effective_until is None:
            return True
        return other.effective_until is not None and other.effective_until <= self.effective_until


def version_of(source: Source) -> Version:
    """The version that publishing `source` makes."""
    document = source.document
    return Version(
        id=document.id,
        file=source.file,
        digest=source.digest,
        title=document.title,
        category=document.category,
        locale=document.locale,
        version=document.version,
        effective_from=document.effective_from,
        effective_until=document.effective_until,
        translation_of=document.translation_of,
        chunks=tuple(chunks_of(document)),
    )


def text_hash(text: str) -> str:
    """By what a vector is remembered: SHA-256 of the text it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()


def after(
    versions: Sequence[Version], sources: Sequence[Source], removed: Iterable[str], today: date
) -> list[Version]:
    """What is kept once `sources` are published and the `removed` files are gone, oldest first.

    A version that holds from a later day waits beside the one that serves until then; one that holds
    today takes the place of every other of its id.
    """
    gone = set(removed)
    kept = [version for version in versions if version.file not in gone]
    for source in sources:
        new = version_of(source)
        kept = [old for old in kept if old.id != new.id or _stays_beside(old, new, kept, today)]
        kept.append(new)
    return kept


def _stays_beside(old: Version, new: Version, kept: Sequence[Version], today: date) -> bool:
    """True for an `old` that may be served before `new` begins, or again after it ends."""
    if new.effective_from <= today or old.effective_from > today:
        return False
    began = [version for version in kept if version.id == old.id and version.effective_from <= today]
    began.sort(key=lambda version: version.effective_from)
    return not any(later.outlasts(old) for later in began[began.index(old) + 1 :])


def in_force(versions: Sequence[Version], day: date) -> list[Version]:
    """Of each document id the version that is served on `day`: the newest that holds, in file order."""
    newest: dict[str, Version] = {}
    for version in versions:
        best = newest.get(version.id)
        if version.holds_on(day) and (best is None or version.effective_from >= best.effective_from):
            newest[version.id] = version
    return sorted(newest.values(), key=lambda version: version.file)


def files_of(versions: Sequence[Version]) -> tuple[dict[str, str], dict[str, str]]:
    """Of each file the digest of its newest version, and the id it holds."""
    return (
        {version.file: version.digest for version in versions},
        {version.file: version.id for version in versions},
    )
