"""Documents in a folder of this machine."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.sources.replacing import replace_file
from shared.adapters.knowledge.sources.source import MOST_BYTES, Listed, Listing, checked, is_wanted
from shared.errors import SettingsError
from shared.ports.publishing import Rejected


class FolderSource:
    """Implements `DocumentSource`; marks are hashes of the bytes."""

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def list(self) -> Listing:
        """Every document below the folder; links that leave it are rejected."""
        if not self._folder.is_dir():
            raise SettingsError(f"the knowledge folder {self.where!r} is not there; name an existing folder")
        root = self._folder.resolve()
        files, rejected = [], []
        for path in _walk(self._folder):
            name = path.relative_to(self._folder).as_posix()
            try:
                files.append(_listed(root, path, name))
            except BadDocument as error:
                rejected.append(Rejected(name, error.line, error.key, error.reason, error.remedy))
        return checked(files, rejected, self.where)

    def read(self, file: Listed) -> bytes:
        """The bytes as they are now."""
        return _bytes(self._folder.resolve(), self._folder / file.name)

    def current(self, name: str) -> bytes | None:
        """The bytes of this file now, None when there is none."""
        if not (self._folder / name).is_file():
            return None
        return _bytes(self._folder.resolve(), self._folder / name)

    def replace(self, name: str, data: bytes, *, over: str) -> None:
        """See `EditableSource.replace`."""
        replace_file(self._folder.resolve(), name, data, over=over)


def _walk(folder: Path) -> Iterator[Path]:
    """The files that are wanted, and links to folders: those are not followed, they may lead in circles."""
    for where, folders, names in os.walk(folder, onerror=_not_listed):
        here = Path(where)
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (here / name for name in folders if (here / name).is_symlink())
        for name in names:
            if is_wanted((here / name).relative_to(folder).as_posix()):
                yield here / name


def _not_listed(error: OSError) -> None:
    """A folder that cannot be read would look empty, and its documents be removed."""
    raise SettingsError(
        f"the folder {str(error.filename)!r} cannot be read: {error.strerror}; give the service the right to"
    ) from error


def _listed(root: Path, path: Path, name: str) -> Listed:
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise _outside()
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(error) from error
    if not stat.S_ISREG(status.st_mode):
        raise _irregular()
    if status.st_size > MOST_BYTES:
        return Listed(name, status.st_size, f"mtime:{status.st_mtime_ns}")
    return Listed(name, status.st_size, hashlib.sha256(_bytes(root, path)).hexdigest())


def _bytes(root: Path, path: Path) -> bytes:
    """At most one byte more than is allowed: a file may grow while it is read."""
    try:
        with os.fdopen(_opened(root, path), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(error) from error
    if len(data) > MOST_BYTES:
        raise BadDocument(
            1, "file", "grew while it was read", "wait until it is written; the next sync tries again"
        )
    return data


def _opened(root: Path, path: Path) -> int:
    """The file behind a path, opened step by step so that nobody can put a link or a pipe there meanwhile.

    A link that stays in the folder is resolved first. O_NONBLOCK: opening a pipe would wait for its writer.
    """
    whole = path.resolve(strict=True)
    if not whole.is_relative_to(root):
        raise _outside()
    parts = whole.relative_to(root).parts
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts[:-1]:
        outer = here
        try:
            here = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=outer)
        finally:
            os.close(outer)
    try:
        file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _irregular()
    return file


def _outside() -> BadDocument:
    return BadDocument(1, "link", "leads out of the folder", "put a copy of the file here")


def _irregular() -> BadDocument:
    return BadDocument(1, "file", "is not a regular file", "put the document itself here")


def _unreadable(error: OSError) -> BadDocument:
    return BadDocument(
        1, "file", f"cannot be read: {error.strerror}", "give the service the right to read it"
    )
