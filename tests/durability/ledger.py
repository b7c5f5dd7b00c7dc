"""What was asked, answered and paid for, read from the streams and from the scripted model's own log."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import nats
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

from tests.processes import System

_READ_SECONDS = 10.0


@dataclass(frozen=True)
class Mark:
    """Where streams and log stood when a test began."""

    asks: int
    answers: int
    calls: int


@dataclass(frozen=True)
class Ledger:
    """By step (`<turn>.<step>`): when its ask and its answer were stored, how often a model was called."""

    asked: dict[str, float]
    answered: dict[str, float]
    calls: Counter[str]

    def finished(self, before: float) -> set[str]:
        """Steps whose answer was stored by then."""
        return {step for step, at in self.answered.items() if at < before}

    def in_flight(self, at: float) -> set[str]:
        """Steps that were asked and not yet answered at that time."""
        asked = {step for step, when in self.asked.items() if when < at}
        return asked - self.finished(at)

    @property
    def repeated(self) -> set[str]:
        """Steps a model was called for more than once."""
        return {step for step, times in self.calls.items() if times > 1}


async def mark(system: System) -> Mark:
    """Here begins what `read` gives."""
    async with _jetstream(system) as js:
        asks, answers = [(await js.stream_info(name)).state.last_seq for name in ("ASKS", "ANSWERS")]
    return Mark(asks, answers, len(_lines(system)))


async def read(system: System, since: Mark) -> Ledger:
    """Everything since the mark."""
    async with _jetstream(system) as js:
        asked: dict[str, float] = {}
        async for msg in _messages(js, "ASKS", "ask.>", since.asks):
            # The id of an ask is `<call>.<partition>.<conversation>.<turn>.<step>`.
            step = (msg.headers or {})["Nats-Msg-Id"].split(".", 3)[3]
            asked.setdefault(step, msg.metadata.timestamp.timestamp())
        answered = {
            msg.subject.split(".", 4)[4]: msg.metadata.timestamp.timestamp()
            async for msg in _messages(js, "ANSWERS", "answer.>", since.answers)
        }
    return Ledger(asked, answered, Counter(_lines(system)[since.calls :]))


def _lines(system: System) -> list[str]:
    return [line.split(" ", 1)[1] for line in system.calls.read_text("ascii").splitlines()]


@asynccontextmanager
async def _jetstream(system: System) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(system.root_url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def _messages(js: JetStreamContext, stream: str, subject: str, after: int) -> AsyncIterator[Msg]:
    last = (await js.stream_info(stream)).state.last_seq
    if last <= after:
        return
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1, headers_only=True
    )
    subscription = await js.subscribe(subject, stream=stream, ordered_consumer=True, config=config)
    while True:
        msg = await subscription.next_msg(_READ_SECONDS)
        yield msg
        if msg.metadata.sequence.stream >= last:
            return
