"""Takes every measure whose data is there."""

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.measures import Job
from evals.plain import found_in
from evals.results import Found, Measured, Missing, Run
from evals.setting import digests, machine
from shared.errors import SettingsError


@dataclass(frozen=True)
class Gathered:
    """A run, and the texts of its rows by id: for the report, never for the run's file."""

    run: Run
    texts: Mapping[str, str]


async def take(args: argparse.Namespace) -> Found:
    """What the measure `args.measure` finds, by its `measure`, or its `run` where it says no more.

    Raises:
        SettingsError: its module is missing, or the data or a setting is wrong.
    """
    # Imported by name: a measure that cannot be loaded must not stop the others.
    if importlib.util.find_spec(f"evals.{args.measure}") is None:
        raise SettingsError(f"evals/{args.measure}.py is missing; restore it from the repository")
    module: Any = importlib.import_module(f"evals.{args.measure}")
    if hasattr(module, "measure"):
        found: Found = await module.measure(args)
        return found
    return found_in(await module.run(args))


async def gather(
    jobs: Sequence[Job],
    *,
    name: str,
    engines: Sequence[str],
    data_dir: Path,
    cache_dir: str | None,
    say: Callable[[str], None],
) -> Gathered:
    """Every job once per engine, one after the other; what cannot be taken is named in `run.missing`."""
    began, clock = datetime.now(UTC), time.perf_counter()
    measured: list[Measured] = []
    missing: list[Missing] = []
    texts: dict[str, str] = {}
    for job in jobs:
        absent = [path for path in job.files(data_dir) if not path.is_file()]
        if absent:
            missing.append(Missing(measure=job.measure, data=job.data, why=f"{absent[0]} is not there"))
            say(f"{job.measure} {job.data}: NOT MEASURED, {absent[0]} is not there")
            continue
        for engine in ("local",) if job.local else engines:
            try:
                found, seconds = await _timed(job, data_dir, engine, cache_dir)
            except SettingsError as error:
                missing.append(Missing(measure=job.measure, data=job.data, why=str(error)))
                say(f"{job.measure} {job.data}: NOT MEASURED, {error}")
                continue
            measured.append(_measured(job, engine, found, seconds))
            texts |= found.texts
            say(f"{job.measure} {job.data} ({engine}): {seconds:.1f} s")
    run = Run(
        name=name,
        began=began.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - clock, 1),
        engines=tuple(engines),
        machine=machine(),
        digests=digests(),
        measured=tuple(measured),
        missing=tuple(missing),
    )
    return Gathered(run, texts)


async def _timed(job: Job, data_dir: Path, engine: str, cache_dir: str | None) -> tuple[Found, float]:
    args = job.arguments(data_dir, engine=engine, cache_dir=cache_dir)
    began = time.perf_counter()
    found = await take(args)
    return found, time.perf_counter() - began


def _measured(job: Job, engine: str, found: Found, seconds: float) -> Measured:
    return Measured(
        measure=job.measure,
        data=job.data,
        engine=engine,
        figures=found.figures,
        charts=found.charts,
        reliability=found.reliability,
        confusion=found.confusion,
        rows=found.rows,
        seconds=round(seconds, 2),
    )
