"""Brings the index up to date with a source of documents."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from shared.adapters.embedded.input_rules import FILE as RULES
from shared.adapters.knowledge.documents import BadDocument, Source
from shared.adapters.knowledge.metadata import SIDE
from shared.adapters.knowledge.reader import Reader
from shared.adapters.knowledge.sources import MOST_BYTES, DocumentSource, Listed, Listing
from shared.errors import DeskError
from shared.ports.publishing import Count, Progress, Rejected, SyncReport, SyncStage, Warned

# Raise it when the same bytes are to be read in another way: every document is then read anew, once.
_READING = "1"
Check = Callable[[Sequence[Source], AbstractSet[str]], Sequence[Rejected | Warned]]


class TooMuchRemoved(DeskError):
    """The source has lost so many documents that it is more likely the wrong one than meant."""


class WritableIndex(Protocol):
    """The side of an index that a sync writes to."""

    async def files(self) -> tuple[dict[str, str], dict[str, str]]:
        """Of each file that is served its digest, and the id of its document."""
        ...

    async def store(
        self, sources: Sequence[Source], *, removed: Sequence[str] = (), progress: Count | None = None
    ) -> int:
        """Forget the files `removed`, then serve `sources`: readers see the old or the new state.

        Returns how many texts were embedded, which `progress` is told batch by batch. Raises `ModelDown`
        when the embedder fails; the next call resumes.
        """
        ...


@dataclass(frozen=True)
class _File:
    """A document that is there, with its side file and the digest of both."""

    listed: Listed
    side: Listed | None
    digest: str

    @property
    def name(self) -> str:
        return self.listed.name


@dataclass
class _Read:
    """What reading brought, growing as rules are applied."""

    sources: list[Source] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


class KnowledgeSync:
    """Keeps one index like one source; remembers between runs which files were refused.

    `check` sees the documents of all good files together, with the ids of those that changed, and returns
    what is wrong between them: a `Rejected` keeps that file's change from being served, a `Warned` is only
    reported. It is asked only when something changed, and then every file is read.
    """

    def __init__(
        self,
        source: DocumentSource,
        index: WritableIndex,
        *,
        check: Check | None = None,
        reader: Callable[[], Reader] = Reader,
    ) -> None:
        self.source = source
        self._index = index
        self.check = check
        self.reader = reader
        self._refused: dict[str, tuple[str, Rejected | None]] = {}
        self._running = asyncio.Lock()

    async def run(
        self,
        *,
        dry_run: bool = False,
        allow_removal: bool = False,
        progress: Progress | None = None,
    ) -> SyncReport:
        """Read what changed, store it, and say what was done (`dry_run`: what would be).

        Raises `SettingsError`, `SourceDown`, `StoreDown`, `ModelDown` or `TooMuchRemoved`; the index then
        serves what it served.
        """
        async with self._running:
            known, ids = await self._index.files()
            listing, files = await asyncio.to_thread(self._list)
            changed = [file for file in files if known.get(file.name) != file.digest]
            here = {entry.name for entry in listing.files} | {entry.file for entry in listing.rejected}
            removed = sorted(set(known) - here)
            read = await self._read(changed, _of("reading", progress))
            _keep_unique(read, ids, here)
            if self.check is not None and (read.sources or removed):
                await self._apply_check(self.check, read, files)
            _keep_translations(read, ids, here)
            moved = {ids[name] for name in removed} & {source.document.id for source in read.sources}
            gone = [name for name in removed if ids[name] not in moved]
            if not allow_removal:
                _guard(self.source.where, len(known), len(gone))
            embedded = 0
            if not dry_run:
                renamed = [s.file for s in read.sources if ids.get(s.file, s.document.id) != s.document.id]
                embedded = await self._index.store(
                    read.sources, removed=[*removed, *renamed], progress=_of("embedding", progress)
                )
            edited = [s.file for s in read.sources if s.file in known or s.document.id in moved]
            return SyncReport(
                added=tuple(s.file for s in read.sources if s.file not in edited),
                changed=tuple(edited),
                removed=tuple(gone),
                unchanged=tuple(file.name for file in files if known.get(file.name) == file.digest),
                rejected=(*listing.rejected, *read.rejected),
                warnings=(*_lonely(listing, here), *read.warnings),
                embedded=embedded,
            )

    def _list(self) -> tuple[Listing, list[_File]]:
        """The documents that are there. The digest covers all that decides how a file is read."""
        listing = self.source.list()
        by_name = {file.name: file for file in listing.files}
        bad = {entry.file for entry in listing.rejected}
        how = _READING + hashlib.sha256(RULES.read_bytes()).hexdigest()
        files = []
        for listed in listing.files:
            # Without its side file a document would get another id: it waits until that can be read.
            if listed.name.endswith(SIDE) or listed.name + SIDE in bad:
                continue
            side = by_name.get(listed.name + SIDE)
            whole = "\0".join((how, listed.mark, side.mark if side else ""))
            files.append(_File(listed, side, hashlib.sha256(whole.encode()).hexdigest()))
        return listing, files

    async def _read(self, files: Sequence[_File], progress: Count | None) -> _Read:
        """Each file's document, read by a thread and a process that both end when this is cancelled."""
        with self.reader() as reader:
            return await asyncio.to_thread(self._read_all, files, reader, progress)

    def _read_all(self, files: Sequence[_File], reader: Reader, progress: Count | None) -> _Read:
        read = _Read()
        for n, file in enumerate(files):
            if reader.closed:
                break
            if progress is not None:
                progress(n, len(files))
            refused = self._read_one(file, reader, read)
            if refused is not None:
                read.rejected.append(refused)
        if progress is not None:
            progress(len(files), len(files))
        return read

    def _read_one(self, file: _File, reader: Reader, read: _Read) -> Rejected | None:
        """Puts the document into `read`, or returns why there is none."""
        digest, refused = self._refused.get(file.name, ("", None))
        if digest == file.digest:
            return refused
        for listed in (file.listed, file.side):
            if listed is not None and listed.size > MOST_BYTES:
                reason = f"{listed.size:,} bytes are more than {MOST_BYTES:,}"
                return Rejected(listed.name, 1, "file", reason, "make it smaller or split it")
        try:
            data = self.source.read(file.listed)
            side = None if file.side is None else self.source.read(file.side)
        except BadDocument as error:
            return Rejected(file.name, error.line, error.key, error.reason, error.remedy)
        answer = reader.read(file.name, data, side)
        if answer.document is None:
            # A file that takes half a minute to fail should not do so every ten minutes.
            self._refused[file.name] = file.digest, answer.rejected
            return answer.rejected
        read.sources.append(Source(file.name, file.digest, answer.document))
        read.warnings.extend(
            Warned(file.name, f"not served, it gives orders to a machine: {text!r}")
            for text in answer.withheld
        )
        return None

    async def _apply_check(self, check: Check, read: _Read, files: Sequence[_File]) -> None:
        """Show `check` the documents as they would be after this sync, and refuse what it refuses."""
        new = {source.file for source in read.sources}
        refused = {entry.file for entry in read.rejected}
        rest = [file for file in files if file.name not in new | refused]
        old = await self._read(rest, None)
        changed = frozenset(source.document.id for source in read.sources)
        objections = await asyncio.to_thread(check, [*read.sources, *old.sources], changed)
        _refuse(read, objections)


def _of(stage: SyncStage, progress: Progress | None) -> Count | None:
    return None if progress is None else partial(progress, stage)


def _refuse(read: _Read, objections: Sequence[Rejected | Warned]) -> None:
    """Take out the new versions of rejected files: what is served of them serves on."""
    files = {entry.file for entry in objections if isinstance(entry, Rejected)}
    read.sources = [source for source in read.sources if source.file not in files]
    read.warnings = [entry for entry in read.warnings if entry.file not in files]
    read.rejected.extend(entry for entry in objections if isinstance(entry, Rejected))
    read.warnings.extend(entry for entry in objections if isinstance(entry, Warned))


def _keep_unique(read: _Read, ids: Mapping[str, str], here: set[str]) -> None:
    """Only the first file with an id counts; a file that is served already was first."""
    new = {source.file for source in read.sources}
    owner = {ids[name]: name for name in ids if name in here and name not in new}
    objections: list[Rejected] = []
    for source in sorted(read.sources, key=lambda s: ids.get(s.file) != s.document.id):
        other = owner.setdefault(source.document.id, source.file)
        if other != source.file:
            line, reason = source.document.lines["id"], f"{source.document.id!r} is the id of {other} already"
            objections.append(Rejected(source.file, line, "id", reason, "give one of them another"))
    _refuse(read, objections)


def _keep_translations(read: _Read, ids: Mapping[str, str], here: set[str]) -> None:
    """A translation needs its original: facts are checked against it."""
    new = {source.file for source in read.sources}
    known = {ids[name] for name in ids if name in here and name not in new}
    known |= {source.document.id for source in read.sources}
    objections: list[Rejected] = []
    for source in read.sources:
        original = source.document.translation_of
        if original and original not in known:
            line, reason = source.document.lines["translation_of"], f"no document has the id {original!r}"
            remedy = "name the id of the English document"
            objections.append(Rejected(source.file, line, "translation_of", reason, remedy))
    _refuse(read, objections)


def _guard(where: str, known: int, gone: int) -> None:
    """A source that is suddenly empty, or another one, must not empty the index."""
    if gone and (gone == known or gone > known / 2):
        raise TooMuchRemoved(
            f"{gone} of {known} documents that are served are no longer in {where}: nothing was changed; "
            "check the source, or run `python -m launch knowledge-sync --allow-removal` if they are to go"
        )


def _lonely(listing: Listing, here: set[str]) -> list[Warned]:
    """Side files whose document is not there, most likely misspelt."""
    sides = (file.name for file in listing.files if file.name.endswith(SIDE))
    return [
        Warned(name, f"describes {name.removesuffix(SIDE)}, which is not there")
        for name in sides
        if name.removesuffix(SIDE) not in here
    ]
