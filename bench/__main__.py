"""`python -m bench [--quick]` measures the speed of the house beside its floors and writes bench/RESULTS.md."""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from bench.engine import run_engine
from bench.floors import Floor, bare_gateway, bare_graph, joined, raw_hops
from bench.load import Measured, run_load
from bench.processes import ROOT, Rooms, running_rooms
from bench.report import Aim, Report, Row, Table, floor_table, machine, number, render
from bench.streams import measure_streams

RESULTS = Path(__file__).parent / "RESULTS.md"
_BUS_LINE = re.compile(r"^(?P<what>\S.*?|  \S.*?) +(?P<ours>[\d,]+) +(?P<floor>[\d,]+) +[\d.]+  (?P<unit>\S+)$")


@dataclass(frozen=True)
class Plan:
    """How long, how much."""

    closed: float
    open: float
    warm: float
    floor: float
    graph_runs: int
    bus_scale: float
    streams: int
    engine_rounds: int


FULL = Plan(
    closed=8, open=10, warm=2, floor=6, graph_runs=600, bus_scale=1.0, streams=1000, engine_rounds=5
)
QUICK = Plan(
    closed=2, open=3, warm=1, floor=2, graph_runs=200, bus_scale=0.3, streams=1000, engine_rounds=0
)


@dataclass(frozen=True)
class Run:
    """A load with what the processes used for one turn of it, in CPU milliseconds."""

    name: str
    load: Measured
    cpu_ms: Mapping[str, float]

    @property
    def total_ms(self) -> float:
        """All processes but the load itself."""
        return sum(self.cpu_ms.values())


async def measured(rooms: Rooms, name: str, *options: str) -> Run:
    """One load against the running rooms."""
    before = rooms.cpu()
    load = await run_load(rooms.port, *options)
    after = rooms.cpu()
    used = {each: (after[each] - before[each]) / load.sent * 1000 for each in before}
    print(f"  {name}: {load.per_second} turns/s, p95 {load.p95} ms, {sum(used.values()):.2f} ms CPU", flush=True)
    return Run(name, load, used)


async def through_http(rooms: Rooms, plan: Plan) -> dict[str, Run]:
    """Closed and open loop through the gateway."""
    closed = ("--seconds", str(plan.closed), "--warm", str(plan.warm))
    opened = ("--seconds", str(plan.open), "--warm", str(plan.warm))
    runs = [await measured(rooms, f"closed {n}", "--closed", str(n), *closed) for n in (1, 16, 100)]
    runs += [await measured(rooms, f"open {n}/s", "--open", str(n), *opened) for n in (50, 200)]
    runs.append(await measured(rooms, "closed 16, personal", "--closed", "16", "--personal", *closed))
    return {run.name: run for run in runs}


async def bus_rows(scale: float) -> list[Row]:
    """What bench.bus prints, as rows.

    Raises:
        RuntimeError: it failed, or printed something else.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.bus", "--scale", str(scale), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await child.communicate()
    found = [line for line in map(_BUS_LINE.match, out.decode().splitlines()) if line]
    if child.returncode or not found:
        raise RuntimeError(f"bench.bus gave no table: {out.decode()[-500:]} {errors.decode()[-1500:]}")
    return [
        Row(
            line["what"].strip(),
            line["unit"],
            float(line["ours"].replace(",", "")),
            float(line["floor"].replace(",", "")),
        )
        for line in found
    ]


def load_table(runs: Mapping[str, Run]) -> Table:
    """Speeds and waiting times through HTTP."""
    head = ("load", "turns/s", "p50 ms", "p95 ms", "p99 ms", "worst ms", "not answered", "load's own CPU ms/turn")
    lines = [head]
    for run in runs.values():
        load = run.load
        lines.append(
            (
                run.name,
                *(number(each) for each in (load.per_second, load.p50, load.p95, load.p99, load.worst)),
                str(load.failed),
                number(load.cpu_seconds / load.sent * 1000),
            )
        )
    note = (
        "`POST /v1/chat`, keep-alive, conversations of five messages. Closed: so many customers, each sends when "
        "answered. Open: a fixed rate, timed from the planned moment. Personal: an e-mail and a phone number "
        "in every message, which the vault seals on disk."
    )
    return Table("Turns through HTTP", lines, note)


def cpu_table(runs: Mapping[str, Run]) -> Table:
    """CPU of one turn by process."""
    shown = list(runs.values())
    lines = [("process", *(run.name for run in shown))]
    lines += [(name, *(number(run.cpu_ms[name]) for run in shown)) for name in shown[0].cpu_ms]
    lines.append(("**all**", *(f"**{number(run.total_ms)}**" for run in shown)))
    return Table("CPU milliseconds per turn, by process", lines, "User and system time; the load is not in it.")


def floors_table(best: Run, graph: Floor, hops: Floor, gateway: Floor) -> Table:
    """A turn beside what it cannot go below."""
    ours = best.cpu_ms
    agents = ("intent", "knowledge", "response", "critic", "escalation")
    rows = [
        Row("turns/s, bus only", "turns/s", best.load.per_second, hops.per_second),
        Row("turns/s, gateway only", "turns/s", best.load.per_second, gateway.per_second),
        Row(
            "CPU of gateway (bare gateway + its hops)", "ms/turn",
            ours["gateway"], gateway.total_ms + hops.cpu_ms["gateway"],
        ),
        Row(
            "CPU of conversation (bare graph + its hops)", "ms/turn",
            ours["conversation"], graph.total_ms + hops.cpu_ms["conversation"],
        ),
        Row(
            "CPU of the agents asked (their hops)", "ms/turn",
            sum(ours[name] for name in agents), sum(hops.cpu_ms[name] for name in agents),
        ),
        Row("CPU of nats-server", "ms/turn", ours["nats-server"], hops.cpu_ms["nats-server"]),
        Row("CPU of analytics and actions (no floor)", "ms/turn", ours["analytics"] + ours["actions"]),
        Row("**CPU of a turn**", "ms/turn", best.total_ms, joined((graph, hops, gateway))),
    ]  # fmt: skip
    note = (
        f"Ours is `{best.name}`. Floors: submit, six asks and answers and the result with nats-py alone, a "
        f"process per room ({number(hops.total_ms)} ms); the same LangGraph with empty nodes "
        f"({number(graph.total_ms)} ms); FastAPI and uvicorn with the same request and answer "
        f"({number(gateway.total_ms)} ms)."
    )
    return floor_table("A turn beside its floors", rows, note)


async def run(plan: Plan, *, quick: bool) -> Report:
    """Everything once, in order."""
    began, idle = time.monotonic(), Busy()
    report = Report(quick=quick)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        print("rooms", flush=True)
        async with running_rooms(folder) as rooms:
            await run_load(rooms.port, "--closed", "16", "--seconds", "1", "--warm", "0")
            runs = await through_http(rooms, plan)
            streams = await measure_streams(rooms, plan.streams)
            report.remarks += [f"{each} logged: `{text}`" for each, text in rooms.complaints().items()]
        print("floors", flush=True)
        graph = await bare_graph(plan.graph_runs)
        hops = await raw_hops(folder / "hops", seconds=plan.floor)
        gateway, _ = await bare_gateway(folder, seconds=plan.floor)
        print("bus", flush=True)
        bus = await bus_rows(plan.bus_scale)
        report.tables += [load_table(runs), cpu_table(runs)]
        report.tables += [floors_table(runs["closed 100"], graph, hops, gateway)]
        report.tables.append(floor_table("The bus alone", bus, "From `python -m bench.bus`, in this run."))
        lines = [("streams", "growth MB", "KB each", "message to stream p95 ms")]
        lines.append(
            (str(streams.streams), *map(number, (streams.growth_mb, streams.kb_each, streams.heard_p95)))
        )
        report.tables.append(Table("Open event streams", lines, "Resident memory of the gateway."))
        added = float("nan")
        if plan.engine_rounds:
            print("engine", flush=True)
            engine = await run_engine(folder / "engine", plan.engine_rounds)
            added = engine.added_p95
            report.tables.append(engine_table(engine))
    most = max((each.load.per_second for each in runs.values() if each.name.startswith("closed")))
    stored = min((row.ours for row in bus if row.unit == "messages/s"), default=float("nan"))
    report.aims += [
        Aim("at least 300 turns/s saturated", most, 300, "turns/s", at_least=True),
        Aim("p95 at most 40 ms, open loop at 50 turns/s", runs["open 50/s"].load.p95, 40, "ms"),
        Aim("at least 10,000 JetStream messages/s through our bus", stored, 10_000, "messages/s", at_least=True),
        Aim(
            "turn CPU at most 2 times its floors",
            runs["closed 100"].total_ms / joined((graph, hops, gateway)), 2, "times",
        ),
        Aim("1,000 open event streams within 300 MB", streams.growth_mb, 300, "MB"),
        Aim("the embedded engine adds at most 25 ms p95 per turn", added, 25, "ms"),
    ]  # fmt: skip
    report.seconds, report.busy = time.monotonic() - began, idle.share()
    return report
