"""Whole conversations go as a support lead says they should, with both engines."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from evals.suite.desk import EvalDesk, open_desk
from evals.suite.playing import Outcome, play
from evals.suite.scenario import ENGINES, Scenario, read_scenarios
from shared.contracts import Intent
from tests.kept import models, put_knowledge

SCENARIOS = read_scenarios()
Play = Callable[[Scenario], Outcome]


@contextmanager
def running_desk(engine: str, folder: Path) -> Iterator[Play]:
    """A desk that stays open between plays; one task opens and closes it, as its contexts want."""
    cache = models()
    put_knowledge(folder / "knowledge.db")
    with asyncio.Runner() as runner:
        opened: asyncio.Queue[EvalDesk] = asyncio.Queue()
        closing = asyncio.Event()

        async def hold() -> None:
            async with open_desk(folder, engine, cache=cache) as desk:
                opened.put_nowait(desk)
                await closing.wait()

        async def start() -> "tuple[EvalDesk, asyncio.Task[None]]":
            holding = asyncio.create_task(hold())
            first = asyncio.create_task(opened.get())
            await asyncio.wait({holding, first}, return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                await holding  # it says why there is no desk
            return await first, holding

        async def stop(holding: "asyncio.Task[None]") -> None:
            closing.set()
            await holding

        desk, holding = runner.run(start())
        yield lambda scenario: runner.run(play(desk, scenario))
        runner.run(stop(holding))


@pytest.fixture(scope="session")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Play]]:
    """The desk of an engine, opened when it is first played on."""
    with ExitStack() as stack:
        opened: dict[str, Play] = {}

        def desk(engine: str) -> Play:
            if engine not in opened:
                folder = tmp_path_factory.mktemp(engine) / "data"
                opened[engine] = stack.enter_context(running_desk(engine, folder))
            return opened[engine]

        yield desk


def _cases() -> Iterator[object]:
    for engine in ENGINES:
        for scenario in SCENARIOS:
            why = scenario.fails_in(engine)
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            yield pytest.param(engine, scenario, id=f"{engine}-{scenario.name}", marks=marks)


@pytest.mark.parametrize(("engine", "scenario"), list(_cases()))
def test_a_conversation_goes_as_it_should(
    desks: Callable[[str], Play], engine: str, scenario: Scenario
) -> None:
    """Every turn: understood, answered with the shop's facts, done once, or handed over well."""
    outcome = desks(engine)(scenario)
    assert outcome.passed, outcome.told()


def test_the_suite_is_wide_enough() -> None:
    """Sixty conversations or more, every intent in two languages or more, and many turns."""
    spoken = defaultdict(set)
    for scenario in SCENARIOS:
        for turn in scenario.turns:
            for intent in (*turn.intents, *turn.needs):
                spoken[intent].add(turn.language or scenario.language)
    assert len(SCENARIOS) >= 60
    assert {intent: spoken[intent] for intent in Intent if len(spoken[intent]) < 2} == {}
    assert min(Counter(scenario.language for scenario in SCENARIOS).values()) >= 18
    assert sum(len(scenario.turns) > 1 for scenario in SCENARIOS) >= 40
