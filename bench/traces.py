"""`python -m bench.traces` says what tracing adds to a turn in CPU and waiting.

The same load with tracing off, on at 50 % (into the mock Application Insights, whose own CPU is told apart),
on while that takes eight seconds for each answer, and on while nobody listens at the other end; one after the
other, several times, so that a machine that changes its pace is fair to all.
"""

import argparse
import asyncio
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import httpx
import uvloop

from bench.load import run_load
from bench.processes import cpu_seconds, free_port, running_rooms, start
from mock_apis.app_insights_names import connection_string
from mock_apis.faults import FAULT_PATH
from shared.telemetry.holding import SHELF_SECONDS

AIM = 15.0
"""Percent of a turn's CPU, at most."""
_RATIO = "0.5"
_LOADED_S = 30.0
"""Until ten processes on two cores have loaded the exporter, which takes each of them a second of CPU."""
_SETTLE_S = 14.0 + SHELF_SECONDS
_IDLE_S = 10.0
"""What ten processes do without a turn, in the minute and more that is waited, is none of a turn's price."""
_LATE_S = 8
"""As long as the exporter waits for an answer, nearly."""


@asynccontextmanager
async def insights(folder: Path) -> AsyncIterator[tuple[str, Path, int]]:
    """The mock's address, the authority its clients trust, and its process id."""
    port = free_port()
    tls = folder / "tls"
    how = ("-m", "mock_apis", "app_insights", "--port", str(port), "--tls", str(tls))
    child = await start("insights", (*how, "--file", str(folder / "telemetry.duckdb")), folder=folder, env={})
    try:
        await child.ready("mock app_insights on")
        yield f"https://127.0.0.1:{port}", tls / "ca.pem", child.child.pid
    finally:
        await child.stop()


@asynccontextmanager
async def answering_late(url: str, authority: Path) -> AsyncIterator[None]:
    """The service takes its time for each answer while the context is open."""
    trust = ssl.create_default_context(cafile=str(authority))
    async with httpx.AsyncClient(base_url=url, verify=trust, trust_env=False) as client:
        fault = {"status": None, "delay_ms": _LATE_S * 1000}
        (await client.post(FAULT_PATH, json=fault)).raise_for_status()
        try:
            yield
        finally:
            (await client.delete(FAULT_PATH)).raise_for_status()


async def once(folder: Path, env: dict[str, str], seconds: float) -> tuple[float, float, float]:
    """CPU of a turn in ms over all rooms, p95 in ms and turns a second, with these settings."""
    async with running_rooms(folder, env=env) as rooms:
        await run_load(rooms.port, "--closed", "16", "--seconds", "1", "--warm", "0")
        await asyncio.sleep(_LOADED_S)  # with the first that is sent, once per process
        before, began = rooms.cpu(), time.monotonic()
        load = await run_load(rooms.port, "--closed", "16", "--seconds", str(seconds), "--warm", "1")
        # What is held is decided on, formed and sent: that is part of the price.
        await asyncio.sleep(_SETTLE_S)
        after, ended = rooms.cpu(), time.monotonic()
        await asyncio.sleep(_IDLE_S)
        idle = rooms.cpu()
        a_second = sum(idle[each] - after[each] for each in after) / (time.monotonic() - ended)
        used = sum(after[each] - before[each] for each in before) - a_second * (ended - began)
        return used / load.sent * 1000, load.p95, load.per_second


async def run(rounds: int, seconds: float) -> int:
    """All of them, so many times; 1 when tracing costs more than it may."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-traces-") as name:
        folder = Path(name)
        async with insights(folder) as (url, authority, pid):
            mock = cpu_seconds(pid)
            on = {"TRACES_URL": connection_string(url), "REQUESTS_CA_BUNDLE": str(authority)}
            ways = {
                "off": {"TRACES_URL": "off"},
                "on": on,
                "slow": on,
                "dead": {"TRACES_URL": connection_string(f"http://127.0.0.1:{free_port()}")},
            }
            for number in range(rounds):
                for way, env in ways.items():
                    at = folder / f"{way}-{number}"
                    at.mkdir()
                    async with answering_late(url, authority) if way == "slow" else nullcontext():
                        cpu, p95, rate = await once(at, env | {"TRACES_RATIO": _RATIO}, seconds)
                    found.setdefault(way, []).append((cpu, p95, rate))
                    print(
                        f"  {way:4} {cpu:6.2f} ms CPU a turn, p95 {p95:5.1f} ms, {rate:5.1f} turns/s",
                        flush=True,
                    )
            mock = cpu_seconds(pid) - mock
    cost = {way: statistics.median(cpu for cpu, _, _ in each) for way, each in found.items()}
    for way in ("on", "slow", "dead"):
        print(f"{way}: {100 * (cost[way] / cost['off'] - 1):+.1f} % CPU of a turn (aim: at most {AIM:.0f} %)")
    print(f"the mock itself: {mock:.1f} s of CPU")
    return int(max(cost.values()) > cost["off"] * (1 + AIM / 100))


def main() -> int:
    """Measure and print; 1 when the aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.traces", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    said = parser.parse_args()
    return uvloop.run(run(said.rounds, said.seconds))


if __name__ == "__main__":
    sys.exit(main())
