"""Has documents read by a process that can be killed."""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from shared.adapters.knowledge.reading import Answer, Request
from shared.ports.publishing import Rejected

_ROOT = Path(__file__).parents[3]
# A PDF of 300 pages takes about 10 s on a slow machine.
_SECONDS = 30.0
# A document of as many characters as are allowed takes a fifth of it; a process that was taken over may say
# anything, for as long as it is let.
_LONGEST_ANSWER = 64 << 20


class Reader:
    """`with Reader() as reader: reader.read(...)`, from one thread; the process starts with the first file.

    A file that takes too long or breaks the process is rejected, and the next one gets a new process, whose
    start is not counted against that file.
    """

    def __init__(self, *, seconds: float = _SECONDS) -> None:
        self.closed = False
        self._starting = threading.Lock()
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, also from another thread while a file is read."""
        with self._starting:
            self.closed = True
        self._end()

    def read(self, name: str, data: bytes, side: bytes | None) -> Answer:
        """What the file says, or what is wrong with it."""
        with self._starting:
            if self.closed:
                return Answer(rejected=Rejected(name, 1, "file", "was not read: stopping", "sync again"))
            fresh = self._process is None
            process = self._process = self._process or _start()
        if fresh:
            _pipes(process)[1].read(1)  # loaded, or dead: no file has been near it
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, kill)
        timer.start()
        try:
            line = _asked(process, Request(name, len(data), None if side is None else len(side)), data, side)
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            return msgspec.json.decode(line, type=Answer)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # it is ending by itself: how says something
        self._end()
        if late.is_set():
            reason = f"takes longer than {self._seconds:g} s to read"
        elif len(line) == _LONGEST_ANSWER:
            reason = "makes the program that reads it say more than it can have to say"
        else:
            reason = f"breaks the program that reads it (exit code {process.returncode})"
        return Answer(rejected=Rejected(name, 1, "file", reason, "save it anew in a simpler form"))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in _pipes(process):
            with suppress(BrokenPipeError):
                pipe.close()


def _asked(process: subprocess.Popen[bytes], request: Request, data: bytes, side: bytes | None) -> bytes:
    """The answer's line; cut short or empty when the process died."""
    requests, answers = _pipes(process)
    try:
        requests.write(msgspec.json.encode(request) + b"\n" + data + (side or b""))
        requests.flush()
        return answers.readline(_LONGEST_ANSWER)
    except (BrokenPipeError, ValueError):  # died, or its pipes were closed from another thread
        return b""


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _start() -> subprocess.Popen[bytes]:
    # An empty environment: whatever a file does to this process, there are no secrets in it.
    return subprocess.Popen(
        [sys.executable, "-m", "shared.adapters.knowledge.reading"],
        cwd=_ROOT,
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
