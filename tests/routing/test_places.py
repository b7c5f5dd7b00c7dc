"""Who waits is told how it stands on the open stream, and again only when that changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.hub import Hub, QueueTold
from gateway.places import Awake, Places
from launch.dispatch import kept_dispatched
from shared import contracts as c
from shared.adapters.memory.vault import MemoryVault
from shared.routing.outlooks import Outlooks
from shared.settings import Settings
from tests.gateway_desk import gateway_desk
from tests.routing.floor import ANA, Floor, floors, queues


class Waiting:
    """A floor, and the customers whose streams are open at it."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.hub = floor, Hub(floor.work.bus)
        outlooks = Outlooks(floor.cases, floor.duty, queues(assignment="manual"), floor.clock.now)
        self.places = Places(outlooks, self.hub)

    async def told(self, queue: "asyncio.Queue[Any]") -> list[dict[str, Any]]:
        """Look, and give what came to this stream."""
        await self.places.look()
        found = []
        while not queue.empty():
            item = queue.get_nowait()
            assert isinstance(item, QueueTold)
            found.append(item.body)
        return found


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncIterator[Waiting]:
    async with floors(tmp_path) as (floor,):
        yield Waiting(floor)


async def test_place_and_wait_keep_up(waiting: Waiting) -> None:
    """One ahead is served, a member comes in, the case is taken, closed: each is told once."""
    floor = waiting.floor
    await floor.arrive("before")
    await floor.arrive("kim")
    async with waiting.hub.listening("c-kim") as stream:
        first = await waiting.places.first("c-kim")
        assert first is None, "it comes on the stream, as to every other stream of the conversation"
        (told,) = await waiting.told(stream)
        assert (told["status"], told["position"], told["wait"], told["offer"]) == ("waiting", 2, None, True)
        assert await waiting.told(stream) == []
        await floor.comes(ANA)
        (told,) = await waiting.told(stream)
        assert told["wait"] == {"from_minutes": 0, "to_minutes": 10}
        before = await floor.cases.of("c-before")
        assert before is not None
        await floor.work.claim(before.id, ANA)
        (told,) = await waiting.told(stream)
        assert told["position"] == 1
        mine = await floor.cases.of("c-kim")
        assert mine is not None
        await floor.work.claim(mine.id, ANA)
        (told,) = await waiting.told(stream)
        assert (told["status"], told["position"], told["due_at"]) == ("person", None, None)
        await floor.work.close(mine.id, ANA)
        assert await waiting.told(stream) == [{"status": "over"}]
        assert await waiting.told(stream) == []


async def test_a_second_tab_hears_what_the_first_knows(waiting: Waiting) -> None:
    """And the first does not hear it twice."""
    await waiting.floor.arrive("kim")
    async with waiting.hub.listening("c-kim") as one:
        await waiting.told(one)
        async with waiting.hub.listening("c-kim") as two:
            found = await waiting.places.first("c-kim")
            assert found is not None
            assert found["position"] == 1
            assert one.empty()
            assert two.empty()


async def test_who_wants_a_call_sees_so(waiting: Waiting) -> None:
    """The way, not the number: the page knows nothing personal."""
    case = await waiting.floor.arrive("kim")
    wish = c.ContactWish(channel="phone", value="TOKEN_1")
    await waiting.floor.cases.append(case.id, c.ContactAsked(at=1.0, wish=wish, turn_id="t-1"))
    found = await waiting.places.now("c-kim")
    assert found is not None
    assert (found["contact"], found["offer"]) == ("phone", False)
    assert "TOKEN" not in json.dumps(found)


async def test_who_does_not_wait_is_told_nothing(waiting: Waiting) -> None:
    """No case, or one that is over."""
    assert await waiting.places.now("c-kim") is None
    case = await waiting.floor.arrive("kim")
    await waiting.floor.work.close(case.id, ANA)
    assert await waiting.places.now("c-kim") is None


async def test_news_of_cases_wakes_the_look() -> None:
    """Other news does not; without any it looks after a while."""
    awake = Awake(seconds=60)
    awake.hear(c.TurnProgress(conversation_id="c", turn_id="t", stage="writing"))
    assert not awake._event.is_set()
    awake.hear(c.CaseChanged(conversation_id="c", case_id="h", version=2, kind="CaseClaimed"))
    await asyncio.wait_for(awake.wait(), 20)
    assert not awake._event.is_set()
    await asyncio.wait_for(Awake(seconds=0.001).wait(), 20)


async def test_a_running_gateway_tells_by_itself(tmp_path: Path) -> None:
    """An act of staff wakes the look; who waits hears of it without asking."""
    async with floors(tmp_path) as (floor,):
        vault = MemoryVault()
        waiting = Waiting(floor)
        desk = gateway_desk(
            Settings(data_dir=tmp_path), bus=floor.work.bus, vault=vault, audit=vault.audit, hub=waiting.hub,
            casework=floor.work, places=waiting.places, duty=floor.duty,
        )  # fmt: skip
        case = await floor.arrive("kim")
        running = asyncio.create_task(waiting.hub.run())
        async with kept_dispatched(desk), waiting.hub.listening("c-kim") as stream:
            assert (await asyncio.wait_for(stream.get(), 20)).body["status"] == "waiting"
            await floor.work.claim(case.id, ANA)
            async with asyncio.timeout(20):
                while not isinstance(told := await stream.get(), QueueTold):
                    pass
            assert told.body["status"] == "person"
        running.cancel()
