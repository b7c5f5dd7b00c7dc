"""Processes are killed with -9; every turn still ends in one result and no finished step runs again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import nats
import pytest

from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from shared.agent import Agent
from shared.contracts import SCREEN, MessageScreened, ScreenMessage, TurnAccepted, TurnFinished
from shared.ports import Bus, Delivered
from tests.bus.actor import ACK_SECONDS, KEEP, STEPS
from tests.bus.sample import accepted, answer_all, nothing, screen, screened, until

TURNS = 200


class Company:
    """Child processes of a test, with what they wrote down."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[subprocess.Popen[bytes]] = []

    async def start(self, role: str, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        """The process, once it says that it is ready, and its notes."""
        log = self._folder / f"{role}-{len(self._children)}.log"
        first, *more = arguments
        child = self._spawn("-m", "tests.bus.actor", role, first, str(log), *more)
        await until(lambda: bool(lines(log)) and ("ready" in lines(log) or role == "server"))
        return child, log

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen([sys.executable, *arguments])
        self._children.append(child)
        return child

    def stop(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()


def lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    company = Company(tmp_path)
    yield company
    company.stop()


@pytest.fixture
async def open_one(url: str) -> AsyncIterator[Callable[[str], Awaitable[Bus]]]:
    async with AsyncExitStack() as stack:

        async def one(name: str) -> Bus:
            return await stack.enter_async_context(
                open_bus(url, name=name, keep=KEEP, ack_seconds=ACK_SECONDS)
            )

        yield one


async def stored(url: str, stream: str, prefix: str) -> list[str]:
    """Subjects in a stream, each with its messages counted in."""
    client = await nats.connect(url)
    try:
        info = await client.jsm().stream_info(stream, subjects_filter=">")
    finally:
        await client.close()
    subjects = info.state.subjects or {}
    return [subject.removeprefix(prefix) for subject, count in subjects.items() for _ in range(count)]


async def screen_counted(runs: Counter[str], ask: ScreenMessage) -> MessageScreened:
    runs[ask.step_id] += 1
    await asyncio.sleep(0.005)
    return screened(ask)


async def in_order(bus: Bus) -> bool:
    """Turn n went to conversation n % 40; each conversation has its results in that order."""
    found = [await bus.results(f"c{number}") for number in range(40)]
    numbers = [[int(each.turn.turn_id[1:]) for each in results] for results in found]
    return numbers == [list(range(number, TURNS, 40)) for number in range(40)]


async def test_an_agent_killed_in_the_middle_of_an_answer(
    url: str, open_one: Callable[[str], Awaitable[Bus]], company: Company
) -> None:
    """Its ask is given to the next agent within about the acknowledgement time, and answered."""
    bus = await open_one("caller")
    first, began = await company.start("hanging", url)
    asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=10))
    await until(lambda: "t1.screen" in lines(began))
    first.kill()
    _, log = await company.start("agent", url)
    assert (await asking).allowed
    assert lines(log) == ["ready", "t1.screen"]


async def test_an_agent_killed_during_many_turns(
    url: str, open_one: Callable[[str], Awaitable[Bus]], company: Company
) -> None:
    """No step that was answered before the kill runs again, and every ask is answered."""
    bus = await open_one("caller")
    first, began = await company.start("agent", url)
    asks = [screen(turn=f"t{n}", conversation=f"c{n}") for n in range(TURNS)]
    asking = [asyncio.create_task(bus.ask(SCREEN, ask, timeout=20)) for ask in asks]
    await until(lambda: len(lines(began)) > TURNS // 4)
    first.kill()
    first.wait()
    answered_before = {subject.split(".", 2)[2] for subject in await stored(url, "ANSWERS", "answer.")}
    _, log = await company.start("agent", url)
    answers = await asyncio.gather(*asking)
    assert [answer.step_id for answer in answers] == [ask.step_id for ask in asks]
    assert 0 < len(answered_before) < TURNS
    assert not answered_before & set(lines(log))


async def test_a_worker_killed_during_many_turns(
    url: str, open_one: Callable[[str], Awaitable[Bus]], company: Company
) -> None:
    """The next worker finishes every turn: one result each, in order, and no step is paid twice."""
    bus = await open_one("gateway")
    runs: Counter[str] = Counter()

    first, log = await company.start("worker", url)
    async with bus.serve(Agent("critic").answers(SCREEN, partial(screen_counted, runs))):
        for n in range(TURNS):
            await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n % 40}"))
        await until(lambda: len(lines(log)) > TURNS // 10)
        first.kill()
        assert len(await stored(url, "TURNS_OUT", "")) < TURNS
        await company.start("worker", url)
        for n in range(TURNS):

            async def has_result(n: int = n) -> bool:
                return await bus.result(f"c{n % 40}", f"t{n}") is not None

            await until(has_result, seconds=20)
    assert len(await stored(url, "TURNS_OUT", "")) == TURNS
    assert runs == Counter({f"t{n}.s{step}": 1 for n in range(TURNS) for step in range(STEPS)})
    assert await in_order(bus)


async def test_the_server_killed_during_many_turns(tmp_path: Path, nats_server: str) -> None:
    """Killed three times, the server comes back on its port: one result each, in order, no step twice."""
    runs: Counter[str] = Counter()
    watched: Counter[str] = Counter()
    folder = tmp_path / "nats"

    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url = await enter(embedded_server(folder, nats_server))
        gateway, agent, conversation = [
            await enter(open_bus(url, name=name, keep=KEEP, ack_seconds=ACK_SECONDS, concurrency=32))
            for name in ("gateway", "agent", "conversation")
        ]

        async def work(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
            for turn in turns:
                for step in range(STEPS):
                    ask = screen(turn.turn_id, turn.conversation_id, f"s{step}")
                    await conversation.ask(SCREEN, ask, timeout=20)
            return await answer_all(turns)

        async def watch() -> None:
            async with gateway.watch() as news:
                ready.set()
                async for each in news:
                    assert isinstance(each, Delivered)
                    watched[each.turn.turn_id] += 1

        def reached(enough: int) -> bool:
            return len(watched) >= enough

        ready = asyncio.Event()
        watching = asyncio.create_task(watch())
        await ready.wait()
        await enter(agent.serve(Agent("critic").answers(SCREEN, partial(screen_counted, runs))))
        await enter(conversation.work(work, finished=nothing))

        async def talk(conversation: int) -> None:
            for n in range(conversation, TURNS, 40):
                await gateway.submit(accepted(turn=f"t{n}", conversation=f"c{conversation}"))

        submitting = [asyncio.create_task(talk(conversation)) for conversation in range(40)]
        for enough in (TURNS // 10, TURNS // 3, 2 * TURNS // 3):
            await until(partial(reached, enough), seconds=20)
            os.kill(int((folder / "nats-server.pid").read_text()), signal.SIGKILL)
        await asyncio.gather(*submitting)
        await until(lambda: len(watched) == TURNS, seconds=20)
        watching.cancel()
        assert len(await stored(url, "TURNS_OUT", "")) == TURNS
        assert await in_order(gateway)
    assert set(watched.values()) == {1}
    assert runs == Counter({f"t{n}.s{step}": 1 for n in range(TURNS) for step in range(STEPS)})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
async def test_the_server_ends_with_who_started_it(
    tmp_path: Path, nats_server: str, company: Company
) -> None:
    """When the process that started nats-server is killed, nats-server goes too and frees the folder."""
    folder = tmp_path / "nats"
    parent, log = await company.start("server", str(folder), nats_server)
    await until(lambda: bool(lines(log)))
    pid = int((folder / "nats-server.pid").read_text())
    parent.kill()
    parent.wait()
    # A dead child of a dead parent may stay a zombie where no init collects it.
    stat = Path(f"/proc/{pid}/stat")
    await until(lambda: not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    async with embedded_server(folder, nats_server) as url, open_bus(url, name="after") as bus:
        await bus.ping()
