"""Runs the rooms as processes of their own on one nats-server, and reads their CPU and memory."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from shared.adapters.nats.server import embedded_server

ROOT = Path(__file__).parent.parent
ROLES = (
    "conversation", "intent", "knowledge", "response", "critic", "escalation", "analytics", "actions",
    "gateway",
)  # fmt: skip
_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0
_NO_LIMIT = "100000000"


class NotReady(Exception):
    """A process ended or said nothing; its last words are in the message."""


@dataclass
class Process:
    """A child of the bench; only this one is ever signalled."""

    name: str
    child: asyncio.subprocess.Process
    log: Path

    async def ready(self, sign: str, *, seconds: float = _READY_SECONDS) -> None:
        """Return once it has printed `sign`.

        Raises:
            NotReady: it ended before, or took longer.
        """
        deadline = time.monotonic() + seconds
        while sign not in self.said():
            if self.child.returncode is not None or time.monotonic() > deadline:
                raise NotReady(f"{self.name} (exit code {self.child.returncode}): {self.said()[-1500:]}")
            await asyncio.sleep(0.02)  # a file has no event to wait for

    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text("utf-8", "replace")

    async def stop(self) -> None:
        """Ctrl-C, and the end of it when it does not listen."""
        if self.child.returncode is not None:
            return
        self.child.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self.child.wait(), _STOP_SECONDS)
        except TimeoutError:
            print(f"bench: {self.name} did not stop within {_STOP_SECONDS:.0f} s of SIGINT; killed")
            self.child.kill()
            await self.child.wait()


async def start(name: str, command: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> Process:
    """Start `python <command>` with its output in `<folder>/<name>.log`."""
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C at the bench is for the bench, which then stops everything in order.
            start_new_session=True,
        )
    return Process(name, child, log)


@dataclass(frozen=True)
class Rooms:
    """Everything that runs: address of the gateway, process ids by name (nats-server included)."""

    port: int
    bus_url: str
    pids: Mapping[str, int]
    folder: Path
    processes: Sequence[Process] = field(default_factory=tuple)

    def cpu(self) -> dict[str, float]:
        """CPU seconds (user and system) each process has used so far."""
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def memory(self, name: str) -> int:
        """Resident bytes of one process."""
        return int(psutil.Process(self.pids[name]).memory_info().rss)

    def complaints(self) -> dict[str, str]:
        """The last lines of those who logged a warning or an error."""
        said = {each.name: each.said() for each in self.processes}
        return {
            name: text[-600:]
            for name, text in said.items()
            if "rror" in text or "WARN" in text or "Trace" in text
        }


def cpu_seconds(pid: int) -> float:
    """CPU seconds (user and system) of one process."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def nats_binary() -> str:
    """The nats-server program.

    Raises:
        NotReady: it is not installed.
    """
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/bin:/opt/homebrew/bin"
    found = shutil.which("nats-server", path=path)
    if found is None:
        raise NotReady("nats-server is not on PATH; install it (apt or brew install nats-server)")
    return found


@asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Address and process id of a server of our own, streams on disk, configured as the product does."""
    async with embedded_server(folder / "nats", nats_binary()) as url:
        yield url, int((folder / "nats" / "nats-server.pid").read_text("ascii"))


@asynccontextmanager
async def running_rooms(
    folder: Path,
    *,
    roles: Sequence[str] = ROLES,
    profiled: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Rooms]:
    """Every role as a process, ready; the `profiled` ones leave `<folder>/<role>.profile.txt` at the end."""
    port = free_port()
    async with nats_server(folder) as (bus_url, nats_pid):
        settings = {
            "BUS_URL": bus_url,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(port),
            "MODEL_URL": "scripted://",
            "EMBEDDER_URL": "hashing://",
            "RATE_PER_MINUTE": _NO_LIMIT,
            "RATE_ADDRESS_PER_MINUTE": _NO_LIMIT,
            "RATE_NEW_CONVERSATIONS_PER_MINUTE": _NO_LIMIT,
            "SSE_PER_ADDRESS": _NO_LIMIT,
            "TRACES_URL": "off",
        } | dict(env or {})
        started: list[Process] = []
        try:
            for role in roles:
                how = (
                    ("-m", "bench.profiled", str(folder), role)
                    if role in profiled
                    else ("-m", "launch", role)
                )
                started.append(await start(role, how, folder=folder, env=settings))
            for process in started:
                await process.ready(f"{process.name}: ready")
            pids = {each.name: each.child.pid for each in started} | {"nats-server": nats_pid}
            yield Rooms(port=port, bus_url=bus_url, pids=pids, folder=folder, processes=tuple(started))
        finally:
            await asyncio.gather(*(process.stop() for process in started))
