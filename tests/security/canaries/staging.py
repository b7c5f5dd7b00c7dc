"""Lets people talk to two installations while much goes wrong there, and gathers what remains."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from mock_apis.openai import KEY
from shared.adapters.nats.bus import open_bus
from tests.kept import models
from tests.processes import ROLES, Process, System, everything
from tests.security.canaries import sabotage
from tests.security.canaries.collectors import Taken, model, trace_collector
from tests.security.canaries.kinds import Kind, every_kind
from tests.security.canaries.people import Person, people
from tests.security.canaries.remains import Remains
from tests.security.canaries.shop import enrol
from tests.security.canaries.talk import SECRET, Crowd, Talk
from tests.shop import ROOT, free_port

SEED = 7
CUSTOMERS, GUESTS = 20, 44
AT_ONCE = 16
STOP_SECONDS = 25.0
Act = tuple[str, Callable[[], Awaitable[None]]]


@dataclass
class Story:
    """What happened at the installations, for the tests to look at."""

    people: list[Person]
    remains: Remains = field(default_factory=Remains)
    kinds: Counter[str] = field(default_factory=Counter)
    talks: list[Talk] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    dead: list[str] = field(default_factory=list)
    refused_traces: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def stage(folder: Path) -> Story:
    """Half of the conversations with every role as a process of its own, half in one process with a model.

    Both at the same time: while one waits for a restart the other uses the machine.
    """
    story = Story(people(SEED, CUSTOMERS + GUESTS))
    kinds = every_kind()
    with ExitStack() as stack:
        for name in ("apart", "together"):
            (folder / name / "tmp").mkdir(parents=True)
            customers = enrol(folder / name / "data", story.people[:CUSTOMERS])
        story.people[:CUSTOMERS] = customers
        began = time.monotonic()
        installations = [
            stack.enter_context(apart(folder / "apart")), stack.enter_context(together(folder / "together"))
        ]  # fmt: skip
        for installation in installations:
            installation.wait_ready()
        story.seconds["start"] = time.monotonic() - began
        asyncio.run(_both(story, installations, kinds))
        story.seconds["talk"] = time.monotonic() - began
        for installation in installations:
            installation.stop(story)
        story.seconds["stop"] = time.monotonic() - began
    return story


def settings(folder: Path, traces_url: str) -> dict[str, str]:
    """Everything is traced, everything is logged, and temporary files are where we look."""
    return {
        "TMPDIR": str(folder / "tmp"),
        "LOG_LEVEL": "DEBUG",
        "TRACES_URL": traces_url,
        "TRACES_RATIO": "1",
        "CUSTOMER_JWT_SECRET": SECRET,
        "REPLY_SECONDS": "6",
        "RATE_PER_MINUTE": "1000000",
        "RATE_ADDRESS_PER_MINUTE": "1000000",
    }


@dataclass
class Installation:
    """A running desk, what is done to it, and what of it remains."""

    name: str
    folder: Path
    url: str
    wait_ready: Callable[[], None]
    acts: list[Act]
    end: Callable[[], None]
    sent: dict[str, Taken]
    bus_url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def stop(self, story: Story) -> None:
        """Look at what is there while it runs, and again when it has ended."""
        story.remains.add_folder(self.folder, at=f"{self.name}, running")
        if self.bus_url:
            commands(self.folder, self.env, story.people[0].customer_id)
        self.end()
        story.remains.add_folder(self.folder, at=f"{self.name}, stopped")
        for name, taken in self.sent.items():
            story.remains.add(f"{self.name}: {name}", taken.bodies)
            story.refused_traces += taken.refused


@contextmanager
def apart(folder: Path) -> Iterator[Installation]:
    """Nine processes and a nats-server, a scripted model, bugs in the code, OTLP."""
    with trace_collector() as traces:
        env = settings(folder, f"otlp+{traces.url}")
        system = System(folder, delay_ms=0, env=env, program="tests.security.canaries.quoting")
        try:
            system.start("nats").wait_ready()
            roles = [system.start(role) for role in ROLES]
            yield Installation(
                name="apart",
                folder=folder,
                url=system.url,
                wait_ready=lambda: _ready(roles),
                acts=[
                    *sabotage.kills(system),
                    sabotage.locked(system.data_dir / "vault" / "vault.db", sabotage.VAULT_PATIENCE + 0.7),
                    sabotage.locked(system.data_dir / "desk.db", 2),
                    *(
                        sabotage.full_disk(system, name, 0.7)
                        for name in ("gateway", "conversation", "escalation")
                    ),
                ],
                end=lambda: _ended(system.stop_all(seconds=STOP_SECONDS)),
                sent={"the traces": traces},
                bus_url=system.root_url,
                env={**env, "BUS_URL": system.bus_url, "BUS_CREDENTIALS": str(system.users)},
            )
        finally:
            system.kill_all()  # fmt: skip


@contextmanager
def together(folder: Path) -> Iterator[Installation]:
    """One process, a careless model that fails, vendors that fail, Azure Monitor that takes little."""
    with trace_collector(failing=True) as traces, model() as said:
        data, port = folder / "data", free_port()
        (data / "cache").symlink_to(models())
        key = "InstrumentationKey=00000000-0000-0000-0000-000000000001"
        env = settings(folder, f"{key};IngestionEndpoint={traces.url}/") | {
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "MODEL_URL": f"{said.url}/v1", "MODEL_API_KEY": KEY, "ANSWER_CACHE": "true",
            "MODEL_SECONDS": "2", "MODEL_SILENCE_SECONDS": "0.7", "MODEL_TRIES": "2",
            "MODEL_TOTAL_SECONDS": "3", "MODEL_BREAKER_SECONDS": "0.5",
        }  # fmt: skip
        env |= {f"MODEL_{agent}": "gpt-4.1-mini" for agent in ("INTENT", "RESPONSE", "CRITIC")}
        process = everything(folder, port=port, data_dir=data, **env)

        def end() -> None:
            process.interrupt()
            _ended({"all": process.ended(STOP_SECONDS)})

        try:
            yield Installation(
                name="together",
                folder=folder,
                url=f"http://127.0.0.1:{port}",
                wait_ready=process.wait_ready,
                acts=[*sabotage.vendors(data), sabotage.nats_child(data), *sabotage.models(said.url)],
                end=end,
                sent={"the traces": traces, "the model": said},
            )
        finally:
            if process.running:
                process.kill()


def _ready(processes: Sequence[Process]) -> None:
    for process in processes:
        process.wait_ready()


def _ended(codes: Mapping[str, int]) -> None:
    assert not any(codes.values()), codes


async def _both(
    story: Story, installations: Sequence[Installation], kinds: Sequence[tuple[str, Kind]]
) -> None:
    async with asyncio.TaskGroup() as group:
        for half, installation in enumerate(installations):
            part = kinds[half :: len(installations)]
            group.create_task(_play(story, installation, part))


def _admins_password(folder: Path) -> str:
    """As it was shown at the first start."""
    said = "".join(path.read_text("utf-8") for path in folder.rglob("*.out"))
    shown = re.search(r"^  admin +(\S+)   \(admin\)$", said, re.MULTILINE)
    assert shown, said
    return shown[1]


async def _play(story: Story, at: Installation, kinds: Sequence[tuple[str, Kind]]) -> None:
    began = time.monotonic()
    url, acts = at.url, at.acts
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=12, trust_env=False) as http:
        crowd = Crowd(http, _admins_password(at.folder))
        saboteur = sabotage.Saboteur(crowd)
        gate = asyncio.Semaphore(AT_ONCE)

        async def talk(number: int, name: str, kind: Kind) -> None:
            person = _who(story.people, number, name)
            async with gate:
                me = Talk(crowd, person)
                crowd.talks.append(me)
                await kind(me)
            await crowd.done()
            story.kinds[name] += 1

        async with asyncio.TaskGroup() as group:
            group.create_task(saboteur.run(acts, every=max(1, int(0.85 * len(kinds) / len(acts)))))
            for number, (name, kind) in enumerate(_mixed(kinds)):
                group.create_task(talk(number, name, kind))
    story.talks += crowd.talks
    story.failures += saboteur.done
    story.statuses += crowd.statuses
    story.seconds[at.name] = time.monotonic() - began
    await _look(story, url, at.bus_url)


def _mixed(kinds: Sequence[tuple[str, Kind]]) -> list[tuple[str, Kind]]:
    """Kinds that stand together apart from each other, in a fixed order."""
    return [kinds[at] for start in range(7) for at in range(start, len(kinds), 7)]


def _who(everybody: Sequence[Person], number: int, kind: str) -> Person:
    """Customers sign in for what is known of them, and prove an order without; the others are guests."""
    if kind == "known":
        return everybody[number % CUSTOMERS]
    if kind == "proof":
        return replace(everybody[number % CUSTOMERS], customer_id="")
    return everybody[CUSTOMERS + number % GUESTS]


async def _look(story: Story, url: str, bus_url: str) -> None:
    """What a running installation says about itself."""
    async with httpx.AsyncClient(base_url=url, timeout=12, trust_env=False) as http:
        for path in ("/metrics", "/health/ready"):
            story.remains.add(f"{url}{path}", [(await http.get(path)).content])
    if bus_url:
        async with open_bus(bus_url, name="canaries") as bus:
            story.dead += [repr(letter) for letter in await bus.dead_letters()]
        story.remains.add("dead letters", [letter.encode() for letter in story.dead])


def commands(folder: Path, env: Mapping[str, str], customer: str) -> None:
    """Export, erase, audit; what they print is kept beside the logs of the others."""
    for options in (
        ("export", "--customer", customer, "--to", str(folder / "exports")),
        ("erase", "--customer", customer),
    ):
        with (folder / "logs" / f"{options[0]}.out").open("wb") as out:
            subprocess.run(
                [sys.executable, "-m", "launch", *options], cwd=ROOT, stdout=out, stderr=out, timeout=40,
                check=True, env={**os.environ, **env, "DATA_DIR": str(folder / "data")},
            )  # fmt: skip
