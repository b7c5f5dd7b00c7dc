"""`python -m bench [--quick]` measures the house beside its floors and writes bench/RESULTS.md."""

import argparse
import asyncio
import re
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from bench.engine import run_engine
from bench.floors import bare_gateway, bare_graph, raw_hops
from bench.load import run_load
from bench.processes import ROOT, Rooms, running_rooms
from bench.report import Report, Row, floor_table, machine, render
from bench.streams import measure_streams
from bench.tables import (
    SATURATED,
    Floors,
    Run,
    aims,
    cpu_table,
    engine_table,
    floors_table,
    load_table,
    room_left,
    streams_table,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
_BUS_LINE = re.compile(
    r"^(?P<what>\S.*?|  \S.*?) +(?P<ours>[\d,]+) +(?P<floor>[\d,]+) +[\d.]+  (?P<unit>\S+)$"
)


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


FULL = Plan(closed=8, open=10, warm=2, floor=6, graph_runs=600, bus_scale=1.0, streams=1000, engine_rounds=5)
QUICK = Plan(
    closed=2, open=2, warm=0.5, floor=2, graph_runs=200, bus_scale=0.2, streams=1000, engine_rounds=0
)


async def measured(rooms: Rooms, name: str, *options: str) -> Run:
    """One load against the running rooms."""
    before = rooms.cpu()
    load = await run_load(rooms.port, *options)
    after = rooms.cpu()
    used = {each: (after[each] - before[each]) / load.sent * 1000 for each in before}
    print(
        f"  {name}: {load.per_second} turns/s, p95 {load.p95} ms, {sum(used.values()):.2f} ms CPU", flush=True
    )
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


class Busy:
    """What others did to the machine while we measured."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._all, self._ours = self._now()

    @staticmethod
    def _now() -> tuple[float, float]:
        used = psutil.cpu_times()
        ours = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return used.user + used.system + used.nice, sum(each.ru_utime + each.ru_stime for each in ours)

    def share(self) -> float:
        """The share of all cores that was neither idle nor ours; call it when our processes have ended."""
        everyone, ours = self._now()
        could = (time.monotonic() - self._began) * (psutil.cpu_count() or 1)
        return max(0.0, ((everyone - self._all) - (ours - self._ours)) / could)


async def run(plan: Plan, *, quick: bool) -> Report:
    """Everything once, in order."""
    began, others = time.monotonic(), Busy()
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
        floors = Floors(
            graph=await bare_graph(plan.graph_runs),
            hops=await raw_hops(folder, seconds=plan.floor),
            gateway=await bare_gateway(folder, seconds=plan.floor),
        )
        print("bus", flush=True)
        bus = await bus_rows(plan.bus_scale)
        print("engine" if plan.engine_rounds else "engine: left out by --quick", flush=True)
        engine = await run_engine(folder / "engine", plan.engine_rounds) if plan.engine_rounds else None
    report.tables = [
        load_table(runs),
        cpu_table(runs),
        floors_table(runs[SATURATED], floors),
        floor_table("The bus alone", bus, "From `python -m bench.bus`, in this run."),
        streams_table(streams),
        *([engine_table(engine)] if engine else []),
    ]
    report.aims = aims(runs, floors, bus, streams, engine)
    report.remarks.append(room_left(runs[SATURATED], psutil.cpu_count() or 1))
    report.seconds, report.busy = time.monotonic() - began, others.share()
    return report


def main() -> int:
    """Measure, print, write RESULTS.md; 0 also when an aim is missed, the report says so."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, rougher figures")
    parser.add_argument(
        "--out", type=Path, default=RESULTS, help="where to write (default: bench/RESULTS.md)"
    )
    said = parser.parse_args()
    report = uvloop.run(run(QUICK if said.quick else FULL, quick=said.quick))
    text = render(report, machine())
    said.out.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
