"""What every bus promises of asks: the right answer once, or why not; in memory and on a real nats-server."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from shared import telemetry
from shared.agent import Agent
from shared.contracts import (
    CLASSIFY,
    SCREEN,
    ClassifyIntent,
    IntentClassified,
    MessageScreened,
    ScreenMessage,
)
from shared.errors import AskFailed, DeskError, ModelDown, ModelRefused, VendorGone
from shared.metrics import Meters, counting
from shared.ports import Bus
from shared.telemetry.flags import OURS
from tests.bus.sample import Screener, classified, classify, screen, screened
from tests.telemetry.recorded import recording


async def test_an_ask_is_answered_by_the_agent_that_serves_the_call(bus: Bus) -> None:
    """An ask comes back with the answer of the handler tied to its call."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        answer = await bus.ask(SCREEN, screen(), timeout=20)
    assert answer == screened(screen())


async def test_asks_of_many_conversations_find_their_own_answers(bus: Bus) -> None:
    """Two hundred asks at once over two calls: each gets its own answer."""

    async def label(ask: ScreenMessage) -> MessageScreened:
        await asyncio.sleep(0)
        return screened(ask)

    async with bus.serve(Agent("critic").answers(SCREEN, label)):
        asks = [screen(turn=f"t{n}", conversation=f"c{n % 50}") for n in range(200)]
        answers = await asyncio.gather(*(bus.ask(SCREEN, ask, timeout=10) for ask in asks))
    assert [answer.step_id for answer in answers] == [ask.step_id for ask in asks]


async def test_the_same_step_is_answered_once(bus: Bus) -> None:
    """Asking a step again, at the same time or later, gives the stored answer and runs nothing."""
    handler = Screener()
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        await asyncio.gather(*(bus.ask(SCREEN, screen(), timeout=20) for _ in range(5)))
        await bus.ask(SCREEN, screen(), timeout=20)
    assert handler.asked == ["t1.screen"]


async def test_an_answered_step_needs_no_agent_any_more(bus: Bus) -> None:
    """The stored answer is found while nobody serves the call."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        first = await bus.ask(SCREEN, screen(), timeout=20)
    assert await bus.ask(SCREEN, screen(), timeout=20) == first


async def test_an_ask_waits_for_its_agent_to_come(bus: Bus) -> None:
    """An ask sent before the agent serves is answered when it does."""
    asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=20))
    await asyncio.sleep(0)
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        assert (await asking).allowed


async def test_no_answer_in_time_is_a_failure_that_may_be_tried_again(bus: Bus) -> None:
    """Without an agent, `ask` ends at its deadline with kind timeout and retry; who asked counts it."""
    registry = CollectorRegistry()
    with counting(Meters(registry)), pytest.raises(AskFailed) as failed:
        await bus.ask(SCREEN, screen(), timeout=0.2)
    assert (failed.value.kind, failed.value.retry) == ("timeout", True)
    assert registry.get_sample_value("desk_asks_failed_total", {"reason": "timeout"}) == 1


async def test_a_passing_failure_is_tried_again(bus: Bus) -> None:
    """An error that says retry is followed by another try; the asker sees only the answer."""
    handler = Screener(ModelDown("busy"), ModelDown("busy"))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        assert (await bus.ask(SCREEN, screen(), timeout=20)).allowed
    assert len(handler.asked) == 3
    assert await bus.dead_letters() == ()


@pytest.mark.parametrize("error", [ModelRefused("the filter said no"), VendorGone("shopify", "no answer")])
async def test_a_lasting_failure_is_told_at_once_and_counted(
    bus: Bus, error: DeskError, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that says no retry becomes a problem for the asker, who deals with it: no dead letter."""
    handler, registry, kind = Screener(error), CollectorRegistry(), type(error).__name__
    with counting(Meters(registry)), recording() as spans, telemetry.root("turn"):
        async with bus.serve(Agent("critic").answers(SCREEN, handler)):
            with pytest.raises(AskFailed, match=str(error)) as failed:
                await bus.ask(SCREEN, screen(), timeout=20)
        assert OURS.why(telemetry.trace_id()) == "given_up"
    assert (failed.value.kind, failed.value.retry) == (kind, False)
    assert await bus.dead_letters() == ()
    assert len(handler.asked) == 1
    assert registry.get_sample_value("desk_asks_failed_total", {"reason": kind}) == 1
    assert [span.error for span in spans.spans if span.name == "invoke_agent critic"] == [kind]
    assert f"ask_failed: {kind}: {error} subject=critic.screen.v1" in caplog.text


async def test_tries_end(bus: Bus) -> None:
    """A failure that never passes is given up after six tries."""
    handler = Screener(*(ModelDown("busy") for _ in range(20)))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        with pytest.raises(AskFailed) as failed:
            await bus.ask(SCREEN, screen(), timeout=10)
    assert (failed.value.kind, failed.value.retry) == ("ModelDown", False)
    assert len(handler.asked) == 6
    assert await bus.dead_letters() == ()


async def test_a_bug_in_a_handler_does_not_tell_its_text(bus: Bus) -> None:
    """It is not repeated, its message, which may quote a customer, stays home; a dead letter tells of it."""
    handler, registry = Screener(KeyError("grandma@example.org")), CollectorRegistry()
    with counting(Meters(registry)):
        async with bus.serve(Agent("critic").answers(SCREEN, handler)):
            with pytest.raises(AskFailed) as failed:
                await bus.ask(SCREEN, screen(), timeout=20)
    [dead] = await bus.dead_letters()
    assert (dead.subject, b"t1.screen" in dead.data, dead.at > 0) == ("ask.critic.screen.v1", True, True)
    assert registry.get_sample_value("desk_asks_failed_total", {"reason": "bug"}) == 1
    assert failed.value.kind == "KeyError"
    assert "grandma" not in str(failed.value) + dead.reason
    assert len(handler.asked) == 1


async def test_leaving_serve_lets_running_handlers_finish(bus: Bus) -> None:
    """A handler that runs when its agent stops ends, and its answer is kept."""
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(ask: ScreenMessage) -> MessageScreened:
        started.set()
        await go.wait()
        return screened(ask)

    async with bus.serve(Agent("critic").answers(SCREEN, slow)):
        asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=20))
        await started.wait()
        asyncio.get_running_loop().call_later(0.05, go.set)
    assert (await asking).allowed


async def test_a_step_shared_by_two_calls_is_answered_by_each(bus: Bus) -> None:
    """The answer of one call is never handed out as another's."""

    async def understand(ask: ClassifyIntent) -> IntentClassified:
        return classified(ask)

    agent = Agent("both").answers(SCREEN, Screener()).answers(CLASSIFY, understand)
    async with bus.serve(agent):
        await bus.ask(SCREEN, screen(step="same"), timeout=20)
        assert isinstance(await bus.ask(CLASSIFY, classify(step="same"), timeout=20), IntentClassified)
