"""What every bus promises of dead letters: put back once, to who gave up; in memory and on a real server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from shared import telemetry
from shared.agent import Agent
from shared.contracts import SCREEN, FeedbackGiven, TurnAccepted, TurnFinished
from shared.errors import AskFailed, BadMessage, NotNow
from shared.ports import Bus, DeadLetter
from tests.bus.sample import FEEDBACK, Screener, Told, accepted, answer_all, buried, feedback, screen, until
from tests.telemetry.recorded import recording


class Worker:
    """Fails as a bug does, until it is mended; notes the trace each turn ran in."""

    def __init__(self) -> None:
        self.mended = False
        self.traces: list[str] = []

    async def __call__(self, turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        self.traces.append(telemetry.trace_id())
        if not self.mended:
            raise BadMessage("a bug\r\nDesk-By: somebody")
        return await answer_all(turns)


async def only(bus: Bus) -> DeadLetter:
    """The one dead letter there is."""
    await buried(bus, 1)
    [letter] = await bus.dead_letters()
    return letter


async def test_a_turn_is_put_back_with_its_trace(bus: Bus) -> None:
    """It fails again as another letter, however soon; once the bug is mended it is answered."""
    worker, told = Worker(), Told()
    async with bus.work(worker, finished=told):
        with recording(), telemetry.root("turn"):
            sent = telemetry.trace_id()
            await bus.submit(accepted())
        first = await only(bus)
        assert (first.kind, first.conversation_id, first.by) == ("turn", "c1", "conversation")
        assert first.reason == "BadMessage: a bug Desk-By: somebody" or bus.kind == "memory"
        assert await bus.resend(first.id)
        await until(lambda: len(worker.traces) == 2)
        again = await only(bus)
        assert again.id != first.id
        assert not await bus.resend(first.id)
        worker.mended = True
        assert await bus.resend(again.id)
        await until(lambda: told.turns == ["t1"])
        assert await bus.dead_letters() == ()
    assert worker.traces == [sent] * 3


async def test_of_two_who_resend_one_wins(bus: Bus) -> None:
    """Both click at once: it is put back once, and one of them is told so."""
    worker, told = Worker(), Told()
    async with bus.work(worker, finished=told):
        await bus.submit(accepted())
        letter = await only(bus)
        worker.mended = True
        won = await asyncio.gather(*(bus.resend(letter.id) for _ in range(4)))
        assert sorted(won) == [False, False, False, True]
        await until(lambda: told.turns == ["t1"])
        await bus.submit(accepted("t2"))
        await until(lambda: "t2" in told.turns)
    assert (told.turns, len(worker.traces)) == (["t1", "t2"], 3)


async def test_an_event_comes_back_to_who_gave_it_up(bus: Bus) -> None:
    """Each that gave up has a letter of its own; the others, who handled it, do not hear it again."""
    heard: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    bad = {"a", "b"}

    def listener(name: str) -> Callable[[FeedbackGiven], Awaitable[None]]:
        async def hear(body: FeedbackGiven) -> None:
            heard[name].append(body.turn_id)
            if name in bad:
                raise BadMessage("a bug")

        return hear

    async with AsyncExitStack() as stack:
        for name in heard:
            await stack.enter_async_context(bus.listen(FEEDBACK, listener(name), name=name))
        await bus.publish(FEEDBACK, feedback(1), key="1")
        await buried(bus, 2)
        await until(lambda: heard["c"] == ["t1"])
        letters = {each.by: each for each in await bus.dead_letters()}
        mine = letters["a-feedback-given-v1"]
        assert (mine.kind, mine.conversation_id) == ("event", "c1")
        bad.clear()
        assert await bus.resend(mine.id)
        await until(lambda: heard["a"] == ["t1", "t1"])
        # What follows is heard after it, so nobody else has it on the way.
        await bus.publish(FEEDBACK, feedback(2), key="2")
        await until(lambda: all("t2" in each for each in heard.values()))
        assert [each.by for each in await bus.dead_letters()] == ["b-feedback-given-v1"]
    assert heard == {"a": ["t1", "t1", "t2"], "b": ["t1", "t2"], "c": ["t1", "t2"]}


async def test_an_ask_is_not_put_back(bus: Bus) -> None:
    """Nobody waits for its answer any more; it can be taken out."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener(BadMessage("a bug")))):
        with pytest.raises(AskFailed):
            await bus.ask(SCREEN, screen(), timeout=20)
        letter = await only(bus)
        assert (letter.kind, letter.by) == ("ask", "critic-screen-v1")
        with pytest.raises(NotNow, match="nobody waits"):
            await bus.resend(letter.id)
        assert len(await bus.dead_letters()) == 1
        assert await bus.discard(letter.id)
        assert not await bus.discard(letter.id)
    assert await bus.dead_letters() == ()


async def test_what_is_no_letter_is_not_put_back(bus: Bus) -> None:
    """A page that is old, or an id that somebody made up."""
    for letter in ("", "0", "7", "x", "1-0", "9" * 40, "1-1-1", "٣"):
        assert await bus.dead_letter(letter) is None
        assert not await bus.resend(letter)
        assert not await bus.discard(letter)


async def test_letters_are_read_page_by_page(bus: Bus) -> None:
    """Oldest first, behind the last one of the page before."""
    async with bus.work(Worker(), finished=Told()):
        for n in range(5):
            await bus.submit(accepted(f"t{n}", f"c{n}"))
        await buried(bus, 5)
    every = list(await bus.dead_letters())
    assert await bus.dead_letter(every[3].id) == every[3]
    page = list(await bus.dead_letters(limit=2))
    assert page == every[:2]
    assert list(await bus.dead_letters(after=page[-1].id, limit=2)) == every[2:4]
    assert list(await bus.dead_letters(after=every[-1].id)) == []
