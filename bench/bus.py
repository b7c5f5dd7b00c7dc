"""Messages per second through our bus beside the bare nats-py floor, in one run: `python -m bench.bus`."""

import argparse
import asyncio
import gc
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import nats
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import RetentionPolicy, StorageType

from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from shared.agent import Agent
from shared.contracts import (
    SCREEN,
    Event,
    FeedbackGiven,
    MessageScreened,
    ScreenMessage,
    Sentence,
    TurnAccepted,
    TurnFinished,
)
from shared.ports import Bus, Delivered

AT_ONCE = 128
STEPS = 6
TEXT = "Where is my parcel? " * 20
"""About 400 letters: an ask is some 500 bytes on the wire."""


async def in_flight(count: int, act: Callable[[int], Awaitable[object]], at_once: int = AT_ONCE) -> float:
    """Seconds to do it `count` times, `at_once` side by side."""
    numbers = iter(range(count))

    async def one_after_another() -> None:
        for n in numbers:
            await act(n)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return time.perf_counter() - began


def turn(n: int, kind: str) -> TurnAccepted:
    """A customer's turn in a conversation of its own."""
    return TurnAccepted(conversation_id=f"{kind}c{n}", turn_id=f"{kind}t{n}", text=TEXT, accepted_at=0.0)


def screen(n: int, kind: str, step: int = 0) -> ScreenMessage:
    """An ask of that turn."""
    return ScreenMessage(
        conversation_id=f"{kind}c{n}", turn_id=f"{kind}t{n}", step_id=f"{kind}t{n}.s{step}", text=TEXT
    )


async def screened(ask: ScreenMessage) -> MessageScreened:
    """The agent that does nothing."""
    return MessageScreened(
        conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, allowed=True
    )


def finished(accepted: TurnAccepted) -> TurnFinished:
    """A result of the usual size."""
    return TurnFinished(
        conversation_id=accepted.conversation_id,
        turn_id=accepted.turn_id,
        finished_at=0.0,
        accepted_at=0.0,
        status="answered",
        sentences=(Sentence(text=TEXT),),
        intent=None,
        language="en",
    )


class Floor:
    """The same messages with nats-py alone: the JSON is a constant, nothing is checked, nothing recovers."""

    def __init__(self, client: Client) -> None:
        self._nc = client
        self._js = client.jetstream()
        self._data = json.dumps({"conversation_id": "c", "turn_id": "t", "text": TEXT}).encode()

    async def open(self) -> None:
        """Two streams on disk, one consumer that answers each ask, one inbox for the answers."""
        for name in ("FLOOR_A", "FLOOR_B"):
            await self._js.add_stream(
                name=name,
                subjects=[f"{name.lower()}.>"],
                storage=StorageType.FILE,
                retention=RetentionPolicy.LIMITS,
            )
        await self._js.add_consumer("FLOOR_A", durable_name="w", ack_policy="explicit", max_ack_pending=5000)
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._pulled = 0
        await self._nc.subscribe("pulled", cb=self._answer)
        await self._nc.subscribe("told.*", cb=self._told)
        await self._pull()

    async def _pull(self) -> None:
        await self._nc.publish(
            "$JS.API.CONSUMER.MSG.NEXT.FLOOR_A.w", b'{"batch":2000,"expires":60000000000}', reply="pulled"
        )

    async def _answer(self, msg: Msg) -> None:
        if msg.reply == "":
            return
        self._pulled += 1
        if self._pulled % 1000 == 0:
            await self._pull()
        asyncio.create_task(self._store(msg))  # noqa: RUF006  the floor keeps no books

    async def _store(self, msg: Msg) -> None:
        n = msg.subject.rsplit(".", 1)[1]
        await self._js.publish(f"floor_b.{n}", self._data)
        await msg.ack()
        await self._nc.publish(f"told.{n}", self._data)

    async def _told(self, msg: Msg) -> None:
        self._waiting.pop(msg.subject.rsplit(".", 1)[1]).set_result(None)

    async def publish(self, n: int) -> None:
        """One acknowledged message."""
        await self._js.publish(f"floor_b.x{n}", self._data)

    async def ask(self, n: int, step: int = 0) -> None:
        """Stored ask, pulled, stored answer, acknowledged, told to who waits."""
        name = f"{n}s{step}"
        self._waiting[name] = future = asyncio.get_running_loop().create_future()
        await self._js.publish(f"floor_a.{name}", self._data)
        await future

    async def turn(self, n: int) -> None:
        """Stored turn, six hops, stored result."""
        await self.publish(n)
        for step in range(STEPS):
            await self.ask(n + 1_000_000, step)
        await self.publish(n)


async def whole_turns(bus: Bus, count: int) -> float:
    """Seconds for that many turns through submit, work, six asks each, and the stored result."""
    done = 0
    all_done = asyncio.Event()

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        for step in range(STEPS):
            n = int(turns[0].turn_id.split("t")[1])
            await bus.ask(SCREEN, screen(n, "w", step), timeout=30)
        return [finished(each) for each in turns]

    async def told(delivered: Sequence[Delivered]) -> None:
        nonlocal done
        done += len(delivered)
        if done == count:
            all_done.set()

    async with bus.work(worker, finished=told):
        began = time.perf_counter()
        await in_flight(count, lambda n: bus.submit(turn(n, "w")))
        await all_done.wait()
        return time.perf_counter() - began


def line(what: str, unit: str, ours: float, floor: float) -> None:
    """One row of the table."""
    print(f"{what:<34} {ours:>9,.0f} {floor:>9,.0f} {ours / floor:>7.2f}  {unit}")


async def main(scale: float) -> None:
    """Run everything once on a server of its own and print ours, floor, ratio."""
    binary = shutil.which("nats-server") or "/usr/sbin/nats-server"
    event = Event("feedback.given.v1", FeedbackGiven)
    few, many, turns = int(3000 * scale), int(6000 * scale), int(600 * scale)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            embedded_server(Path(folder), binary) as url,
            open_bus(url, name="caller") as bus,
            open_bus(url, name="agent") as other,
            await nats.connect(url) as client,
            other.serve(Agent("critic").answers(SCREEN, screened)),
        ):
            floor = Floor(client)
            await floor.open()
            body = FeedbackGiven(conversation_id="c", turn_id="t", rating="up", given_at=0.0, comment=TEXT)
            print(f"{os.cpu_count()} cores; caller and agent in this process, nats-server beside it")
            print(f"{'':<34} {'ours':>9} {'floor':>9} {'ratio':>7}")
            gc.collect()
            stored = bare = await in_flight(many, floor.publish)
            ours = await in_flight(many, lambda n: bus.publish(event, body, key=str(n)))
            line("events stored", "messages/s", many / ours, many / bare)
            await bus.ask(SCREEN, screen(0, "warm"), timeout=10)
            bare = await in_flight(few, floor.ask)
            ours = await in_flight(few, lambda n: bus.ask(SCREEN, screen(n, "a"), timeout=30))
            line("asks answered", "asks/s", few / ours, few / bare)
            line("  as stored messages", "messages/s", 2 * few / ours, 2 * few / bare)
            cpu = time.process_time()
            bare = await in_flight(turns, floor.turn)
            bare_cpu = time.process_time() - cpu
            cpu = time.process_time()
            ours = await whole_turns(other, turns)
            ours_cpu = time.process_time() - cpu
            line(f"turns of {STEPS} asks", "turns/s", turns / ours, turns / bare)
            line("  as stored messages", "messages/s", 14 * turns / ours, 14 * turns / bare)
            line("  CPU of Python", "µs/turn", ours_cpu / turns * 1e6, bare_cpu / turns * 1e6)
            # Last, because nobody works on them.
            ours = await in_flight(many, lambda n: bus.submit(turn(n, "s")))
            line("turns submitted", "messages/s", many / ours, many / stored)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scale", type=float, default=1.0, help="more or fewer messages")
    uvloop.run(main(arguments.parse_args().scale))
