"""Measures how many whole conversations go as a support lead says they should."""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

from evals.engine import CACHE
from evals.figures import share, wilson
from evals.suite.desk import open_desk
from evals.suite.playing import Outcome, play
from evals.suite.scenario import ENGINES, FOLDER, Scenario, read_scenarios
from shared.contracts import LANGUAGES
from shared.errors import SettingsError


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Shares that passed, by engine and language; known failures count as failed."""
    engine = getattr(args, "engine", None)
    if engine not in {None, *ENGINES}:
        raise SettingsError(f"--engine {engine}: unknown; it may be one of {', '.join(ENGINES)}")
    folder = Path(args.data) if args.data else FOLDER
    scenarios = read_scenarios(folder, only=getattr(args, "only", None) or "")
    cache = Path(args.cache_dir or CACHE)
    return {
        name: _figures(await played_by(name, scenarios, cache=cache))
        for name in ENGINES
        if engine in {None, name}
    }


async def played_by(engine: str, scenarios: Iterable[Scenario], *, cache: Path) -> list[Outcome]:
    """Every scenario on one desk with this engine, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_desk(Path(folder), engine, cache=cache) as desk:
            return [await play(desk, scenario) for scenario in scenarios]


def _figures(outcomes: list[Outcome]) -> dict[str, object]:
    hits = [outcome.passed for outcome in outcomes]
    by_language = {
        language: [outcome.passed for outcome in outcomes if outcome.scenario.language == language]
        for language in LANGUAGES
    }
    failing = {outcome.scenario.name: {"turn": outcome.told()} for outcome in outcomes if not outcome.passed}
    return {
        "n": len(hits),
        "turns": sum(len(outcome.scenario.turns) for outcome in outcomes),
        "passed": sum(hits),
        "share": share(hits),
        "interval": wilson(hits),
        "languages": {
            language: {"n": len(of), "share": share(of), "interval": wilson(of)}
            for language, of in by_language.items()
            if of
        },
        "failing": failing,
    }
