"""What goes wrong while people talk: processes die, files are locked or full, vendors and models fail."""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from mock_apis.faults import clear_fault, set_fault
from mock_apis.shopify import open_shop
from mock_apis.store import Store
from mock_apis.zendesk import open_desk
from tests.processes import System
from tests.security.canaries.talk import Crowd

VAULT_PATIENCE = 5.0
"""How long the vault waits for a lock (`open_local_vault`); longer is a vault that is down."""
MODEL_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "error", "status": 500, "times": 4},
    {"kind": "error", "status": 429, "retry_after": 0.1, "times": 4},
    {"kind": "cut", "after_chunks": 1, "times": 4},
    {"kind": "malformed", "where": "content", "times": 4},
    {"kind": "malformed", "times": 3},
    {"kind": "refusal", "times": 3},
    {"kind": "content_filter", "times": 3},
    {"kind": "truncated", "times": 3},
    {"kind": "empty", "times": 3},
    {"kind": "hang", "times": 4},
)
VENDOR_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500, "body": "garbage", "times": 6},
    {"status": 200, "body": "garbage", "times": 4},
    {"status": 429, "times": 6, "retry_after": 0.2},
    {"status": None, "delay_ms": 3500, "times": 3},
    {"status": 401, "times": 2},
)


@dataclass
class Saboteur:
    """Does one thing after the other, each when some more conversations are over; notes what it did."""

    crowd: Crowd
    done: list[str] = field(default_factory=list)

    async def run(self, acts: Sequence[tuple[str, Callable[[], Awaitable[None]]]], *, every: int) -> None:
        """Every act, the next one after `every` more conversations."""
        for number, (name, act) in enumerate(acts, 1):
            await self.crowd.passed(number * every)
            await act()
            self.done.append(name)


def kills(system: System) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """Kill -9 of an agent, of nats-server, of the gateway; each is started again."""

    def kill(name: str) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            system.processes[name].kill()
            await asyncio.to_thread(system.start(name).wait_ready)

        return act

    return [(f"kill -9 {name}", kill(name)) for name in ("response", "nats", "gateway")]


def nats_child(data_dir: Path) -> tuple[str, Callable[[], Awaitable[None]]]:
    """Kill -9 of the embedded nats-server; the service starts it again."""

    async def act() -> None:
        os.kill(int((data_dir / "nats" / "nats-server.pid").read_text()), signal.SIGKILL)

    return "kill -9 embedded nats", act


def locked(path: Path, seconds: float) -> tuple[str, Callable[[], Awaitable[None]]]:
    """Another process writes to this SQLite file for so long."""

    async def act() -> None:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            db.execute("ROLLBACK")

    return f"{path.name} locked {seconds:g} s", act


def full_disk(system: System, name: str, seconds: float) -> tuple[str, Callable[[], Awaitable[None]]]:
    """No file of this process may grow: EFBIG is what a full disk is, without filling one."""

    async def act() -> None:
        pid = system.processes[name].pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
        try:
            await asyncio.sleep(seconds)
        finally:
            if system.processes[name].running:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    return f"disk full for {name}", act


def vendors(data_dir: Path) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """Shop and helpdesk fail in every way, one after the other."""

    def fail(fault: dict[str, Any]) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            with stores(data_dir) as opened:
                for store in opened:
                    set_fault(store, **fault)
                await asyncio.sleep(0.4)
                for store in opened:
                    clear_fault(store)

        return act

    return [(f"vendors {fault['status']} {fault.get('body', '')}", fail(fault)) for fault in VENDOR_FAULTS]


def models(url: str) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """The model's service fails in every way it can."""

    def script(step: dict[str, Any]) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            async with httpx.AsyncClient(base_url=url) as http:
                (await http.post("/__mock__/script", json=[step])).raise_for_status()

        return act

    return [(f"model {step['kind']} {step.get('status', '')}", script(step)) for step in MODEL_FAULTS]


@contextmanager
def stores(data_dir: Path) -> Iterator[tuple[Store, Store]]:
    """The mock vendors' own files."""
    shop = open_shop(data_dir / "mock" / "shopify.db", datetime.now(UTC).date())
    desk = open_desk(data_dir / "mock" / "zendesk.db")
    try:
        yield shop, desk
    finally:
        shop.close()
        desk.close()
