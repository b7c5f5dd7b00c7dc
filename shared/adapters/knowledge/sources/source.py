"""What a sync asks of a place where documents are."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from shared.adapters.knowledge.formats import SUFFIXES, suffix_of
from shared.adapters.knowledge.metadata import SIDE
from shared.errors import SettingsError
from shared.ports.publishing import Rejected

# An article has some kilobytes, a long illustrated PDF a few megabytes.
MOST_BYTES = 10_000_000
# Names alone: more than this is a folder that holds something else.
MOST_FILES = 20_000


@dataclass(frozen=True)
class Listed:
    """A file by its path in the source, with `/`; `mark` differs when the bytes differ."""

    name: str
    size: int
    mark: str


@dataclass(frozen=True)
class Listing:
    """Everything that is there: files to read, and those that cannot be."""

    files: tuple[Listed, ...]
    rejected: tuple[Rejected, ...] = ()


class DocumentSource(Protocol):
    """A place with documents. Its methods block: call them in a thread.

    `where` names it to people and holds no secret.
    """

    where: str

    def list(self) -> Listing:
        """All files that `is_wanted`; raises `SettingsError` or, when trying again may help, `SourceDown`."""
        ...

    def read(self, file: Listed) -> bytes:
        """Its bytes, at most `MOST_BYTES`; raises `BadDocument` when they cannot be had, or `SourceDown`."""
        ...


def is_wanted(name: str) -> bool:
    """Documents and their side files; no READMEs, and nothing hidden."""
    path = PurePosixPath(name)
    if any(part.startswith(".") for part in path.parts) or path.name.upper() == "README.MD":
        return False
    return suffix_of(name.removesuffix(SIDE)) in SUFFIXES


def checked(files: Iterable[Listed], rejected: Iterable[Rejected], where: str) -> Listing:
    """The listing in order of names, without names that no terminal or log should be shown."""
    good: list[Listed] = []
    bad = list(rejected)
    for file in files:
        if len(good) >= MOST_FILES:
            raise SettingsError(
                f"{where} holds more than {MOST_FILES:,} documents; name a narrower folder or prefix"
            )
        if file.name.isprintable():
            good.append(file)
        else:
            shown = ascii(file.name).strip("'\"")
            bad.append(Rejected(shown, 1, "name", "has characters that cannot be printed", "rename the file"))
    return Listing(tuple(sorted(good, key=lambda file: file.name)), tuple(bad))
