"""Erases a customer, or removes what is over its time, and kills its own process in the middle."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.rights.erasing import erase
from launch.retaining import open_retaining
from launch.rights import open_rights
from shared.settings import Settings
from shared.wiring import open_services

NOW = 1_900_000_000.0


def deadly(work: Callable[..., Awaitable[Any]], *, after: int) -> Callable[..., Awaitable[Any]]:
    """`work` that kills the process when it has been done so often."""
    left = [after]

    async def done(*given: Any, **named: Any) -> Any:
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return await work(*given, **named)

    return done


def run(folder: Path, what: str, where: str = "") -> int:
    """`erase` or `retention` in a process of its own; its exit code.

    It dies (SIGKILL) when it is about to go on with the store `where`; without one it does all of it.
    """
    # A fork: what this process has imported costs nothing again.
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(_work(folder, what, where))
    )
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


async def _work(folder: Path, what: str, where: str) -> None:
    settings = Settings(data_dir=folder, bus_url="memory://")
    async with open_services(settings, actor=f"command:{what}") as services:
        bus = await services.bus()
        store, vault, helpdesk = await services.store(), await services.vault(), await services.helpdesk()
        old = await services.retention()
        victims: dict[str, tuple[Any, str, int]] = {
            "store": (store, "erase", 1), "bus": (bus, "erase", 0), "vault": (vault, "forget", 1),
            "helpdesk": (helpdesk, "erase_ticket", 1), "values": (vault, "expire", 1),
            "conversations": (old, "expire_conversations", 1), "gaps": (old, "expire", 2),
        }  # fmt: skip
        if where:
            place, name, after = victims[where]
            setattr(place, name, deadly(getattr(place, name), after=after))
        if what == "erase":
            rights = replace(await open_rights(services, bus), settle_seconds=0.0)
            await erase(rights, "ana")
            return
        job = await open_retaining(services, bus)
        job.now, job.batch = (lambda: NOW + (601 if not where else 0)), 1
        assert await job.run() is not None
