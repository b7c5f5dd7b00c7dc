"""What every bus promises of events: each listener hears each once; in memory and on a real nats-server."""

import pytest

from shared.contracts import FeedbackGiven
from shared.errors import StoreDown
from shared.ports import Bus
from tests.bus.sample import FEEDBACK, buried, feedback, until


async def test_every_listener_hears_every_event_once(bus: Bus) -> None:
    """The same key is stored once; each named listener hears it, also what was told before it came."""
    heard: dict[str, list[str]] = {"a": [], "b": []}

    async def a(body: FeedbackGiven) -> None:
        heard["a"].append(body.turn_id)

    async def b(body: FeedbackGiven) -> None:
        heard["b"].append(body.turn_id)

    await bus.publish(FEEDBACK, feedback(1), key="one two.*>")
    async with bus.listen(FEEDBACK, a, name="a"), bus.listen(FEEDBACK, b, name="b"):
        await bus.publish(FEEDBACK, feedback(1), key="one two.*>")
        await bus.publish(FEEDBACK, feedback(2), key="2")
        await until(lambda: len(heard["a"]) >= 2 and len(heard["b"]) >= 2)
    async with bus.listen(FEEDBACK, a, name="a"):
        await bus.publish(FEEDBACK, feedback(3), key="3")
        await until(lambda: len(heard["a"]) >= 3)
    assert sorted(heard["a"]) == ["t1", "t2", "t3"]
    assert sorted(heard["b"]) == ["t1", "t2"]


async def test_a_listener_that_fails_is_tried_again_then_dead_lettered(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    """A raising listener gets the event again while that may help, then it is a dead letter, and logged."""
    tries: list[str] = []

    async def listener(body: FeedbackGiven) -> None:
        tries.append(body.turn_id)
        if body.turn_id == "t1" or len(tries) < 3:
            raise StoreDown("the disk is full")

    async with bus.listen(FEEDBACK, listener, name="a"):
        await bus.publish(FEEDBACK, feedback(2), key="2")
        await until(lambda: len(tries) == 3)
        await bus.publish(FEEDBACK, feedback(1), key="1")
        await buried(bus, 1)
    assert tries == ["t2"] * 3 + ["t1"] * 6
    [dead] = await bus.dead_letters()
    assert "the disk is full" in dead.reason
    assert dead.subject.startswith("event.feedback.given.v1")
    (told,) = [each.getMessage() for each in caplog.records if each.getMessage().startswith("dead_letter")]
    assert told.startswith("dead_letter: StoreDown: the disk is full subject=event.feedback.given.v1")
