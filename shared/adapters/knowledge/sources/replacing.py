"""Puts a file in place of another in one step, unless that has changed."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from shared.adapters.knowledge.sources.source import MOST_BYTES
from shared.adapters.knowledge.sources.writing import ReadOnlySource, TextChanged, sha256

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def replace_file(root: Path, name: str, data: bytes, *, over: str) -> None:
    """Write `data` to `name` below `root` if what is there has the SHA-256 `over` (empty: nothing is there).

    Readers see the old or the new text whole. Processes of ours take turns by a lock on the folder; an editor
    that knows nothing of it could still save between our last look and the step, some microseconds.

    Raises:
        TextChanged: something else is there.
        ReadOnlySource: the folder takes no writing, or the file is a link.
    """
    parts = PurePosixPath(name).parts
    try:
        with _folder(root, parts[:-1]) as folder, _locked(folder):
            _check(folder, parts[-1], over)
            _put(folder, parts[-1], data, new=not over)
    except FileExistsError:
        raise TextChanged(f"{name} has been made by somebody else meanwhile") from None
    except OSError as error:
        raise ReadOnlySource(
            f"{name} cannot be written: {os.strerror(error.errno or 0)}; give the service the right to write "
            f"to {str(root)!r}, or edit the file where it comes from"
        ) from error


@contextmanager
def _folder(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """The folder, opened step by step so that no link leads out of the root; made when absent."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts:
            with suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=here)
            inner = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)  # once: another thread may have a file of this number by now


@contextmanager
def _locked(folder: int) -> Iterator[None]:
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)


def _check(folder: int, name: str, over: str) -> None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        if over:
            raise TextChanged(f"{name} is no longer there") from None
        return
    with os.fdopen(file, "rb") as opened:
        if not over or sha256(opened.read(MOST_BYTES + 1)) != over:
            raise TextChanged(f"{name} has changed meanwhile")


def _put(folder: int, name: str, data: bytes, *, new: bool) -> None:
    # Hidden, so that no sync takes it for a document.
    beside = f".{name}.{secrets.token_hex(4)}.part"
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as opened:
            if not new:
                _like(os.stat(name, dir_fd=folder, follow_symlinks=False), file)
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        if new:
            os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder)  # fails when there is one
        else:
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)


def _like(old: os.stat_result, file: int) -> None:
    """Whose it was, and who may read and write it: another tool edits these files, too."""
    now = os.fstat(file)
    if (old.st_uid, old.st_gid) != (now.st_uid, now.st_gid):
        for owner in (old.st_uid, -1):  # a service that is not root may still give it to a group of its own
            with suppress(PermissionError):
                os.fchown(file, owner, old.st_gid)
                break
    os.fchmod(file, stat.S_IMODE(old.st_mode) & 0o777)
