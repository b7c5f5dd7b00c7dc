"""Reads a folder of documents and says of each file whether it may be served."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.knowledge.documents import BadDocument, Document, parse_document
from shared.errors import SettingsError


@dataclass(frozen=True)
class Rejected:
    """A file that is not served as it is now; an earlier good version of it still is."""

    file: str
    line: int
    key: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class Source:
    """A file that was read: its path in the folder and the hash of its bytes."""

    file: str
    digest: str
    document: Document


@dataclass(frozen=True)
class FolderRead:
    """`files` are all documents that are there, good or bad."""

    files: frozenset[str]
    unchanged: frozenset[str]
    sources: tuple[Source, ...]
    rejected: tuple[Rejected, ...]


def read_folder(folder: Path, *, known: Mapping[str, str], ids: Mapping[str, str]) -> FolderRead:
    """Every `*.md` file below `folder` except READMEs.

    `known` is the digest of each file that is served (those are not read again), `ids` the id that each
    served file holds. Raises `SettingsError` when the folder is not there.
    """
    if not folder.is_dir():
        raise SettingsError(f"the knowledge folder {str(folder)!r} is not there; name an existing folder")
    files, unchanged, parsed, rejected = set(), set(), [], []
    for path in sorted(folder.rglob("*.md")):
        if path.name.upper() == "README.MD":
            continue
        name = path.relative_to(folder).as_posix()
        files.add(name)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if known.get(name) == digest:
            unchanged.add(name)
            continue
        try:
            parsed.append(Source(name, digest, parse_document(data.decode())))
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            rejected.append(
                Rejected(name, line, "encoding", f"byte {error.start} is not UTF-8", "save it as UTF-8")
            )
        except BadDocument as error:
            rejected.append(Rejected(name, error.line, error.key, error.reason, error.remedy))
    held = {ids[name]: name for name in ids if name in files and name not in {s.file for s in parsed}}
    good, more = _unique(parsed, held)
    good, orphans = _translations(good, set(held))
    return FolderRead(frozenset(files), frozenset(unchanged), tuple(good), tuple(rejected + more + orphans))


def _unique(sources: list[Source], held: dict[str, str]) -> tuple[list[Source], list[Rejected]]:
    """Only the first file with an id counts; a file that is served already was first."""
    owner = dict(held)
    good, rejected = [], []
    for source in sources:
        other = owner.setdefault(source.document.id, source.file)
        if other == source.file:
            good.append(source)
            continue
        reason = f"{source.document.id!r} is the id of {other} already"
        rejected.append(
            Rejected(source.file, source.document.lines["id"], "id", reason, "give one of them another")
        )
    return good, rejected


def _translations(sources: list[Source], held: set[str]) -> tuple[list[Source], list[Rejected]]:
    """A translation needs its original: facts are checked against it."""
    known = held | {source.document.id for source in sources}
    good, rejected = [], []
    for source in sources:
        original = source.document.translation_of
        if not original or original in known:
            good.append(source)
            continue
        rejected.append(
            Rejected(
                source.file,
                source.document.lines["translation_of"],
                "translation_of",
                f"no document has the id {original!r}",
                "name the id of the English document",
            )
        )
    return good, rejected
