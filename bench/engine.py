"""What the embedded engine adds to a turn: the same messages through the same rooms, with it and without.

All rooms run in this process on the in-process bus, so the difference is the engine (understanding,
embeddings, search, rules, templates) and nothing else. `python -m bench.engine <folder>` prints JSON.
"""

import asyncio
import itertools
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from prometheus_client import CollectorRegistry

from bench.load import percentile
from launch.roles import Running, run_all
from shared import contracts as c
from shared.ports import Bus, Delivered
from shared.settings import read_settings
from shared.wiring import Services, open_services

MESSAGES = (
    "How long do I have to send something back?",
    "do you ship to canada and what does it cost",
    "Where is my order? It should have been here on Tuesday.",
    "How do I wash a down jacket without ruining it?",
    "I'd like to know when overnight delivery arrives if I order in the evening.",
    "Can I still change the size of the boots I ordered?",
    "What do I get for my Pine Points and when do they expire?",
    "My tracking has not moved for three days, what does that mean?",
    "Which tent is best for two people and a dog?",
    "how do i pause my trail box",
    "Is there a discount for the newsletter?",
    "What is covered by the warranty on zippers?",
    "Combien de temps ai-je pour retourner un article ?",
    "Où est ma commande ? Je l'attends depuis une semaine.",
    "Quels sont les frais de livraison express ?",
    "Est-ce que je peux annuler ma commande avant l'expédition ?",
    "¿Cuánto tarda un reembolso en llegar a mi cuenta?",
    "¿Dónde está mi pedido? Quería tenerlo para el fin de semana.",
    "¿Hacen envíos internacionales y cuánto cuestan?",
    (
        "Thanks, that was quick! And one more thing: can two gift cards be used on one order?"
        " My sister gave me one for my birthday and I still have the one from last winter."
    ),
)
_GIVE_UP = 30.0
_IDS: dict[str, Any] = {"conversation_id": "c-1", "turn_id": "t-1", "step_id": "t-1.x"}


class EngineMeasured(msgspec.Struct, kw_only=True):
    """Milliseconds (p50, p95); `added` compares each message with itself without the engine.

    `cpu` and `parts` are CPU time, which other work on the machine hardly touches; the rest is wall time.
    """

    turns: int
    opening_seconds: float
    with_engine: tuple[float, float]
    without: tuple[float, float]
    added: tuple[float, float]
    with_engine_cpu: tuple[float, float]
    without_cpu: tuple[float, float]
    added_cpu: tuple[float, float]
    parts: dict[str, tuple[float, float]]
    outcomes: dict[str, int]


@asynccontextmanager
async def _all_rooms(folder: Path, model_url: str, embedder_url: str) -> AsyncIterator[Services]:
    settings = read_settings(
        data_dir=folder, bus_url="memory://", model_url=model_url, embedder_url=embedder_url, traces_url="off"
    )
    async with (
        open_services(settings) as services,
        run_all(Running(services=services, registry=CollectorRegistry())),
    ):
        yield services


async def _parts(services: Services) -> dict[str, tuple[float, float]]:
    """Milliseconds (p50, p95) of what runs beside each other in a turn, each alone."""
    understanding, index, judge = (
        await services.understanding(),
        await services.index(),
        await services.judge(),
    )
    watch = services.watch()

    async def assess(text: str) -> object:
        return watch.assess(c.AssessMessage(**_IDS, text=text))

    parts: dict[str, Callable[[str], Awaitable[object]]] = {
        "classify": lambda text: understanding.classify(c.ClassifyIntent(**_IDS, text=text)),
        "search": lambda text: index.search(text, language=None, k=4),
        "screen": lambda text: judge.screen(c.ScreenMessage(**_IDS, text=text)),
        "assess": assess,
    }
    spent: dict[str, list[float]] = defaultdict(list)
    for n, (name, part) in itertools.product(range(2), parts.items()):
        for text in MESSAGES:
            began = time.process_time()
            # A text of its own each time: nothing comes from a cache.
            await part(f"{text} ({n}{name})")
            spent[name].append((time.process_time() - began) * 1000)
    return {name: _both(took) for name, took in spent.items()}


async def _ask(bus: Bus, rounds: int) -> tuple[list[float], list[float], list[c.TurnFinished]]:
    """Wall and CPU milliseconds, results: each message in a conversation of its own, one after the other."""
    spent: list[float] = []
    cpu: list[float] = []
    results: list[c.TurnFinished] = []
    run = f"{time.time_ns():x}"  # a kept folder remembers the conversations of the run before
    async with bus.watch() as arriving:
        for n, text in enumerate(itertools.chain(MESSAGES[:4], *[MESSAGES] * rounds)):
            turn = c.TurnAccepted(
                conversation_id=f"c-{run}-{n}", turn_id=f"t-{run}-{n}", text=text, accepted_at=time.time()
            )
            began, worked = time.perf_counter(), time.process_time()
            await bus.submit(turn)
            async with asyncio.timeout(_GIVE_UP):
                result = await _result(arriving, turn.turn_id)
            if n >= 4:  # the first few open caches
                spent.append((time.perf_counter() - began) * 1000)
                cpu.append((time.process_time() - worked) * 1000)
                results.append(result)
    return spent, cpu, results


async def _result(arriving: "AsyncIterator[Delivered | object]", turn_id: str) -> c.TurnFinished:
    async for item in arriving:
        if isinstance(item, Delivered) and item.turn.turn_id == turn_id:
            return item.turn
    raise RuntimeError(f"the bus closed before turn {turn_id} had a result")


async def measure_engine(folder: Path, rounds: int) -> EngineMeasured:
    """Both engines, one after the other, in this process."""
    async with _all_rooms(folder / "scripted", "scripted://", "hashing://") as services:
        without, without_cpu, _ = await _ask(await services.bus(), rounds)
    began = time.perf_counter()
    async with _all_rooms(folder / "embedded", "embedded://", "embedded://") as services:
        opening = time.perf_counter() - began
        spent, cpu, results = await _ask(await services.bus(), rounds)
        parts = await _parts(services)
    return EngineMeasured(
        turns=len(spent),
        opening_seconds=opening,
        with_engine=_both(spent),
        without=_both(without),
        added=_both(_difference(spent, without)),
        with_engine_cpu=_both(cpu),
        without_cpu=_both(without_cpu),
        added_cpu=_both(_difference(cpu, without_cpu)),
        parts=parts,
        outcomes=dict(Counter(result.status for result in results)),
    )


def _both(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return percentile(sorted(values), 0.5), percentile(sorted(values), 0.95)


def _difference(ours: Sequence[float], bare: Sequence[float]) -> list[float]:
    """Message by message."""
    return [one - other for one, other in zip(ours, bare, strict=True)]


async def run_engine(folder: Path, rounds: int) -> EngineMeasured:
    """Measured in a process of its own, which begins with nothing loaded.

    Raises:
        RuntimeError: it ended with an error, which is quoted.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.engine", str(folder), str(rounds),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"bench.engine: {errors.decode()[-1500:]}")
    return msgspec.json.decode(out, type=EngineMeasured)


if __name__ == "__main__":
    measured = uvloop.run(measure_engine(Path(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(measured))
