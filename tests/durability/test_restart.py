"""Ctrl-C ends every process in order, and the next start goes on where the last one stopped."""

import asyncio

import httpx

from shared.ports import Bus
from tests.durability.customers import Crowd
from tests.durability.promise import everybody_has_one_answer
from tests.processes import ROLES, System

STOP_SECONDS = 15.0


async def test_everything_stops_and_goes_on(system: System, http: httpx.AsyncClient, bus: Bus) -> None:
    """SIGINT during turns and open streams: exit code 0 soon, no traceback; nothing is lost."""
    crowd = Crowd(http, people=20, each=3)
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        talking = group.create_task(crowd.talk())
        await crowd.moment(answered=20, stage="writing")
        crowd.open.clear()
        codes = await asyncio.to_thread(system.stop_all, seconds=STOP_SECONDS)
        system.start("nats").wait_ready()
        for process in [system.start(role) for role in ROLES]:
            await asyncio.to_thread(process.wait_ready)
        crowd.open.set()
        await talking
    assert set(codes.values()) == {0}, codes
    said = {name: process.said() for name, process in system.processes.items()}
    assert not {name: text for name, text in said.items() if "Traceback" in text}
    assert not [name for name in ROLES if f"{name}: stopping" not in said[name]]
    assert [turn for turn in crowd.turns if turn.accepted and turn.breaks], "no stream was open at the stop"
    # Each conversation has lines from before and after the stop: they are one, in order.
    await everybody_has_one_answer(crowd, bus)
