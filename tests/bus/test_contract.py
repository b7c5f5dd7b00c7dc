"""What every bus promises of all it carries: refused ids, the trace, its health.

Asks, events and turns have files of their own, `test_contract_*.py`. Each of these tests runs on every bus:
the one in memory, and one on a real nats-server (`desk` in conftest.py).
"""

from collections.abc import Sequence

import pytest

from shared import telemetry
from shared.agent import Agent
from shared.contracts import (
    SCREEN,
    MessageScreened,
    ScreenMessage,
    TracesSent,
    TurnAccepted,
    TurnFinished,
    TurnProgress,
)
from shared.errors import BadMessage
from shared.ports import Bus
from tests.bus.sample import Told, accepted, answer_all, screen, screened, until
from tests.telemetry.recorded import recording


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


async def test_the_trace_goes_along(bus: Bus) -> None:
    """A handler and a worker run inside the trace of who asked."""
    seen: list[str] = []

    async def handler(ask: ScreenMessage) -> MessageScreened:
        seen.append(telemetry.trace_id())
        return screened(ask)

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        seen.append(telemetry.trace_id())
        await bus.ask(SCREEN, screen(turns[0].turn_id), timeout=20)
        return await answer_all(turns)

    told = Told()
    async with bus.serve(Agent("critic").answers(SCREEN, handler)), bus.work(worker, finished=told):
        with recording(), telemetry.root("turn"):
            sent = telemetry.trace_id()
            await bus.submit(accepted())
        await until(lambda: bool(told.results), 5)
    assert seen == [sent] * 2


async def test_who_flags_a_trace_is_heard_by_everyone(bus: Bus) -> None:
    """Each process that holds a part of it keeps that."""
    heard: list[tuple[str, str]] = []
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with (
        bus.flagged_traces(lambda *flag: heard.append(flag)),
        bus.flagged_traces(lambda *flag: heard.append(flag)),
    ):
        await bus.flag_trace(trace, "handed_over")
        await until(lambda: len(heard) == 2, 5)
    assert heard == [(trace, "handed_over")] * 2


async def test_how_traces_are_taken_is_heard_by_the_operators_pages(bus: Bus) -> None:
    """All that a process tells of it, by each that listens."""
    heard: list[TracesSent] = []
    sent = TracesSent(
        service="answerdesk-intent", run="a1", at=3.5, kind="otlp", up=False, why="402", lost={"402": 7}
    )
    async with bus.told_sent(heard.append), bus.told_sent(heard.append):
        await bus.tell_sent(sent)
        await until(lambda: len(heard) == 2, 5)
    await bus.tell_sent(sent)
    assert heard == [sent] * 2


async def test_it_says_when_it_works(bus: Bus) -> None:
    """`ping` is quiet while messages can be stored, and the bus names its kind."""
    await bus.ping()
    assert bus.kind in ("memory", "nats")
