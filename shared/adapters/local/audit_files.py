"""Appends to the files of the audit log, with several processes at it, and goes on after whatever broke."""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from shared.adapters.local.audit_lines import NOTHING, Link, Seal, looks_chained
from shared.adapters.local.disk import keep_names
from shared.adapters.local.key_file import KeyFile
from shared.errors import AuditDown
from shared.ports import Deed

_WINDOW = 4096
"""Bytes first read from the end of a file for its last line; twice as many each time it is longer."""
_PAUSES = (0.00005, 0.001)
"""Seconds before a lock is tried again, at first and at most; it is held for some 20 µs."""
_SYNC = getattr(os, "fdatasync", os.fsync)


class _Seen(NamedTuple):
    """Where our last line ended: while the file is as long as then, its end need not be read again."""

    file: int
    size: int
    end: Link


@dataclass
class AuditFiles:
    """The log at `path`, full files beside it as `<name>.1`, `<name>.2`, and its end noted at `anchor`.

    A file takes `size` bytes, then the next begins. The anchor is also the lock: what it says is read and
    written under it. `patience` is how many seconds another process's lock is waited for. One thread appends.
    """

    path: Path
    anchor: Path
    key_file: Path
    size: int
    patience: float
    _seen: _Seen | None = None
    _anchor: tuple[bytes, Link | None] = (b"", None)

    @cached_property
    def seal(self) -> Seal:
        """The chain's key, made from the vault's when first needed: the vault makes that file."""
        return Seal(KeyFile(self.key_file).read().audit)

    def append(self, deeds: Sequence[Deed], *, actor: str) -> None:
        """Write these lines in one go; on disk when this returns. Raises `AuditDown`, `VaultDown`."""
        with self._told(), self.locked() as anchor:
            handle, end = self._add(anchor, deeds, actor)
            # The lock is not held while the disk works. Who is killed here leaves a line too many, never a
            # deed without one; the anchor follows the disk, so that a power cut never leaves it ahead.
            try:
                fcntl.flock(anchor, fcntl.LOCK_UN)
                _SYNC(handle)
                self._hold(anchor)
            finally:
                os.close(handle)
            noted = self._noted(anchor)
            if noted is not None and noted.sequence < end.sequence:
                self._note(anchor, end)

    def full_files(self) -> list[Path]:
        """The files before the current one, oldest first."""
        numbered = [
            (int(path.suffix[1:]), path)
            for path in self.path.parent.glob(f"{self.path.name}.*")
            if path.suffix[1:].isdecimal()
        ]
        return [path for _, path in sorted(numbered)]

    @contextmanager
    def locked(self, *, make: bool = True) -> Iterator[int]:
        """The anchor's file, open and held by nobody else. Raises `FileNotFoundError` without `make`."""
        handle = _open(self.anchor, os.O_RDWR | os.O_CREAT if make else os.O_RDONLY)
        try:
            self._hold(handle)
            yield handle
        finally:
            os.close(handle)

    def _hold(self, handle: int) -> None:
        deadline, (pause, longest) = time.monotonic() + self.patience, _PAUSES
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise AuditDown(
                        f"audit anchor {self.anchor} is locked by another process for {self.patience:g} s; "
                        "look which process holds it (lsof), then try again"
                    ) from None
                time.sleep(pause)
                pause = min(2 * pause, longest)
            else:
                return

    def _add(self, anchor: int, deeds: Sequence[Deed], actor: str) -> tuple[int, Link]:
        handle = _open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            if os.fstat(handle).st_size >= self.size:
                handle = self._turn_over(handle)
            end, first = self._end(anchor, handle)
            lines: list[bytes] = []
            now = time.time()
            for deed in (*first, *deeds):
                line, end = self.seal.write(deed, end, at=now, actor=actor)
                lines.append(line)
            self._write(handle, b"".join(lines))
            file = os.fstat(handle)
            self._seen = _Seen(file.st_ino, file.st_size, end)
        except BaseException:
            os.close(handle)
            raise
        return handle, end

    def _turn_over(self, handle: int) -> int:
        # On disk before it is put aside: the next file must never be there without this one's last line.
        os.fsync(handle)
        full = self.full_files()
        number = int(full[-1].suffix[1:]) + 1 if full else 1
        self.path.rename(self.path.with_name(f"{self.path.name}.{number}"))
        fresh = _open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        keep_names(self.path.parent)
        os.close(handle)
        return fresh

    def _heal(self, handle: int) -> int:
        """Take away half a line that a crash left: what it announced never happened. How many bytes."""
        size = os.fstat(handle).st_size
        if size == 0 or os.pread(handle, 1, size - 1) == b"\n":
            return 0
        whole = size - len(_last_piece(handle, size))
        os.ftruncate(handle, whole)
        return size - whole

    def _end(self, anchor: int, handle: int) -> tuple[Link, list[Deed]]:
        """The link to write on, and what the log has to say of itself first.

        Where the files end before the anchor lines were cut off: writing goes on from the anchor, so the
        gap in the sequence stays for ever.
        """
        noted, file = self._noted(anchor), os.fstat(handle)
        if noted is not None and self._seen and self._seen[:2] == (file.st_ino, file.st_size):
            return self._seen.end, []
        first: list[Deed] = []
        if healed := self._heal(handle):
            first.append(Deed(action="tail_healed", purpose="repair", counts={"bytes": healed}))
        tail = self._tail(handle)
        if noted is None:
            tail = tail or self._last_good()
            if tail is not None:
                first.append(Deed(action="anchor_lost", purpose="repair"))
        end = max((link for link in (noted, tail) if link), key=lambda link: link.sequence, default=None)
        unchained = 0
        if end is None:
            unchained, digest = self._unchained()
            end = Link(0, digest)
        if noted is None:
            self._note(anchor, end)
            os.fsync(anchor)
            keep_names(self.anchor.parent)
            keep_names(self.path.parent)
        if end.sequence == 0:
            first.insert(0, Deed(action="chain_begun", purpose="repair", counts={"unchained": unchained}))
        return end, first

    def _tail(self, handle: int) -> Link | None:
        size = os.fstat(handle).st_size
        if size:
            return self._link(_last_piece(handle, size - 1))
        full = self.full_files()
        if not full:
            return None
        before = os.open(full[-1], os.O_RDONLY)
        try:
            size = os.fstat(before).st_size
            return self._link(_last_piece(before, size - 1)) if size else None
        finally:
            os.close(before)

    def _link(self, line: bytes) -> Link | None:
        read = self.seal.read(line)
        return read.link if read else None

    def _last_good(self) -> Link | None:
        """The last line that is right, looked for from the start: only ever when the anchor is gone."""
        found: Link | None = None
        for path in filter(Path.is_file, (*self.full_files(), self.path)):
            with path.open("rb") as lines:
                for line in lines:
                    if looks_chained(line):
                        found = self._link(line.rstrip(b"\n")) or found
        return found

    def _unchained(self) -> tuple[int, str]:
        """How many lines stand in the file already, and the hash that ties the chain to them."""
        digest, count = self.seal.digest(), 0
        if self.path.is_file():
            with self.path.open("rb") as lines:
                for line in lines:
                    digest.update(line)
                    count += 1
        return count, digest.hexdigest() if count else NOTHING

    def _write(self, handle: int, data: bytes) -> None:
        before = os.fstat(handle).st_size
        written = os.write(handle, data)
        if written != len(data):
            os.ftruncate(handle, before)
            raise AuditDown(
                f"audit log {self.path}: only {written} of {len(data)} bytes fit; nothing is done without "
                "its audit line. Free disk space"
            )

    def _noted(self, anchor: int) -> Link | None:
        data = _whole(anchor)
        if data != self._anchor[0]:
            self._anchor = data, self.seal.read_anchor(data)
        return self._anchor[1]

    def _note(self, anchor: int, end: Link) -> None:
        data = self.seal.write_anchor(end)
        if os.fstat(anchor).st_size not in {0, len(data)}:
            os.ftruncate(anchor, 0)
        os.pwrite(anchor, data, 0)
        self._anchor = data, end

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuditDown(
                f"audit log {self.path}: {error.strerror}; nothing is revealed or done without its audit "
                "line. Free disk space or make the file writable"
            ) from error


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(path, flags, 0o600)


def _whole(handle: int) -> bytes:
    return os.pread(handle, 1024, 0)


def _last_piece(handle: int, end: int) -> bytes:
    """What stands between the last line break before `end` and `end`."""
    window = _WINDOW
    while True:
        start = max(0, end - window)
        data = os.pread(handle, end - start, start)
        cut = data.rfind(b"\n")
        if cut >= 0 or start == 0:
            return data[cut + 1 :]
        window *= 2
