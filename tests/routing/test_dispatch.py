"""The clock at work on real stores: gives, takes back, moves on; two processes at once do it once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared import contracts as c
from tests.routing.floor import ANA, LEE, Floor, floors, queues
from tests.routing.test_calendar import eastern


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with floors(tmp_path) as (only,):
        yield only


async def test_cases_are_given_to_who_is_there_within_their_limit(floor: Floor) -> None:
    """The most urgent first; the fifth waits until somebody has room."""
    await floor.comes(ANA, LEE)
    for name in ("one", "two", "three", "four"):
        await floor.arrive(name)
    await floor.arrive("urgent", priority="urgent")
    assert await floor.dispatch.run() == 4
    owners = await floor.owners()
    assert owners["urgent"] in {"Ana", "Lee"}
    assert Counter(owners.values()) == {"Ana": 2, "Lee": 2, "waiting": 1}
    assert owners["four"] == "waiting"
    done = (await floor.cases.of("c-one")) or pytest.fail("no case")
    await floor.work.close(done.id, ANA if done.owner_name == "Ana" else LEE)
    assert await floor.dispatch.run() == 1
    assert (await floor.owners())["four"] == done.owner_name


async def test_the_customer_hears_who_was_given_the_case(floor: Floor) -> None:
    """A claim by the clock is a claim: its turn is on the way."""
    await floor.comes(ANA)
    await floor.arrive("kim")
    await floor.dispatch.run()
    assert await floor.cases.untold(before=floor.clock.at + 1) == []
    case = await floor.cases.of("c-kim")
    assert case is not None
    assert (case.owner, case.owner_name, case.phase) == ("staff:m-ana", "Ana", "person")


async def test_who_is_given_a_case_and_says_nothing_loses_it_to_another(floor: Floor) -> None:
    """And is away from then on: the next customer does not wait for the same empty chair."""
    await floor.comes(ANA)
    await floor.arrive("kim")
    await floor.dispatch.run()
    assert await floor.after(19, ANA) == 0
    await floor.comes(LEE)
    assert await floor.after(1, ANA, LEE) == 2
    assert (await floor.owners())["kim"] == "Lee"
    assert await floor.story("kim") == [
        "CaseOpened", "Ana has it", "clock released it: silent", "Lee has it",
    ]  # fmt: skip
    ana = await floor.duty.duty(ANA.id)
    assert ana is not None
    assert ana.state == "away"


async def test_timers_survive_a_restart(tmp_path: Path) -> None:
    """They are computed from the case: the next process takes back what the one before had given."""
    async with floors(tmp_path) as (before,):
        await before.comes(ANA)
        await before.arrive("kim")
        await before.dispatch.run()
    async with floors(tmp_path) as (later,):
        assert await later.after(21) == 1
        assert (await later.owners())["kim"] == "waiting"


async def test_whose_browser_is_gone_is_given_nothing(floor: Floor) -> None:
    """Available was said four minutes ago, and nothing since."""
    await floor.comes(ANA)
    await floor.arrive("kim")
    assert await floor.after(4) == 0
    await floor.comes(ANA)
    assert await floor.dispatch.run() == 1


async def test_nothing_is_given_when_the_queue_is_closed(floor: Floor) -> None:
    """Who is signed in at night works on something else."""
    floor.clock.at = eastern("2026-11-20T20:30")
    await floor.comes(ANA)
    await floor.arrive("kim")
    assert await floor.dispatch.run() == 0
    floor.clock.at = eastern("2026-11-21T08:00")
    assert await floor.after(0, ANA) == 1


async def test_waiting_is_escalated_step_by_step(floor: Floor) -> None:
    """Seen in the case, with who did it and why; each step once."""
    await floor.arrive("kim")
    assert await floor.after(29) == 0
    assert await floor.after(1) == 1
    assert await floor.after(1) == 0
    assert await floor.after(29) == 1
    assert await floor.after(600) == 0
    assert await floor.story("kim") == [
        "CaseOpened",
        "clock moved it to support, high (waiting 30 min)",
        "clock moved it to leads, high (waiting 60 min)",
    ]
    case = await floor.cases.of("c-kim")
    assert case is not None
    assert (case.queue, case.priority, case.due_at) == ("leads", "high", case.opened_at + 3600)


async def test_two_processes_at_once_do_everything_once(tmp_path: Path) -> None:
    """Whoever comes second finds the case changed: one owner each, nobody over the limit, one story."""
    async with floors(tmp_path, queues(most=3), processes=2) as (here, there):
        await here.comes(ANA, LEE)
        names = [f"n{n}" for n in range(10)]
        for name in names:
            await here.arrive(name)
        acts = await asyncio.gather(here.dispatch.run(), there.dispatch.run())
        assert sum(acts) == 6
        assert Counter((await here.owners()).values()) == {"Ana": 3, "Lee": 3, "waiting": 4}
        here.clock.at += 40 * 60
        await asyncio.gather(here.dispatch.run(), there.dispatch.run())
        for name in names:
            assert (await here.story(name)).count("clock released it: silent") <= 1
        events = [each.event for name in names for each in await here.cases.events(f"c-{name}")]
        assert Counter(type(each) for each in events) == {
            c.CaseOpened: 10, c.CaseClaimed: 6, c.CaseReleased: 6, c.CaseMoved: 10,
        }  # fmt: skip
