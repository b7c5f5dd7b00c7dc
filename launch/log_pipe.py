"""Writes log lines from a thread of its own: whoever logs never waits for the reader of stderr."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

_BATCH_SECONDS = 0.02
_CLOSE_SECONDS = 1.0
MOST_BYTES = 4 * 1024 * 1024
_LONGEST = 64 * 1024


class Pipe(logging.Handler):
    """Keeps up to `most` bytes of lines for a slow reader; what does not fit is lost and counted.

    `write` takes bytes and gives how many it took, as `os.write` does; it may block. Lines are written in
    batches: waking a thread for each would cost more than the line.
    """

    def __init__(self, write: Callable[[bytes], int], *, most: int = MOST_BYTES) -> None:
        super().__init__()
        self.lost = 0
        """Lines that were never written, since the start."""
        self._told = 0
        self._write = write
        self._most = most
        self._lines: list[bytes] = []
        self._waiting = 0
        self._awake = threading.Event()
        self._closing = False
        self._writer = threading.Thread(target=self._forever, name="log", daemon=True)
        self._writer.start()
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line; logging holds our lock meanwhile."""
        try:
            line = self.format(record).encode("utf-8", "backslashreplace")[:_LONGEST] + b"\n"
        except Exception:  # noqa: BLE001  whatever was wrong with it, logging must not stop who logs
            self.handleError(record)
            return
        if self._waiting + len(line) > self._most:
            self.lost += 1
            return
        self._lines.append(line)
        self._waiting += len(line)
        if not self._closing:
            if not self._awake.is_set():
                self._awake.set()
        elif not self._writer.is_alive():  # else it is stuck with the reader, and so would be who logs
            self._drain()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """A line that cannot be made is a lost one; logging's own way shows its arguments on stderr."""
        del record
        self.lost += 1

    def close(self) -> None:
        """Write what is left, as far as the reader takes it within a second."""
        if self._closing:
            return
        self._closing = True
        self._awake.set()
        self._writer.join(_CLOSE_SECONDS)
        if not self._writer.is_alive():
            self._drain()  # what came after its last look
        atexit.unregister(self.close)
        super().close()

    def _forever(self) -> None:
        while not self._closing:
            self._awake.wait()
            if not self._closing:
                time.sleep(_BATCH_SECONDS)
            self._awake.clear()
            self._drain()
        self._drain()  # what came while the last batch was written

    def _drain(self) -> None:
        self.acquire()
        lines, self._lines = self._lines, []
        missing, self._told = self.lost - self._told, self.lost
        self.release()
        rest = b"".join([*lines, self._missing(missing) if missing else b""])
        try:
            while rest:
                rest = rest[self._write(rest) :]
        except (OSError, ValueError):  # nobody reads any more
            self.lost += len(lines)
            self._told -= missing
        finally:
            self.acquire()
            self._waiting = sum(map(len, self._lines))
            self.release()

    def _missing(self, count: int) -> bytes:
        record = logging.LogRecord(
            "answerdesk.log", logging.ERROR, __file__, 0, "log_lines_lost count=%s", (count,), None
        )
        record.event, record.fields = "log_lines_lost", {"count": count}
        return self.format(record).encode() + b"\n"


def stderr(data: bytes) -> int:
    """To the descriptor itself: Python's own stream has a lock that a blocked writer would hold."""
    try:
        return os.write(2, data)
    except BlockingIOError:  # somebody who shares the terminal or pipe made it non-blocking
        time.sleep(_BATCH_SECONDS)
        return 0
