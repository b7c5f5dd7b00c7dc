"""What every bus promises of erasing: nothing of the conversation is left; in memory and on a real server."""

from pathlib import Path

import pytest

from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server, running_at
from shared.agent import Agent
from shared.contracts import SCREEN
from shared.errors import AskFailed, BadMessage
from shared.ports import Bus
from tests.bus.sample import (
    FEEDBACK,
    Screener,
    Told,
    accepted,
    answer_all,
    buried,
    feedback,
    screen,
    until,
)

MARK = "kumquatwobble"


async def _use(bus: Bus) -> None:
    """Two conversations with turns, an ask with its answer, events, and a dead letter of the first."""
    told = Told()
    agent = Agent("critic").answers(SCREEN, Screener(BadMessage("a bug")))
    async with bus.work(answer_all, finished=told), bus.serve(agent):
        for conversation in ("c1", "c2"):
            for turn in ("t1", "t2"):
                await bus.submit(accepted(turn, conversation, text=f"{MARK}-{conversation}"))
        await until(
            lambda: len({(each.turn.conversation_id, each.turn.turn_id) for each in told.results}) == 4
        )
        with pytest.raises(AskFailed):  # a bug, so it is buried
            await bus.ask(SCREEN, screen(text=f"{MARK}-c1"), timeout=20)
        await buried(bus, 1)
        for conversation in ("c1", "c2"):
            ask = screen("t2", conversation, text=f"{MARK}-{conversation}")
            await bus.ask(SCREEN, ask, timeout=20)
    await bus.publish(FEEDBACK, feedback(1, f"{MARK}-c1"), key="1")


async def test_erase(bus: Bus) -> None:
    """The conversation's turns, results, answers, events and dead letters go; the others' stay."""
    await _use(bus)
    removed = await bus.erase(["c1"])
    assert sum(removed.values()) >= 6
    assert list(await bus.results("c1")) == []
    assert list(await bus.dead_letters()) == []
    assert len(await bus.results("c2")) == 2
    assert sum((await bus.erase(["c1"])).values()) == 0
    assert sum((await bus.erase([])).values()) == 0


async def test_expire(bus: Bus) -> None:
    """Only results go, of these conversations."""
    await _use(bus)
    assert await bus.expire(["c1"]) == 2
    assert list(await bus.results("c1")) == []
    assert len(await bus.results("c2")) == 2
    assert len(await bus.dead_letters()) == 1
    assert await bus.expire(["c1", "c-nobody"]) == 0


async def test_unanswered(bus: Bus) -> None:
    """Accepted turns without a result, of the conversations asked for."""
    told = Told()
    async with bus.work(answer_all, finished=told):
        await bus.submit(accepted("t1"))
        await until(lambda: "t1" in told.turns)
    for turn, conversation in (("t2", "c1"), ("t3", "c1"), ("t4", "c2")):
        await bus.submit(accepted(turn, conversation))
    assert sorted(await bus.unanswered(["c1"])) == [("c1", "t2"), ("c1", "t3")]
    assert list(await bus.unanswered([])) == []


async def test_a_conversation_goes_on_after_it_was_erased(bus: Bus) -> None:
    """Whoever still has the window open begins anew; nothing old comes back."""
    await _use(bus)
    told = Told()
    async with bus.work(answer_all, finished=told):
        await bus.submit(accepted("t3"))
        await until(lambda: "t3" in told.turns)
        await bus.erase(["c1"])
        await bus.submit(accepted("t4"))
        await until(lambda: "t4" in told.turns)
    assert [each.turn.turn_id for each in await bus.results("c1")] == ["t4"]


async def test_nothing_is_left_on_the_disk(tmp_path: Path, nats_server: str) -> None:
    """The bytes are overwritten in the streams' files, while the server runs and after it has stopped."""
    folder = tmp_path / "nats"

    def found() -> set[str]:
        data = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        return {each for each in ("c1", "c2") if f"{MARK}-{each}".encode() in data}

    assert running_at(folder) is None
    async with embedded_server(folder, nats_server) as url:
        assert running_at(folder) == url
        async with open_bus(url, name="test", backoff=(0.01,) * 5) as bus:
            await _use(bus)
            assert found() == {"c1", "c2"}
            await bus.erase(["c1"])
            assert found() == {"c2"}
    assert found() == {"c2"}
    assert running_at(folder) is None
