"""The promises role, as it is launched: from a finished turn to the ledger and to staff's tasks."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client import CollectorRegistry

from launch.roles import Running, run_promises
from shared import contracts as c
from shared.ports import Promises, TaskFilter
from shared.settings import Settings
from shared.wiring import open_services
from tests.promises.made import receipt, turn
from tests.promises.replies import NOW


async def test_from_the_bus_to_the_ledger(tmp_path: Path) -> None:
    """A call-back becomes a task; the refund's receipt, in a later turn, keeps the other promise."""
    settings = Settings(data_dir=tmp_path, bus_url="memory://")
    async with open_services(settings) as services:
        bus, promises, tasks = await services.bus(), await services.promises(), await services.tasks()
        services.clock.now = lambda: NOW  # type: ignore[method-assign]
        async with run_promises(Running(services, CollectorRegistry())):
            said = turn("We will refund order #1001 by Friday.", "We will call you back tomorrow at 10.")
            await bus.publish(c.TURN_FINISHED, said, key="t-1")
            done = turn("Done.", turn_id="t-2", actions=(receipt(),))
            await bus.publish(c.TURN_FINISHED, done, key="t-2")
            async with asyncio.timeout(20):
                await _until(lambda: _states(promises), ["kept", "open"])
                await _until(lambda: tasks.count(TaskFilter(status="done")), 1)
        (call,) = await tasks.page()
    assert (call.kind, call.title) == ("call_back", "We will call you back tomorrow at 10")


async def _states(promises: Promises) -> list[str]:
    return [each.state for each in await promises.of("c-1")]


async def _until(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    """The bus brings it in its own time."""
    while await look() != wanted:  # noqa: ASYNC110  the ledger has no event for it
        await asyncio.sleep(0)
