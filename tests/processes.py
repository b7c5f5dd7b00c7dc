"""The system as separate processes for tests: a nats-server, and `python -m launch <role>` for each room."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.nats.users import make_users
from tests.kept import put_knowledge
from tests.shop import ROOT, free_port

AGENTS = ("intent", "knowledge", "response", "critic", "escalation", "analytics", "actions")
ROLES = ("conversation", *AGENTS, "gateway")
READY_SECONDS = 45.0
"""Nine interpreters start at once on two busy cores; alone each takes one to three seconds."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux' <sys/prctl.h>."""


class Process:
    """One process with its output in `<folder>/<name>.out` and `.err`; only its own pid is ever signalled."""

    def __init__(
        self, name: str, command: Sequence[str], *, ready: str, folder: Path, env: Mapping[str, str]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        self._ready = threading.Event()
        with self.err.open("ab") as errors:
            self.popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=os.environ | dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                # Ctrl-C at pytest is for pytest, which then stops us in order.
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  one system call, no lock is taken
            )
        self._reading = threading.Thread(target=self._read, args=(ready.encode(),), daemon=True)
        self._reading.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid

    @property
    def running(self) -> bool:
        """False once it has ended."""
        return self.popen.poll() is None

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it has said that it is ready; fails with its last words when it ends or is late."""
        assert self._ready.wait(seconds), f"{self.name} is not ready after {seconds} s: {self.said()[-2000:]}"
        assert self.running, f"{self.name} ended with {self.popen.returncode}: {self.said()[-2000:]}"

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        self.popen.kill()
        self.popen.wait(10)
        self._reading.join(10)

    def pause(self) -> None:
        """SIGSTOP: it stands still, mid-sentence, until it is killed or resumed."""
        self.popen.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.popen.send_signal(signal.SIGCONT)

    def interrupt(self) -> None:
        """SIGINT, as Ctrl-C sends it."""
        if self.running:
            self.popen.send_signal(signal.SIGINT)

    def ended(self, seconds: float) -> int:
        """Wait for the end; its exit code. Killed and failed when it does not end in time."""
        try:
            code = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end within {seconds} s of SIGINT: {self.said()}"
            ) from None
        self._reading.join(10)
        return code

    def said(self) -> str:
        """Everything it wrote to stdout and stderr since the first process of this name."""
        return self.out.read_text("utf-8", "replace") + self.err.read_text("utf-8", "replace")

    def _read(self, ready: bytes) -> None:
        assert self.popen.stdout is not None
        with self.out.open("ab", buffering=0) as log, self.popen.stdout as lines:
            for line in lines:
                log.write(line)
                if ready in line:
                    self._ready.set()
        # Ended: whoever waits shall look, not wait on.
        self._ready.set()


class System:
    """Every process of one installation; made by `running_system`.

    `program` is the module that is run with a role's name.
    """

    def __init__(
        self, folder: Path, *, delay_ms: int, env: Mapping[str, str], program: str = "launch"
    ) -> None:
        self.folder = folder
        self._program = program
        self.data_dir = folder / "data"
        self.logs = folder / "logs"
        self.calls = folder / "calls.log"
        """What the scripted model was asked for: a line `<skill> <step_id>` per call that was paid."""
        self.port, self.nats_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.bus_url = f"nats://127.0.0.1:{self.nats_port}"
        self.users = folder / "users"
        """A key for each role, which it signs in with."""
        self.root_url = f"nats://root:root@127.0.0.1:{self.nats_port}"
        """For tests that look into the streams: may do everything."""
        self.processes: dict[str, Process] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.calls.touch()
        self._env = {
            "BUS_URL": self.bus_url,
            "BUS_CREDENTIALS": str(self.users),
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "MODEL_URL": f"scripted://?delay_ms={delay_ms}&calls={self.calls}",
            "EMBEDDER_URL": "hashing://",
            "RATE_PER_MINUTE": "1000000",
            "RATE_ADDRESS_PER_MINUTE": "1000000",
            "RATE_NEW_CONVERSATIONS_PER_MINUTE": "0",
            "TRACES_URL": "off",
            **env,
        }

    def start(self, role: str, *, name: str = "") -> Process:
        """Start a role, or `nats`; a second copy of a role needs a `name`. Does not wait."""
        name = name or role
        old = self.processes.get(name)
        assert old is None or not old.running, f"{name} runs already; give the second copy another name"
        if role == "nats":
            process = Process(name, self._nats(), ready="Server is ready", folder=self.logs, env={})
        else:
            command = [sys.executable, "-m", self._program, role]
            process = Process(name, command, ready=f"{role}: ready", folder=self.logs, env=self._env)
        self.processes[name] = process
        return process

    def start_all(self, roles: Sequence[str] = ROLES) -> None:
        """nats-server first, then every role at once; returns when all are ready."""
        self.start("nats").wait_ready()
        for process in [self.start(role) for role in roles]:
            process.wait_ready()

    def stop_all(self, *, seconds: float) -> dict[str, int]:
        """Ctrl-C for every role at once, then for nats-server; exit codes by name."""
        roles = [process for name, process in self.processes.items() if name != "nats"]
        for process in roles:
            process.interrupt()
        codes = {process.name: process.ended(seconds) for process in roles}
        nats = self.processes["nats"]
        nats.interrupt()
        return codes | {"nats": nats.ended(seconds)}

    def kill_all(self) -> None:
        """The end of a test, however it went."""
        for process in self.processes.values():
            if process.running:
                process.kill()

    def _nats(self) -> list[str]:
        """A server of our own on a fixed port and folder, so that it can be killed and started again."""
        store = self.folder / "nats"
        store.mkdir(exist_ok=True)
        config = self.folder / "nats.conf"
        users = make_users(self.users).replace("users: [", "users: [\n    { user: root, password: root }")
        config.write_text(
            f'listen: "127.0.0.1:{self.nats_port}"\njetstream {{ store_dir: "{store}" }}\n{users}', "utf-8"
        )
        # It writes its log to stderr; the shell joins both, because readiness is read from stdout.
        return ["/bin/sh", "-c", 'exec "$0" --config "$1" 2>&1', nats_binary(), str(config)]


@contextmanager
def running_system(
    folder: Path, *, roles: Sequence[str] = ROLES, delay_ms: int = 0, **env: str
) -> Iterator[System]:
    """Every role as a process of its own on one nats-server, ready; killed at the end if still running."""
    system = System(folder, delay_ms=delay_ms, env=env)
    try:
        system.start_all(roles)
        yield system
    finally:
        system.kill_all()


def everything(folder: Path, *, port: int, data_dir: Path | None = None, **env: str) -> Process:
    """`python -m launch all` with a scripted model and its own nats-server; started, not waited for.

    It finds the documents read; that a start reads them itself is what `System` shows.
    """
    data_dir = data_dir or folder / "data"
    if not (data_dir / "knowledge.db").exists():
        put_knowledge(data_dir / "knowledge.db", hashing=True)
    settings = {
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "BUS_URL": "nats+embedded://",
        "MODEL_URL": "scripted://",
        "EMBEDDER_URL": "hashing://",
        "TRACES_URL": "off",
        **env,
    }
    command = [sys.executable, "-m", "launch", "all"]
    return Process("all", command, ready="all: ready", folder=folder / "logs", env=settings)


def nats_binary() -> str:
    """The program; without it these tests cannot say anything, so they fail."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin"
    found = shutil.which("nats-server", path=path)
    assert found, "nats-server is not installed: apt or brew install nats-server"
    return found


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux a killed pytest leaves nobody behind; start processes in the main thread for that."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask_for_signal() -> None:
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)

    return ask_for_signal
