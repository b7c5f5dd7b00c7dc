"""A chain of engines: who is asked, who answers, what is told of the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.adapters.breaker import Breaker
from shared.adapters.fallback import JudgeChain, Link, UnderstandingChain, WriterChain
from shared.adapters.scripted import ScriptedModel
from shared.contracts import (
    ClassifyIntent,
    IntentClassified,
    JudgeReply,
    ScreenMessage,
    Usage,
    WriteReply,
)
from shared.errors import ModelDeclined, ModelDown, ModelFailed, ModelRefused
from tests.clock import Clock

IDS: dict[str, Any] = {"conversation_id": "c-1", "turn_id": "t-1", "step_id": "t-1.step"}
ASK = ClassifyIntent(**IDS, text="ORDER_STATUS #1001")


@dataclass
class Remote:
    """An engine that fails as told, then answers; counts how often it was asked."""

    errors: list[ModelFailed] = field(default_factory=list)
    delay: float = 0.0
    asked: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        self.asked += 1
        self.reached.set()
        await asyncio.sleep(self.delay)
        if self.errors:
            raise self.errors.pop(0)
        return await ScriptedModel().classify(ask)


def failing(error: ModelFailed, *, tokens: int = 0) -> ModelFailed:
    error.usages = (Usage(engine="remote", model="big", input_tokens=tokens),) if tokens else ()
    return error


def chain(*remotes: Remote, time: Clock | None = None, deadline_s: float = 5.0) -> UnderstandingChain:
    """The remotes, each with a breaker that opens at two failures and rests for ten seconds, then a local."""
    now = (time or Clock(0.0)).now
    links = [
        Link(f"remote {n}", remote, Breaker(failures=2, rest_s=10, now=now))
        for n, remote in enumerate(remotes)
    ]
    return UnderstandingChain([*links, Link("local", ScriptedModel())], deadline_s=deadline_s)


async def test_the_first_answers_alone() -> None:
    """Nobody else is asked, nothing else is told."""
    first, second = Remote(), Remote()
    found = await chain(first, second).classify(ASK)
    assert (first.asked, second.asked, found.tried) == (1, 0, ())


@pytest.mark.parametrize("error", [ModelDown("gone"), ModelRefused("unusable")])
async def test_the_next_answers_when_one_fails(error: ModelFailed) -> None:
    """What the failed one took stands in `tried`; the answer's own usage is its engine's."""
    second = Remote()
    found = await chain(Remote([failing(error, tokens=70)]), second).classify(ASK)
    assert second.asked == 1
    assert [usage.tokens for usage in found.tried] == [70]
    assert found.usage.engine == "scripted"


async def test_what_is_declined_goes_to_the_local_engine() -> None:
    """A filter of the next deployment would strike as well: it is not asked."""
    second = Remote()
    found = await chain(Remote([failing(ModelDeclined("filtered"), tokens=9)]), second).classify(ASK)
    assert second.asked == 0
    assert [usage.tokens for usage in found.tried] == [9]


async def test_nobody_answers() -> None:
    """The last error is raised, with what all of them took."""
    links = [
        Link("a", Remote([failing(ModelDown("a"), tokens=1)]), Breaker(failures=2, rest_s=1)),
        Link("b", Remote([failing(ModelDown("b"), tokens=2)]), Breaker(failures=2, rest_s=1)),
    ]
    with pytest.raises(ModelDown, match="b") as failed:
        await UnderstandingChain(links, deadline_s=1).classify(ASK)
    assert [usage.tokens for usage in failed.value.usages] == [1, 2]


async def test_a_dead_engine_is_left_alone_until_it_has_rested() -> None:
    """Two failures open its breaker; after the rest one probe is made, and a good one closes it."""
    time, dead = Clock(0.0), Remote([ModelDown("gone") for _ in range(3)])
    asked = chain(dead, time=time)
    for _ in range(5):
        await asked.classify(ASK)
    assert dead.asked == 2
    time.at = 10.0
    await asked.classify(ASK)  # the probe fails
    await asked.classify(ASK)
    assert dead.asked == 3
    time.at = 20.0
    for _ in range(2):
        found = await asked.classify(ASK)
    assert (dead.asked, found.tried) == (5, ())


async def test_what_customers_write_opens_no_breaker() -> None:
    """Filtered and unusable answers come from a service that lives."""
    alive = Remote([ModelDeclined("filtered"), ModelRefused("unusable"), ModelDeclined("filtered")])
    asked = chain(alive)
    for _ in range(4):
        await asked.classify(ASK)
    assert alive.asked == 4


async def test_one_probe_at_a_time_and_a_cancelled_one_makes_room() -> None:
    """While a probe runs the others go past; when it is cancelled the next may probe."""
    time = Clock(0.0)
    breaker = Breaker(failures=1, rest_s=10, now=time.now)
    assert breaker.admits()
    breaker.report(alive=False)
    time.at = 11.0
    slow = Remote(delay=60)
    asked = UnderstandingChain([Link("slow", slow, breaker), Link("local", ScriptedModel())], deadline_s=90)
    probe = asyncio.create_task(asked.classify(ASK))
    await slow.reached.wait()
    await asked.classify(ASK)
    assert slow.asked == 1
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert breaker.admits()


async def test_the_deadline_holds_over_all_engines() -> None:
    """An engine that would take longer is cut off, and the local one still answers."""
    slow = Remote(delay=60)
    async with asyncio.timeout(30):
        found = await chain(slow, Remote(delay=60), deadline_s=0.05).classify(ASK)
    assert found.usage.engine == "scripted"
    assert slow.asked == 1


async def test_every_skill_has_its_chain() -> None:
    """Writing, screening and judging go the same way."""
    links = [Link("local", ScriptedModel())]
    reply = await WriterChain(links, deadline_s=1).write(
        WriteReply(**IDS, text="Hi", language="en", topics=())
    )
    judge = JudgeChain(links, deadline_s=1)
    assert (await judge.screen(ScreenMessage(**IDS, text="Hi"))).allowed
    ask = JudgeReply(**IDS, sentences=reply.sentences, language="en", text="Hi")
    assert (await judge.judge(ask)).passed
