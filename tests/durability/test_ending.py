"""Whoever stops a process hears what it waits for, once it takes longer than a moment."""

import asyncio

from launch.ending import Ending


async def _stopped(*steps: tuple[str, float], before: float = 0.0) -> list[str]:
    """What is said while these steps take their seconds, at a patience of 0.1 s."""
    said: list[str] = []
    ending = Ending()
    async with ending.told("all", patience=0.1, say=said.append):
        await asyncio.sleep(before)
        ending.begin()
        for step, seconds in steps:
            ending.at(step)
            await asyncio.sleep(seconds)
    return said


async def test_a_long_step_is_named_once_and_so_is_the_next() -> None:
    said = await _stopped(("turns", 0.2), ("the bus", 0.1))
    assert said == ["all: stopping for 0 s, waiting for turns", "all: stopping for 0 s, waiting for the bus"]


async def test_a_short_end_says_nothing_however_long_the_process_ran() -> None:
    assert await _stopped(("turns", 0.0), ("the bus", 0.02), before=0.15) == []
