"""What every bus promises of its load: what waits, in whose hands, for whom; in memory and on a server."""

import asyncio
from collections.abc import Sequence

from shared.agent import Agent
from shared.contracts import SCREEN, FeedbackGiven, MessageScreened, ScreenMessage, TurnAccepted, TurnFinished
from shared.errors import StoreDown
from shared.ports import Bus, ConsumerLoad
from tests.bus.sample import (
    FEEDBACK,
    Told,
    accepted,
    answer_all,
    buried,
    feedback,
    nothing,
    screen,
    screened,
    until,
)


async def _of(bus: Bus, service: str) -> ConsumerLoad:
    """All consumers of a service that have something to tell, added up."""
    found = [each for each in (await bus.load()).consumers if each.service == service and each.there]
    assert found, service
    return ConsumerLoad(
        name=found[0].name,
        stream=found[0].stream,
        service=service,
        pending=sum(each.pending for each in found),
        ack_pending=sum(each.ack_pending for each in found),
        redelivered=sum(each.redelivered for each in found),
        waiting=sum(each.waiting for each in found),
        idle=min((each.idle for each in found if each.idle is not None), default=None),
    )


async def test_asks_in_hand_and_waiting_are_told(bus: Bus) -> None:
    """What is in hand, then what lies there for nobody once its agent is gone."""
    free = asyncio.Event()

    async def handler(ask: ScreenMessage) -> MessageScreened:
        await free.wait()
        return screened(ask)

    async with bus.serve(Agent("critic").answers(SCREEN, handler)):

        async def asks_for_more() -> bool:
            return (await _of(bus, "critic")).waiting > 0

        await until(asks_for_more)
        asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=10))

        async def in_hand() -> bool:
            return (await _of(bus, "critic")).ack_pending == 1

        await until(in_hand)
        critic = await _of(bus, "critic")
        assert (critic.stream, critic.pending, critic.consumed) == ("ASKS", 0, True)
        assert critic.idle is not None
        assert critic.idle < 20
        free.set()
        await asking

    async def gone() -> bool:
        return (await _of(bus, "critic")).waiting == 0

    await until(gone)
    late = asyncio.create_task(bus.ask(SCREEN, screen(step="b"), timeout=10))

    async def waits() -> bool:
        return (await _of(bus, "critic")).pending == 1

    await until(waits)
    assert not (await _of(bus, "critic")).consumed
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        await late


async def test_turns_wait_for_a_worker(bus: Bus) -> None:
    """Turns nobody works on are pending; those in hand are not; `messages` counts what is kept."""

    async def pending() -> int:
        found = [each for each in (await bus.load()).consumers if each.stream == "TURNS_IN"]
        assert {each.service for each in found} == {"conversation"}
        return sum(each.pending for each in found)

    for turn in ("t1", "t2"):
        await bus.submit(accepted(turn))
    assert await pending() == 2
    told = Told()
    async with bus.work(answer_all, finished=told):
        await until(lambda: len(set(told.turns)) == 2)
        worker = await _of(bus, "conversation")
        assert (worker.pending, worker.consumed) == (0, True)
    load = await bus.load()
    kept = {each.name: each.messages for each in load.streams}
    assert (kept["TURNS_IN"], kept["TURNS_OUT"], kept["DEAD"], load.dead_letters) == (2, 2, 0, 0)


async def test_tries_and_dead_letters_are_counted(bus: Bus) -> None:
    """An event that comes again counts as redelivered while it is in hand, then as a dead letter."""
    heard: list[str] = []
    again = asyncio.Event()

    async def listener(body: FeedbackGiven) -> None:
        heard.append(body.turn_id)
        if len(heard) == 2:
            await again.wait()
        raise StoreDown("the disk is full")

    async with bus.listen(FEEDBACK, listener, name="a"):
        await bus.publish(FEEDBACK, feedback(1), key="1")
        await until(lambda: len(heard) == 2)
        mine = await _of(bus, "a")
        assert (mine.stream, mine.ack_pending, mine.redelivered) == ("EVENTS", 1, 1)
        again.set()
        await buried(bus, 1)
    load = await bus.load()
    [dead] = [each for each in load.streams if each.name == "DEAD"]
    assert (load.dead_letters, dead.messages) == (1, 1)
    assert dead.oldest is not None
    assert 0 <= dead.oldest < 20
    assert (await _of(bus, "a")).redelivered == 0


async def test_a_worker_that_is_busy_consumes(bus: Bus) -> None:
    """Turns in hand count as such, also while the worker is long at one of them."""
    free = asyncio.Event()

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        await free.wait()
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        await bus.submit(accepted())

        async def in_hand() -> bool:
            found = await _of(bus, "conversation")
            return (found.ack_pending, found.consumed) == (1, True)

        await until(in_hand)
        free.set()
