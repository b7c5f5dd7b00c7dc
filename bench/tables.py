"""The tables of a run: turns through HTTP, CPU by process, a turn beside its floors, the engine."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.engine import EngineMeasured
from bench.floors import Floor
from bench.load import Measured
from bench.report import Aim, Row, Table, floor_table, number
from bench.streams import StreamsMeasured

SATURATED = "closed 100"
"""The run whose CPU is held beside the floors, which are measured with 100 at once too."""


@dataclass(frozen=True)
class Floors:
    """The three floors of a turn."""

    graph: Floor
    hops: Floor
    gateway: Floor

    @property
    def conversation_ms(self) -> float:
        """What the conversation cannot go below."""
        return self.graph.total_ms + self.hops.cpu_ms["conversation"]

    @property
    def total_ms(self) -> float:
        """CPU milliseconds of a turn that is no more than its floors."""
        return self.graph.total_ms + self.hops.total_ms + self.gateway.total_ms


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


def load_table(runs: Mapping[str, Run]) -> Table:
    """Speeds and waiting times through HTTP."""
    head = (
        "load",
        "turns/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "worst ms",
        "not answered",
        "load's own CPU ms/turn",
    )
    lines: list[tuple[str, ...]] = [head]
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
        "`POST /v1/chat`, keep-alive, conversations of five messages. Closed: so many customers, each sends "
        "when answered. Open: a fixed rate, timed from the planned moment. Personal: an e-mail and a phone "
        "number in every message, which the vault seals on disk."
    )
    return Table("Turns through HTTP", lines, note)


def cpu_table(runs: Mapping[str, Run]) -> Table:
    """CPU of one turn by process."""
    shown = list(runs.values())
    lines = [("process", *(run.name for run in shown))]
    lines += [(name, *(number(run.cpu_ms[name]) for run in shown)) for name in shown[0].cpu_ms]
    lines.append(("**all**", *(f"**{number(run.total_ms)}**" for run in shown)))
    return Table(
        "CPU milliseconds per turn, by process", lines, "User and system time; the load is not in it."
    )


def floors_table(best: Run, floors: Floors) -> Table:
    """A turn beside what it cannot go below."""
    graph, hops, gateway = floors.graph, floors.hops, floors.gateway
    ours = best.cpu_ms
    agents = ("intent", "knowledge", "response", "critic", "escalation")

    def cpu(what: str, names: Sequence[str], floor: float | None) -> Row:
        return Row(what, "CPU ms/turn", sum(ours[name] for name in names), floor)

    rows = [
        Row("turns, beside the bus alone", "turns/s", best.load.per_second, hops.per_second),
        Row("turns, beside the gateway alone", "turns/s", best.load.per_second, gateway.per_second),
        cpu("gateway: bare gateway, its hops", ["gateway"], gateway.total_ms + hops.cpu_ms["gateway"]),
        cpu("conversation: bare graph, its hops", ["conversation"], floors.conversation_ms),
        cpu("the five agents asked: their hops", agents, sum(hops.cpu_ms[name] for name in agents)),
        cpu("nats-server: its hops", ["nats-server"], hops.cpu_ms["nats-server"]),
        cpu("analytics and actions: none", ["analytics", "actions"], None),
        Row("**a turn: the sum of its floors**", "CPU ms/turn", best.total_ms, floors.total_ms),
    ]
    note = (
        f"Ours is `{best.name}`. Floors: submit, six asks and answers and the result with nats-py alone, a "
        f"process per room ({number(hops.total_ms)} ms); the same LangGraph with empty nodes "
        f"({number(graph.total_ms)} ms); FastAPI and uvicorn with the same request and answer "
        f"({number(gateway.total_ms)} ms)."
    )
    return floor_table("A turn beside its floors", rows, note)


def room_left(best: Run, cores: int) -> str:
    """What the measured CPU times allow when nobody else works on the machine; not a measurement."""
    load = best.load.cpu_seconds / best.load.sent * 1000
    most = cores * 1000 / (best.total_ms + load)
    name, busiest = max(best.cpu_ms.items(), key=lambda each: each[1])
    return (
        f"By its CPU times, `{best.name}` ({number(best.total_ms)} ms and {number(load)} ms for the load) "
        f"could reach at most {most:.0f} turns/s on {cores} cores of our own, {1000 / busiest:.0f} with a "
        f"single {name} process. What lies between that and the turns/s above is waiting and other work."
    )


def streams_table(streams: StreamsMeasured) -> Table:
    """Memory of open event streams."""
    head = ("streams", "gateway MB", "growth MB", "KB each", "message to stream, p95 ms")
    cells = (streams.memory_mb, streams.growth_mb, streams.kb_each, streams.heard_p95)
    note = (
        "Resident memory of the gateway after all loads; every stream of a conversation of its own, with one "
        "result read. The aim counts the whole gateway: growth alone hides memory that was free before."
    )
    return Table("Open event streams", [head, (str(streams.streams), *map(number, cells))], note)


def engine_table(engine: EngineMeasured) -> Table:
    """What the embedded engine takes, whole and by part."""
    lines: list[tuple[str, ...]] = [("", "p50 ms", "p95 ms", "p50 CPU ms", "p95 CPU ms")]
    whole = (
        ("a turn with the embedded engine", engine.with_engine, engine.with_engine_cpu),
        ("the same turn with the scripted model", engine.without, engine.without_cpu),
        ("**added by the engine**", engine.added, engine.added_cpu),
    )
    lines += [(what, *map(number, (*wall, *cpu))) for what, wall, cpu in whole]
    lines += [(f"{part}, alone", "", "", *map(number, cpu)) for part, cpu in engine.parts.items()]
    outcomes = ", ".join(f"{count} {status}" for status, count in engine.outcomes.items())
    note = (
        f"{engine.turns} turns in three languages, one at a time, all rooms in one process on the in-process "
        f"bus ({outcomes}). Opening an empty data folder took {engine.opening_seconds:.0f} s, most of it the "
        "embedding of the knowledge base, which is kept."
    )
    return Table("The embedded engine", lines, note)


def aims(
    runs: Mapping[str, Run],
    floors: Floors,
    bus: Sequence[Row],
    streams: StreamsMeasured,
    engine: EngineMeasured | None,
) -> list[Aim]:
    """What issue 2 asks for."""
    fastest = max(run.load.per_second for run in runs.values() if run.name.startswith("closed"))
    # Every kind of message has to reach it, not the fastest kind.
    bus_speed = min((row.ours for row in bus if row.unit == "messages/s"), default=math.nan)
    ratio = runs[SATURATED].total_ms / floors.total_ms
    added = engine.added[1] if engine else math.nan
    return [
        Aim("at least 300 turns/s saturated", fastest, 300, "turns/s", at_least=True),
        Aim("p95 at most 40 ms, open loop at 50 turns/s", runs["open 50/s"].load.p95, 40, "ms"),
        Aim("at least 10,000 JetStream messages/s through our bus", bus_speed, 10_000, "messages/s", True),
        Aim("turn CPU at most 2 times the sum of its floors", ratio, 2, "times"),
        Aim("1,000 open event streams within 300 MB", streams.memory_mb, 300, "MB"),
        Aim("the embedded engine adds at most 25 ms p95 per turn", added, 25, "ms"),
    ]
