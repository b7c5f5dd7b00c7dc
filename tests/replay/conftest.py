"""One desk's conversations, recorded once, and the engines that play them again."""

import argparse
import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launch import replay
from launch.replaying.report import Report
from shared.adapters.sqlite.recordings import open_recordings
from shared.ports.spending import Spending
from shared.settings import read_settings
from shared.wiring import Services, open_services
from tests.clock import Clock
from tests.kept import models
from tests.replay.desk import ON_NOV_21, Vendors, live, some_conversations

LOCAL = ("encoders", "detector", "understanding", "judge", "words", "watch", "product_reader")
"""Engines that are slow to load and the same for all."""


@dataclass
class Recorded:
    """A desk's folder, and how often its vendors were asked."""

    folder: Path
    vendors: Vendors


def options(*given: str) -> argparse.Namespace:
    """As the command line has them."""
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    return parser.parse_args(given)


@asynccontextmanager
async def desk_services(
    folder: Path, *, like: Services | None = None, **settings: Any
) -> AsyncIterator[Services]:
    """Services at the time of the test's orders; with the local engines of those it is `like`."""
    (folder / "cache").unlink(missing_ok=True)
    (folder / "cache").symlink_to(models())
    found = read_settings(data_dir=folder, bus_url="memory://", **settings)
    async with open_services(found) as services:
        services.clock = Clock(ON_NOV_21)
        if like is not None:
            services._opened |= {name: like._opened[name] for name in LOCAL}
        yield services


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, engines: Services) -> Recorded:
    """What was said, for all tests."""
    folder, vendors = tmp_path_factory.mktemp("replay"), Vendors()

    async def record() -> None:
        async with desk_services(folder, like=engines) as services, live(services, vendors) as desk:
            await some_conversations(desk)

    asyncio.run(record())
    return Recorded(folder, vendors)


@pytest.fixture
def recorded(kept: Recorded, tmp_path: Path) -> Recorded:
    """A copy of that, for this test to change."""
    for file in kept.folder.glob("desk.db*"):
        shutil.copyfile(file, tmp_path / file.name)
    return Recorded(tmp_path, kept.vendors)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with engines that were loaded once, on a bus of their own."""
    with asyncio.Runner() as runner:
        opened = desk_services(tmp_path_factory.mktemp("engines"))
        services = runner.run(opened.__aenter__())
        runner.run(services.understanding())
        runner.run(services.judge())
        services.words(), services.watch(), services.product_reader()
        yield services
        runner.run(opened.__aexit__(None, None, None))


Again = Callable[..., Awaitable[Report]]


@pytest.fixture
def again(recorded: Recorded, engines: Services) -> Again:
    """Replay this test's conversations with these options."""

    async def run(*given: str, services: Services = engines, ledger: Spending | None = None) -> Report:
        asked = options(*(given if "--conversation" in given else ("--since", "2026-11-01", *given)))
        before = services.prompts
        async with open_recordings(recorded.folder / "desk.db") as recordings:
            report = await replay.replayed(recordings, services, replay.changes_of(asked), asked, ledger)
        services.prompts = before
        return report

    return run
