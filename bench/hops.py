"""The floor of the bus: the hops of a turn with nats-py alone, as processes like ours, no product code.

A turn is stored, pulled, asks four agents at once and two more one after the other, and ends in a stored
result; every ask and answer is stored in a stream on disk, as ours are. The payload is a constant, nothing
is checked, nothing recovers. `python -m bench.hops <role> <nats address> ...`.
"""

import argparse
import asyncio
import itertools
import signal
import time
from collections.abc import Awaitable, Callable

import msgspec
import nats
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RePublish, StorageType, StreamConfig

AT_ONCE = ("critic", "intent", "knowledge", "escalation")
THEN = ("response", "critic")
AGENTS = ("intent", "knowledge", "response", "critic", "escalation")
PAYLOAD = b'{"text": "' + b"x" * 700 + b'"}'
"""The mean of our own asks, answers, turns and results on the wire is 0.6 to 0.9 KB."""
_BATCH = 1000


class Ran(msgspec.Struct):
    """What the gateway's side of the floor measured; `cpu_seconds` is its own."""

    turns: int
    sent: int
    per_second: float
    cpu_seconds: float


async def make_streams(address: str) -> None:
    """Four streams on disk; answers and results are told to who listens, after storing."""
    client = await nats.connect(address)
    js = client.jetstream()
    for name, told in (("turn", False), ("ask", False), ("answer", True), ("out", True)):
        await js.add_stream(
            StreamConfig(
                name=f"FLOOR_{name}",
                subjects=[f"floor.{name}.>"],
                storage=StorageType.FILE,
                republish=RePublish(src=f"floor.{name}.>", dest=f"told.{name}.>") if told else None,
            )
        )
    await client.close()


class Waiters:
    """Futures by name, resolved by what the server tells."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def told(self, msg: Msg) -> None:
        """Somebody's answer."""
        waiting = self._waiting.pop(msg.subject.rsplit(".", 1)[1], None)
        if waiting is not None:
            waiting.set_result(None)

    def expect(self, name: str) -> "asyncio.Future[None]":
        """What resolves when `name` is told."""
        self._waiting[name] = waiting = asyncio.get_running_loop().create_future()
        return waiting


async def pulling(
    client: Client,
    js: JetStreamContext,
    stream: str,
    name: str,
    subject: str,
    work: Callable[[Msg], Awaitable[None]],
) -> None:
    """A standing pull: the next batch is asked for when half of this one has come."""
    await js.add_consumer(
        stream, ConsumerConfig(durable_name=name, filter_subject=subject, max_ack_pending=2 * _BATCH)
    )
    inbox = client.new_inbox()
    came = itertools.count(1)
    running: set[asyncio.Task[None]] = set()

    async def more() -> None:
        order = b'{"batch": %d, "expires": 300000000000}' % (_BATCH // 2)
        await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", order, reply=inbox)

    async def arrived(msg: Msg) -> None:
        if not msg.reply:
            return  # a status line of the server
        task = asyncio.ensure_future(work(msg))
        running.add(task)
        task.add_done_callback(running.discard)
        if next(came) % (_BATCH // 2) == 0:
            await more()

    await client.subscribe(inbox, cb=arrived)
    await more()
    await more()


async def agent(client: Client, js: JetStreamContext, name: str) -> None:
    """Answers each ask."""

    async def answer(msg: Msg) -> None:
        await js.publish(f"floor.answer.{msg.subject.rsplit('.', 1)[1]}", PAYLOAD)
        await msg.ack()

    await pulling(client, js, "FLOOR_ask", name, f"floor.ask.{name}.>", answer)


async def conversation(client: Client, js: JetStreamContext) -> None:
    """Works on each turn: four asks at once, two more, the result."""
    waiters = Waiters()
    await client.subscribe("told.answer.>", cb=waiters.told)
    steps = itertools.count()

    async def ask(agent_name: str) -> None:
        step = f"s{next(steps)}"
        answered = waiters.expect(step)
        await js.publish(f"floor.ask.{agent_name}.{step}", PAYLOAD)
        await answered

    async def work(msg: Msg) -> None:
        await asyncio.gather(*(ask(name) for name in AT_ONCE))
        for name in THEN:
            await ask(name)
        await js.publish(f"floor.out.{msg.subject.rsplit('.', 1)[1]}", PAYLOAD)
        await msg.ack()

    await pulling(client, js, "FLOOR_turn", "conversation", "floor.turn.>", work)


async def gateway(client: Client, js: JetStreamContext, *, at_once: int, seconds: float, warm: float) -> Ran:
    """Submits turns, `at_once` side by side, and waits for each result."""
    waiters = Waiters()
    await client.subscribe("told.out.>", cb=waiters.told)
    cpu = time.process_time()
    begin = time.perf_counter() + warm
    end = begin + seconds
    numbers = itertools.count()
    measured = 0

    async def customer() -> None:
        nonlocal measured
        while time.perf_counter() < end:
            turn = f"t{next(numbers)}"
            answered = waiters.expect(turn)
            await js.publish(f"floor.turn.{turn}", PAYLOAD)
            await answered
            measured += begin <= time.perf_counter() <= end

    await asyncio.gather(*(customer() for _ in range(at_once)))
    return Ran(measured, next(numbers), round(measured / seconds, 1), time.process_time() - cpu)


async def run(role: str, address: str, *, at_once: int, seconds: float, warm: float) -> None:
    """One process of the floor: agents and conversation serve until Ctrl-C, the gateway ends by itself."""
    client = await nats.connect(address)
    js = client.jetstream()
    if role == "gateway":
        ran = await gateway(client, js, at_once=at_once, seconds=seconds, warm=warm)
        print(msgspec.json.encode(ran).decode())
        await client.close()
        return
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    if role == "conversation":
        await conversation(client, js)
    else:
        await agent(client, js, role)
    print(f"{role}: ready", flush=True)
    await stop.wait()
    await client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("gateway", "conversation", *AGENTS))
    parser.add_argument("address")
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=1)
    said = parser.parse_args()
    uvloop.run(run(said.role, said.address, at_once=said.at_once, seconds=said.seconds, warm=said.warm))
