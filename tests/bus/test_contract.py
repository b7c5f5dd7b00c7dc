"""What every bus promises, proved on the one in memory and on a real nats-server."""

import asyncio
from collections.abc import Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from shared.agent import Agent
from shared.contracts import (
    CLASSIFY,
    SCREEN,
    FeedbackGiven,
    MessageScreened,
    ScreenMessage,
    TurnAccepted,
    TurnFinished,
    TurnProgress,
)
from shared.errors import AskFailed, BadMessage, ModelDown, ModelRefused, StoreDown
from shared.ports import Bus, Delivered
from tests.bus.conftest import Desk
from tests.bus.sample import (
    FEEDBACK,
    accepted,
    answer_all,
    answered,
    classify,
    feedback,
    nothing,
    screen,
    screened,
    until,
)


class Screener:
    """A handler that counts, and fails as often as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked: list[str] = []

    async def __call__(self, ask: ScreenMessage) -> MessageScreened:
        self.asked.append(ask.step_id)
        if self.errors:
            raise self.errors.pop(0)
        return screened(ask)


async def test_an_ask_is_answered_by_the_agent_that_serves_the_call(bus: Bus) -> None:
    """An ask comes back with the answer of the handler tied to its call."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        answer = await bus.ask(SCREEN, screen(), timeout=5)
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
        await asyncio.gather(*(bus.ask(SCREEN, screen(), timeout=5) for _ in range(5)))
        await bus.ask(SCREEN, screen(), timeout=5)
    assert handler.asked == ["t1.screen"]


async def test_an_answered_step_needs_no_agent_any_more(bus: Bus) -> None:
    """The stored answer is found while nobody serves the call."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        first = await bus.ask(SCREEN, screen(), timeout=5)
    assert await bus.ask(SCREEN, screen(), timeout=1) == first


async def test_an_ask_waits_for_its_agent_to_come(bus: Bus) -> None:
    """An ask sent before the agent serves is answered when it does."""
    asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=5))
    await asyncio.sleep(0)
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        assert (await asking).allowed


async def test_no_answer_in_time_is_a_failure_that_may_be_tried_again(bus: Bus) -> None:
    """Without an agent, `ask` ends at its deadline with kind timeout and retry."""
    with pytest.raises(AskFailed) as failed:
        await bus.ask(SCREEN, screen(), timeout=0.2)
    assert (failed.value.kind, failed.value.retry) == ("timeout", True)


async def test_a_passing_failure_is_tried_again(bus: Bus) -> None:
    """An error that says retry is followed by another try; the asker sees only the answer."""
    handler = Screener(ModelDown("busy"), ModelDown("busy"))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        assert (await bus.ask(SCREEN, screen(), timeout=5)).allowed
    assert len(handler.asked) == 3
    assert await bus.dead_letters() == ()


async def test_a_lasting_failure_is_told_at_once_and_dead_lettered(bus: Bus) -> None:
    """An error that says no retry becomes a problem for the asker and a dead letter with the reason."""
    handler = Screener(ModelRefused("the filter said no"))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        with pytest.raises(AskFailed, match="the filter said no") as failed:
            await bus.ask(SCREEN, screen(), timeout=5)
    assert (failed.value.kind, failed.value.retry) == ("ModelRefused", False)
    [dead] = await bus.dead_letters()
    assert dead.subject == "ask.critic.screen.v1"
    assert "the filter said no" in dead.reason
    assert b"t1.screen" in dead.data
    assert dead.at > 0
    assert len(handler.asked) == 1


async def test_tries_end(bus: Bus) -> None:
    """A failure that never passes is given up after six tries, with one dead letter."""
    handler = Screener(*(ModelDown("busy") for _ in range(20)))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        with pytest.raises(AskFailed) as failed:
            await bus.ask(SCREEN, screen(), timeout=10)
    assert (failed.value.kind, failed.value.retry) == ("ModelDown", False)
    assert len(handler.asked) == 6
    assert len(await bus.dead_letters()) == 1


async def test_a_bug_in_a_handler_does_not_tell_its_text(bus: Bus) -> None:
    """An unforeseen exception is not repeated, and its message, which may quote a customer, stays home."""
    handler = Screener(KeyError("grandma@example.org"))
    async with bus.serve(Agent("critic").answers(SCREEN, handler)):
        with pytest.raises(AskFailed) as failed:
            await bus.ask(SCREEN, screen(), timeout=5)
    [dead] = await bus.dead_letters()
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
        asking = asyncio.create_task(bus.ask(SCREEN, screen(), timeout=5))
        await started.wait()
        asyncio.get_running_loop().call_later(0.05, go.set)
    assert (await asking).allowed


@pytest.mark.parametrize("hostile", ["", "a.b", "a b", "*", ">", "a\r\nPUB x 0", "é", "x" * 129])
async def test_a_hostile_id_reaches_no_subject(bus: Bus, hostile: str) -> None:
    """Ids that could address another conversation are refused wherever they come in."""
    with pytest.raises(BadMessage):
        await bus.ask(SCREEN, screen(conversation=hostile), timeout=1)
    with pytest.raises(BadMessage):
        await bus.submit(accepted(conversation=hostile))
    with pytest.raises(BadMessage):
        await bus.submit(accepted(turn=hostile))
    with pytest.raises(BadMessage):
        await bus.progress(TurnProgress(conversation_id=hostile, turn_id="t1", stage="writing"))
    with pytest.raises(BadMessage):
        await bus.results(hostile)


async def test_a_step_shared_by_two_calls_is_an_error_not_a_wrong_answer(bus: Bus) -> None:
    """An answer of another type is refused instead of being handed out."""
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        await bus.ask(SCREEN, screen(step="same"), timeout=5)
    with pytest.raises(BadMessage):
        await bus.ask(CLASSIFY, classify(step="same"), timeout=5)


async def test_the_trace_goes_along(bus: Bus) -> None:
    """A handler and a worker run inside the trace of who asked."""
    seen: list[int] = []

    async def handler(ask: ScreenMessage) -> MessageScreened:
        seen.append(trace.get_current_span().get_span_context().trace_id)
        return screened(ask)

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        seen.append(trace.get_current_span().get_span_context().trace_id)
        await bus.ask(SCREEN, screen(turns[0].turn_id), timeout=5)
        return await answer_all(turns)

    tracer = TracerProvider().get_tracer("test")
    done = asyncio.Event()

    async def finished(_: Sequence[Delivered]) -> None:
        done.set()

    async with bus.serve(Agent("critic").answers(SCREEN, handler)), bus.work(worker, finished=finished):
        with tracer.start_as_current_span("turn") as span:
            await bus.submit(accepted())
        await asyncio.wait_for(done.wait(), 5)
    assert seen == [span.get_span_context().trace_id] * 2


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


async def test_a_listener_that_fails_is_tried_again_then_dead_lettered(bus: Bus) -> None:
    """A raising listener gets the event again while that may help, then it becomes a dead letter."""
    tries: list[str] = []

    async def listener(body: FeedbackGiven) -> None:
        tries.append(body.turn_id)
        if body.turn_id == "t1" or len(tries) < 3:
            raise StoreDown("the disk is full")

    async with bus.listen(FEEDBACK, listener, name="a"):
        await bus.publish(FEEDBACK, feedback(2), key="2")
        await until(lambda: len(tries) == 3)
        await bus.publish(FEEDBACK, feedback(1), key="1")

        async def buried() -> bool:
            return len(await bus.dead_letters()) == 1

        await until(buried)
    assert tries == ["t2"] * 3 + ["t1"] * 6
    [dead] = await bus.dead_letters()
    assert "the disk is full" in dead.reason
    assert dead.subject.startswith("event.feedback.given.v1")


async def test_a_turn_gets_its_one_result(bus: Bus) -> None:
    """A submitted turn is worked on, its result stored, told to `finished` and found again."""
    told: list[Delivered] = []
    done = asyncio.Event()

    async def finished(delivered: Sequence[Delivered]) -> None:
        told.extend(delivered)
        done.set()

    assert await bus.result("c1", "t1") is None
    async with bus.work(answer_all, finished=finished):
        await bus.submit(accepted())
        await asyncio.wait_for(done.wait(), 5)
    assert await bus.result("c1", "t1") == told[0]
    assert await bus.results("c1") == (told[0],) or await bus.results("c1") == [told[0]]
    assert await bus.results("c1", after=told[0].seq) in ((), [])
    assert await bus.result("c1", "t2") is None
    assert told[0].turn.reply == "done"


async def test_the_same_turn_is_worked_on_once(bus: Bus) -> None:
    """Submitting a turn again, before and after it was answered, changes nothing."""
    worked: list[str] = []

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        worked.extend(turn.turn_id for turn in turns)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        await bus.submit(accepted())
        await bus.submit(accepted())
        await until(lambda: bool(worked))
        await bus.submit(accepted())
        await bus.submit(accepted(turn="t2"))
        await until(lambda: "t2" in worked)
    assert worked == ["t1", "t2"]


async def test_a_turn_waits_for_its_worker(bus: Bus) -> None:
    """What was submitted while nobody works is answered when somebody does."""
    for n in range(20):
        await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n}"))
    done: set[str] = set()

    async def finished(delivered: Sequence[Delivered]) -> None:
        done.update(each.turn.turn_id for each in delivered)

    async with bus.work(answer_all, finished=finished):
        await until(lambda: len(done) == 20)


async def test_a_burst_is_answered_together_and_in_order(bus: Bus) -> None:
    """Turns that come while one of their conversation runs are passed together, in order, afterwards."""
    bursts: list[list[str]] = []
    started, go = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        bursts.append([turn.turn_id for turn in turns])
        started.set()
        await go.wait()
        last = turns[-1].turn_id
        return [answered(turn, with_turn="" if turn.turn_id == last else last) for turn in turns]

    async def finished(delivered: Sequence[Delivered]) -> None:
        done.extend(each.turn.turn_id for each in delivered)

    async with bus.work(worker, finished=finished):
        await bus.submit(accepted(turn="t0"))
        await started.wait()
        for n in range(1, 5):
            await bus.submit(accepted(turn=f"t{n}"))
        await bus.submit(accepted(turn="x0", conversation="other"))
        await until(lambda: ["x0"] in bursts)
        # The other conversation was submitted last and has arrived: so have the four before it.
        go.set()
        await until(lambda: len(done) == 6)
    in_c1 = [burst for burst in bursts if burst != ["x0"]]
    assert [turn for burst in in_c1 for turn in burst] == [f"t{n}" for n in range(5)]
    assert in_c1[0] == ["t0"]
    assert len(in_c1) == 2 or [] not in in_c1
    seqs = [each.seq for each in await bus.results("c1")]
    assert seqs == sorted(seqs)
    assert [each.turn.turn_id for each in await bus.results("c1")] == [f"t{n}" for n in range(5)]


async def test_turns_of_one_conversation_never_overlap(bus: Bus) -> None:
    """Many turns in few conversations: in order, and never two of one conversation at once."""
    running: set[str] = set()
    order: dict[str, list[int]] = {f"c{n}": [] for n in range(7)}

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        conversation = turns[0].conversation_id
        assert conversation not in running
        running.add(conversation)
        await asyncio.sleep(0.001)
        order[conversation].extend(int(turn.text) for turn in turns)
        running.discard(conversation)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        for n in range(140):
            await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n % 7}", text=str(n)))
        await until(lambda: sum(map(len, order.values())) == 140)
    assert all(numbers == sorted(numbers) for numbers in order.values())


async def test_a_worker_that_fails_is_tried_again_before_later_turns(bus: Bus) -> None:
    """A passing failure of the worker delays its conversation and reorders nothing."""
    errors: list[Exception] = [StoreDown("locked"), StoreDown("locked")]
    worked: list[str] = []

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        if errors:
            raise errors.pop()
        worked.extend(turn.turn_id for turn in turns)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        await bus.submit(accepted(turn="t1"))
        await bus.submit(accepted(turn="t2"))
        await until(lambda: len(worked) == 2)
    assert worked == ["t1", "t2"]


async def test_a_turn_no_worker_can_answer_is_dead_lettered(bus: Bus) -> None:
    """A worker that cannot answer loses nothing silently: the turn is a dead letter, the next goes on."""

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        return [] if turns[0].turn_id == "t1" else await answer_all(turns)

    done: list[str] = []

    async def finished(delivered: Sequence[Delivered]) -> None:
        done.extend(each.turn.turn_id for each in delivered)

    async with bus.work(worker, finished=finished):
        await bus.submit(accepted(turn="t1"))

        async def buried() -> bool:
            return len(await bus.dead_letters()) == 1

        await until(buried)
        await bus.submit(accepted(turn="t2"))
        await until(lambda: done == ["t2"])
    [dead] = await bus.dead_letters()
    assert dead.subject.startswith("turn.in.")
    assert b"t1" in dead.data


async def test_finished_is_called_until_it_works(bus: Bus) -> None:
    """A store that is down for a while still learns every result."""
    calls: list[int] = []

    async def finished(delivered: Sequence[Delivered]) -> None:
        calls.append(len(delivered))
        if len(calls) < 9:
            raise StoreDown("the disk is full")

    async with bus.work(answer_all, finished=finished):
        await bus.submit(accepted())
        await until(lambda: len(calls) == 9)


async def test_who_watches_sees_signs_and_results_in_order(bus: Bus) -> None:
    """A watcher sees the signs of a turn, then its result, for every conversation."""

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        for turn in turns:
            await bus.progress(
                TurnProgress(conversation_id=turn.conversation_id, turn_id=turn.turn_id, stage="writing")
            )
        return await answer_all(turns)

    seen: dict[str, list[str]] = {}
    async with bus.watch() as news, bus.work(worker, finished=nothing):
        for n in range(10):
            await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n}"))
        async with asyncio.timeout(5):
            async for each in news:
                turn = each.turn if isinstance(each, Delivered) else each
                kind = "result" if isinstance(each, Delivered) else "sign"
                seen.setdefault(turn.conversation_id, []).append(kind)
                if sum(map(len, seen.values())) == 20:
                    break
    assert all(kinds == ["sign", "result"] for kinds in seen.values())


async def test_two_workers_share_and_hand_over(desk: Desk) -> None:
    """Turns go to both of two workers; when one leaves the other takes all, and nothing is lost."""
    first, second = await desk.open(), await desk.open()
    by: dict[str, list[str]] = {"first": [], "second": []}

    def worker(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        async def work(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
            by[name].extend(turn.turn_id for turn in turns)
            return await answer_all(turns)

        return work

    async with first.work(worker("first"), finished=nothing):
        async with second.work(worker("second"), finished=nothing):
            sent = 0

            async def both() -> bool:
                nonlocal sent
                await first.submit(accepted(turn=f"t{sent}", conversation=f"c{sent}"))
                sent += 1
                return bool(by["first"] and by["second"])

            await until(both)
        for n in range(50):
            await first.submit(accepted(turn=f"u{n}", conversation=f"d{n}"))
        await until(lambda: len(by["first"]) + len(by["second"]) >= sent + 50)
    everything = by["first"] + by["second"]
    assert len(everything) == len(set(everything)) == sent + 50


async def test_it_says_when_it_works(bus: Bus) -> None:
    """`ping` is quiet while messages can be stored, and the bus names its kind."""
    await bus.ping()
    assert bus.kind in ("memory", "nats")
