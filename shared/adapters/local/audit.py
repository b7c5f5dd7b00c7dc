"""The audit log on this machine: what is written at the same time waits for the disk together."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BufferedReader
from pathlib import Path

import msgspec

from shared.adapters.local.audit_check import Check
from shared.adapters.local.audit_files import AuditFiles
from shared.adapters.local.audit_lines import Link
from shared.errors import AuditDown
from shared.ports import AuditLine, AuditLog, Deed, Verified

_MEGABYTE = 1024 * 1024
_NOTED = re.compile(r"(\d{1,20}):([0-9a-f]{64})")


@asynccontextmanager
async def open_local_audit(
    path: Path,
    *,
    anchor: Path,
    key_file: Path,
    actor: str,
    size: int = 64 * _MEGABYTE,
    patience: float = 5.0,
) -> AsyncIterator[AuditLog]:
    """The log at `path` with its end noted at `anchor`, chained with a key made from the vault's.

    `actor` is who writes where a deed names nobody. A file takes `size` bytes before the next begins;
    `patience` is how many seconds another process's lock is waited for. Nothing is opened before the first
    line: a vault of its own makes the key file.
    """
    files = AuditFiles(path, anchor, key_file, size=size, patience=patience)
    with ThreadPoolExecutor(1, thread_name_prefix="audit") as thread:
        yield LocalAudit(files, actor, thread)


@dataclass
class LocalAudit:
    """`AuditLog` in files; several processes may write the same."""

    files: AuditFiles
    actor: str
    thread: ThreadPoolExecutor
    _waiting: list[tuple[Deed, asyncio.Future[None]]] = field(default_factory=list)
    _writing: bool = False

    async def write(self, deed: Deed) -> None:
        """Returns when the line is on disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, done))
        if not self._writing:
            self._write()
        await done

    def _write(self) -> None:
        """Write all that wait in one go: the disk takes longer than all the rest."""
        now, self._waiting = self._waiting, []
        self._writing = True
        # No task: a callback costs half as much, and nobody's cancelling takes the others along.
        loop = asyncio.get_running_loop()
        appended = loop.run_in_executor(self.thread, self._append, [deed for deed, _ in now])
        appended.add_done_callback(partial(self._wrote, [done for _, done in now]))

    def _wrote(
        self, waited: Sequence[asyncio.Future[None]], appended: asyncio.Future[Exception | None]
    ) -> None:
        self._writing = False
        if self._waiting:
            self._write()
        failed = AuditDown("the audit log was closed") if appended.cancelled() else appended.result()
        for done in waited:
            if done.done():
                continue  # whoever waited was cancelled: a line without a deed
            if failed is None:
                done.set_result(None)
            else:
                done.set_exception(failed)

    def _append(self, deeds: Sequence[Deed]) -> Exception | None:
        try:
            self.files.append(deeds, actor=self.actor)
        except Exception as error:  # noqa: BLE001  each of those who wait raises it
            return error
        return None

    async def about(self, conversation_id: str) -> Sequence[AuditLine]:
        """Every line about this conversation, oldest first."""
        return await asyncio.to_thread(self._about, conversation_id)

    def _about(self, conversation_id: str) -> list[AuditLine]:
        found: list[AuditLine] = []
        wanted = b'"conversation_id":' + msgspec.json.encode(conversation_id)
        for path in filter(Path.is_file, (*self.files.full_files(), self.files.path)):
            with path.open("rb") as lines:
                for line in lines:
                    # Only what may be about it is worth a hash.
                    read = self.files.seal.read(line.rstrip(b"\n")) if wanted in line else None
                    if read is not None and read.line.deed.conversation_id == conversation_id:
                        found.append(read.line)
        return found

    async def verify(self, *, noted: str = "") -> Verified:
        """Look for changed, missing, reordered, inserted and cut-off lines."""
        anchors: dict[str, Link] = {}
        if noted:
            found = _NOTED.fullmatch(noted)
            if found is None:
                raise ValueError(f"noted={noted!r} is not <sequence>:<64 hex digits> as verify prints it")
            anchors["what was noted"] = Link(int(found[1]), found[2])
        return await asyncio.to_thread(self._verify, anchors)

    def _verify(self, anchors: dict[str, Link]) -> Verified:
        with ExitStack() as stack:
            try:
                anchored, current = self._now(anchors, stack)
                check = Check(self.files.seal, anchors)
                for path in self.files.full_files():
                    if current is None or not _same(path, current[0]):  # it may have become full since
                        check.file(path.name, stack.enter_context(path.open("rb")), current=False)
                if current is not None:
                    check.file(self.files.path.name, _lines(*current), current=True)
            except OSError as error:
                raise AuditDown(f"audit log {error.filename}: {error.strerror}; make it readable") from error
        return check.result(name=self.files.path.name, anchored=anchored)

    def _now(
        self, anchors: dict[str, Link], stack: ExitStack
    ) -> tuple[bool, tuple[BufferedReader, int] | None]:
        """Whether there is an anchor (it is put to the others), and the current file with its size now."""
        with ExitStack() as held:
            link = None
            try:
                handle = held.enter_context(self.files.locked(make=False))
                link = self.files.seal.read_anchor(os.pread(handle, 1024, 0))
            except FileNotFoundError:
                pass
            if link is not None:
                anchors["the anchor"] = link
            if not self.files.path.is_file():
                return link is not None, None
            stream = stack.enter_context(self.files.path.open("rb"))
            return link is not None, (stream, os.fstat(stream.fileno()).st_size)

    def pseudonym(self, kind: str, value: str) -> str:
        """The same for the same value, and of no use to who lacks the key."""
        said = value.encode("utf-8", "surrogatepass")
        return f"{kind}:{self.files.seal.hash(b'name ', kind.encode(), b' ', said)[:16]}"

    async def ping(self) -> None:
        """Raises `AuditDown` when nothing can be written now."""
        failed = await asyncio.get_running_loop().run_in_executor(self.thread, self._append, [])
        if failed is not None:
            raise failed


def _same(path: Path, stream: BufferedReader) -> bool:
    return os.path.samestat(path.stat(), os.fstat(stream.fileno()))


def _lines(stream: BufferedReader, size: int) -> Iterator[bytes]:
    """The lines up to `size` bytes: what is written meanwhile is for the next verification."""
    for line in stream:
        if size <= 0:
            return
        yield line[:size]
        size -= len(line)
