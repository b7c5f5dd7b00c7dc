"""A nats-server as a child of this process, with JetStream on disk, started again when it dies."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from shared.adapters.children import die_with_parent
from shared.adapters.tasks import end
from shared.errors import BusDown, SettingsError


@asynccontextmanager
async def embedded_server(
    data_dir: Path,
    binary: str = "nats-server",
    *,
    port: int = -1,
    users: str = "",
    max_file_bytes: int | None = None,
    start_seconds: float = 10.0,
) -> AsyncIterator[str]:
    """The address of a server that keeps its streams in `data_dir`; stopped when the context ends.

    Port -1 takes a free one; it stays the same while the context is open, also after a restart, so that
    clients come back. `users` is the configuration's `authorization` block (see `users.make_users`); without
    one, who reaches the port may do everything. `max_file_bytes` bounds the streams on disk (default: what
    the server thinks fit).

    Raises:
        SettingsError: another instance uses `data_dir`, or `binary` is not there.
        BusDown: the server did not come up; the message names its log.
    """
    data_dir = await asyncio.to_thread(_make, data_dir)
    with _only_one(data_dir):
        child = _Child(data_dir, binary, port, users, max_file_bytes, start_seconds)
        await child.start()
        watching = asyncio.create_task(child.watch())
        try:
            yield child.url
        finally:
            await end([watching])
            await child.stop()


def running_at(data_dir: Path) -> str | None:
    """The address of a server that another process of this machine runs on these streams, if one does."""
    try:
        with (data_dir / "nats-server.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        for ports in data_dir.glob("nats-server_*.ports"):
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, KeyError):
                return str(json.loads(ports.read_text(encoding="utf-8"))["nats"][0])
    return None


class _Child:
    """One nats-server process after the other."""

    def __init__(
        self,
        data_dir: Path,
        binary: str,
        port: int,
        users: str,
        max_file_bytes: int | None,
        start_seconds: float,
    ) -> None:
        self._dir = data_dir
        self._binary = binary
        self._port = port
        self._users = users
        self._max_file_bytes = max_file_bytes
        self._start_seconds = start_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._log_file = data_dir / "nats-server.log"
        self._log = logging.getLogger(__name__)
        self.url = ""

    async def start(self) -> None:
        config = self._dir / "nats-server.conf"
        await asyncio.to_thread(config.write_text, self._config(), encoding="utf-8")
        for old in self._dir.glob("nats-server_*.ports"):
            old.unlink()
        try:
            # A session of its own: Ctrl-C is for us, and we stop the server after our last message.
            self._process = await asyncio.create_subprocess_exec(
                self._binary,
                "--config",
                str(config),
                "--ports_file_dir",
                str(self._dir),
                "--pid",
                str(self._dir / "nats-server.pid"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        except FileNotFoundError:
            raise SettingsError(
                f"nats-server {self._binary!r} is not there; install it (apt or brew install nats-server), "
                "name it by its path, or use BUS_URL=memory://"
            ) from None
        try:
            async with asyncio.timeout(self._start_seconds):
                self._port = await self._listening(self._process)
        except TimeoutError:
            await self.stop()
            raise BusDown(
                f"nats-server is not ready after {self._start_seconds} s; {self._last_words()}"
            ) from None
        self.url = f"nats://127.0.0.1:{self._port}"

    async def _listening(self, process: asyncio.subprocess.Process) -> int:
        """The port, once the server says that it listens; it writes the file last, when streams are read."""
        ports = self._dir / f"nats-server_{process.pid}.ports"
        while process.returncode is None:
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, KeyError):
                # Half a file is no JSON yet: look again.
                address = str(json.loads(ports.read_text(encoding="utf-8"))["nats"][0])
                return int(address.rsplit(":", 1)[1])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), 0.005)
        raise BusDown(f"nats-server ended at once with code {process.returncode}; {self._last_words()}")

    async def watch(self) -> None:
        """Start it again whenever it ends, a little later each time it ends young."""
        pause = 0.05
        loop = asyncio.get_running_loop()
        while True:
            assert self._process is not None
            began = loop.time()
            code = await self._process.wait()
            self._log.error("nats-server ended with code %s; starting it again on port %s", code, self._port)
            pause = 0.05 if loop.time() - began > 10 else min(pause * 2, 5.0)
            while True:
                await asyncio.sleep(pause)
                try:
                    await self.start()
                    break
                except BusDown as error:
                    self._log.error("%s", error)
                    pause = min(pause * 2, 5.0)

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _config(self) -> str:
        limit = "" if self._max_file_bytes is None else f"max_file_store: {self._max_file_bytes}"
        return f"""\
listen: "127.0.0.1:{self._port}"
max_payload: 4MB
max_pending: 256MB
write_deadline: "10s"
log_file: {json.dumps(str(self._log_file))}
logfile_size_limit: 10MB
jetstream {{
  store_dir: {json.dumps(str(self._dir))}
  {limit}
}}
{self._users}"""

    def _last_words(self) -> str:
        try:
            lines = self._log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return "it wrote no log"
        told = next((line for line in reversed(lines) if "[FTL]" in line or "[ERR]" in line), lines[-1:])
        return f"its log {self._log_file} says: {told}; is the port free and the disk writable?"


def _make(data_dir: Path) -> Path:
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    # Streams and keys: who may not connect shall not read the files either.
    data_dir.chmod(0o700)
    return data_dir


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the folder; two servers on the same streams would destroy them."""
    with (data_dir / "nats-server.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(
                f"{data_dir} is in use by process {lock.read().strip() or 'unknown'}; "
                "stop that instance or set another DATA_DIR"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
