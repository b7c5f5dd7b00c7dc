"""Application Insights as a child of this process, on a file of its own, started again when it ends or hangs.

It is the mock of `mock_apis`, so exporter and query client are the real ones. It keeps back behind those who
answer customers, and nobody waits for it: what cannot be sent yet is held.
"""

import asyncio
import errno
import logging
import os
import secrets
import signal
import socket
import ssl
import sys
import time
import uuid
from asyncio.subprocess import Process
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

import msgspec

from mock_apis import app_insights_names as names
from shared.adapters.children import die_with_parent
from shared.adapters.tasks import end
from shared.telemetry.taking import Standing

_LOG = logging.getLogger("answerdesk.telemetry")
_ROOT = Path(__file__).parents[3]
_START_S = 30.0
_LONGEST_PAUSE_S = 60.0
_LOOK_S = 0.25
_PATIENCE_S = 0.5
_PROBE_S = 5.0
"""From one probe to the next, and how long each of them waits."""
_MOST_MISSED = 6
"""Probes in a row, in half a minute to a minute: a big query or a slow machine makes one late, not six."""
_MOST_SAID = 400
_TAKEN = os.strerror(errno.EADDRINUSE)
"""What the service says, before it ends, of a port that another has."""


@dataclass(frozen=True)
class Place:
    """Where the service listens, and the certificate authority that its clients trust."""

    url: str
    authority: str
    instrumentation_key: str
    signing_key: str = field(repr=False)

    @property
    def connection_string(self) -> str:
        """What its exporters are configured with."""
        return names.connection_string(self.url, key=self.instrumentation_key)


def running_at(folder: Path) -> Place | None:
    """Where a service on `folder` was last said to listen; None where there never was one."""
    try:
        return msgspec.json.decode((folder / "place.json").read_bytes(), type=Place)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def listens(place: Place | None) -> bool:
    """Whether anybody listens there; the file that tells the place outlives who has written it."""
    if place is None:
        return False
    there = urlsplit(place.url)
    try:
        socket.create_connection((there.hostname or "", there.port or 0), _PATIENCE_S).close()
    except OSError:
        return False
    return True


async def answers(place: Place, seconds: float) -> bool:
    """Whether the service there says anything in time, even if a query keeps it busy.

    A connection alone proves nothing: the system takes it for a process that was stopped, too.
    """
    there = urlsplit(place.url)
    try:
        async with asyncio.timeout(seconds):
            trusted = ssl.create_default_context(cafile=place.authority)
            _, writer = await asyncio.open_connection(there.hostname, there.port, ssl=trusted)
    except OSError:  # of TLS and of time, too
        return False
    writer.transport.abort()
    return True


_ASIDE = "telemetry.damaged-"
"""How a damaged file that was set aside begins; the second when it was follows."""


class EmbeddedInsights:
    """The service on `folder`, keeping telemetry for `days`."""

    def __init__(self, folder: Path, *, days: int) -> None:
        self._folder = folder
        self.days = days
        self._file = folder / "telemetry.duckdb"
        self._keys = folder / "place.json"
        self._watching: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._hung = ""
        self.standing = Standing()
        # By itself: `parents` would open the folder above, which holds all there is, to other people.
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._port = _free_port()
        # Keys of its own for each run: what other people of this machine know of ours opens nothing.
        self.place = Place(
            f"https://127.0.0.1:{self._port}",
            str((folder / "tls" / "ca.pem").absolute()),
            str(uuid.uuid4()),
            secrets.token_hex(32),
        )

    def held(self) -> int:
        """Bytes that its file takes on the disk, with what is not merged into it yet."""
        files = (self._file, self._file.with_name(f"{self._file.name}.wal"))
        return sum(map(_size, files))

    def renewed(self) -> float:
        """When a damaged file was last set aside, in seconds since 1970; 0.0 where none is kept."""
        names = (aside.name.removeprefix(_ASIDE) for aside in self._folder.glob(f"{_ASIDE}*"))
        return max((float(name) for name in names if name.isdigit()), default=0.0)

    def begin(self) -> None:
        """Start it in the background."""
        self._remove_old()
        self._tell_place()
        self.standing.since = time.time()
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop it; what it has taken is on disk."""
        if self._watching is not None:
            await end([self._watching])
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()

    def _tell_place(self) -> None:
        """In one step: who looks meanwhile reads the old place, and not half of one."""
        new = self._keys.with_suffix(".new")
        with open(new, "wb", opener=_private) as file:
            file.write(msgspec.json.encode(self.place))
        new.replace(self._keys)

    def _move(self) -> None:
        """Another has the port now; who sends to us reads the new one from the file."""
        self._port = _free_port()
        self.place = replace(self.place, url=f"https://127.0.0.1:{self._port}")
        self._tell_place()

    async def _watch(self) -> None:
        pause = 0.5
        while True:
            began = time.monotonic()
            try:
                await self._run()
                words = self._last_words()
                if names.DAMAGED in words and (aside := self._set_aside()):
                    words = f"its file was damaged; it is {aside.name} now, and traces begin anew"
                elif _TAKEN in words:
                    self._move()
            except OSError as error:  # no process, no room: it may come back, and traces with it
                words = str(error)
            self.standing.turn(up=False)
            self.standing.said = shorten(words, _MOST_SAID, placeholder=" …")
            pause = 0.5 if time.monotonic() - began > _START_S else min(pause * 2, _LONGEST_PAUSE_S)
            _LOG.error("the traces' service ended; it is started again in %.1f s: %s", pause, words[:500])
            await asyncio.sleep(pause)
            self.standing.restarts += 1

    async def _run(self) -> None:
        with (self._folder / "service.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "mock_apis", "app_insights",
                "--port", str(self._port), "--file", str(self._file.absolute()),
                "--tls", str((self._folder / "tls").absolute()),
                "--days", str(self.days), "--keys", str(self._keys.absolute()),
                cwd=_ROOT, env=_environment(), stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent(nice=5),
            )  # fmt: skip
        await self._watched(self._process)

    async def _watched(self, process: Process) -> None:
        """Until it ends, by itself or because it hangs."""
        self._hung = ""
        looking = asyncio.create_task(self._look_out(process))
        try:
            await process.wait()
        finally:
            await end([looking])

    async def _look_out(self, process: Process) -> None:
        """It is up once it answers, which takes it a second or two, and is ended when it no longer does."""
        while not await answers(self.place, _PROBE_S):  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(_LOOK_S)
        self.standing.turn(up=True)
        heard, missed = time.monotonic(), 0
        while missed < _MOST_MISSED:
            await asyncio.sleep(_PROBE_S)
            if await answers(self.place, _PROBE_S):
                heard, missed = time.monotonic(), 0
                self.standing.turn(up=True)
                continue
            missed += 1
            if missed > 1:  # one is late when the machine is
                self.standing.turn(up=False)
                self.standing.said = f"none; it has not answered for {time.monotonic() - heard:.0f} s"
        self._hung = f"it had not answered for {time.monotonic() - heard:.0f} s and was ended"
        process.kill()

    def _set_aside(self) -> Path | None:
        """A damaged file is kept for who wants to look; the service begins anew without it."""
        if not self._file.exists():
            return None
        aside = self._file.with_name(f"{_ASIDE}{int(time.time())}")
        self._file.rename(aside)
        for left in self._folder.glob("telemetry.duckdb.wal"):
            left.rename(aside.with_suffix(aside.suffix + "-wal"))
        _LOG.error("the traces' file was damaged; it is %s now, and traces begin anew", aside)
        return aside

    def _remove_old(self) -> None:
        """What was set aside is kept no longer than the traces in it."""
        for aside in self._folder.glob(f"{_ASIDE}*"):
            if aside.stat().st_mtime < time.time() - self.days * 86400:
                aside.unlink()

    def _last_words(self) -> str:
        if self._hung:
            return self._hung
        lines = (self._folder / "service.log").read_text("utf-8", errors="replace").splitlines()
        if lines:
            return lines[-1]
        code = self._process.returncode if self._process is not None else None
        return f"it was ended by signal {-code}" if code is not None and code < 0 else "it said nothing"


def _size(file: Path) -> int:
    """0 of one that is not there: what is merged is removed at any moment."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _environment() -> dict[str, str]:
    """It needs to find Python's modules, and none of our secrets."""
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_TRUNC, 0o600)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
