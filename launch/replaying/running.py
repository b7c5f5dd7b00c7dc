"""Runs recorded turns through the conversation and its agents again, over ports that only play back."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from agents import critic, escalation, intent, knowledge, response
from conversation.service import Conversations, conversations_over
from conversation.steps import Steps
from launch.replaying.changes import Changes
from launch.replaying.playback import Playback, Played, Unplayable
from launch.replaying.purse import Purse
from shared import contracts as c
from shared.agent import Agent
from shared.contracts.recordings import RecordedTurn
from shared.errors import AskFailed, DeskError, StoreDown
from shared.ports import Approvals, Bus, ConversationStore, Tasks
from shared.ports.recordings import Told
from shared.routing.outlooks import Outlooks
from shared.wiring import Services
from shared.wiring.bus import open_bus


@dataclass(frozen=True)
class Rerun:
    """What came of one recording: results in order, milliseconds it took here, what was asked in vain.

    `skipped` says why there are none.
    """

    recorded: RecordedTurn
    results: Sequence[c.TurnFinished] = ()
    took_ms: float = 0.0
    missing: Sequence[str] = ()
    skipped: str = ""


@dataclass
class _Stage:
    """What one conversation is played on: the turn that runs now, whose time is the only time there is."""

    playback: Playback = field(default_factory=lambda: Playback(RecordedTurn(conversation_id="", turn_id="")))

    def now(self) -> float:
        """When the turn was accepted."""
        return self.playback.turns[-1].accepted_at

    def current(self) -> Playback:
        """The turn that runs now."""
        return self.playback


class _PlayedBus:
    """Asks the agents that compute; plays back those that would ask a vendor. Nothing is published."""

    kind = "replay"

    def __init__(self, agents: Bus, stage: _Stage, *, search: bool) -> None:
        self._agents = agents
        self._stage = stage
        self._search = search

    async def ask(self, call: c.Call[Any, Any], ask: Any, *, timeout: float) -> Any:
        """See `Bus.ask`."""
        playback = self._stage.playback
        if call == c.FETCH:
            return playback.fetched(ask)
        if call == c.EXECUTE:
            return playback.executed(ask)
        if call == c.REQUEST_PERSON:
            return playback.requested(ask)
        if call == c.RETRIEVE and not self._search:
            return playback.retrieved(ask)
        return await self._agents.ask(call, ask, timeout=timeout)

    async def publish(self, *_: Any, **__: Any) -> None:
        """Nobody hears of a replay."""

    async def progress(self, *_: Any) -> None:
        """Nobody watches."""


class Theatre:
    """Plays conversations: the agents' own handlers with these engines, vendors from recordings.

    `spent_up` says why no further turn may be played, empty while it may.
    """

    def __init__(
        self, agents: Bus, services: Services, changes: Changes, spent_up: Callable[[], str]
    ) -> None:
        self._agents = agents
        self._spent_up = spent_up
        self._services = services
        self._search = changes.knowledge == "current"
        self._planner = changes.planner(services.product_reader())

    async def play(
        self, told: Told, recorded: Sequence[RecordedTurn], *, carry: bool = False
    ) -> AsyncIterator[Rerun]:
        """Each of these recordings of a conversation, in order.

        It begins with the state that was recorded, or with `carry` with the one its replay before has left.
        """
        stage = _Stage()
        service = self._service(stage)
        state: c.ConversationState | None = None
        for each in recorded:
            if why := self._spent_up():
                yield Rerun(each, skipped=why)
                continue
            rerun = await _again(service, stage, each, state if carry else None)
            state = rerun.results[-1].state if rerun.results else None
            yield rerun
        await self._agents.erase([told.conversation_id])

    def _service(self, stage: _Stage) -> Conversations:
        services = self._services
        steps = Steps(
            bus=cast("Bus", _PlayedBus(self._agents, stage, search=self._search)),
            store=cast("ConversationStore", Played("store", stage.current)),
            planner=self._planner,
            words=services.words(),
            rules=services.rules(),
            watch=services.watch(),
            language_of=services.language_of,
            clock=stage,
            outlooks=cast("Outlooks", Played("outlooks", stage.current)),
            tasks=cast("Tasks", Played("tasks", stage.current)),
            approvals=cast("Approvals", Played("approvals", stage.current)),
        )
        return conversations_over(steps)


async def _again(
    service: Conversations, stage: _Stage, recorded: RecordedTurn, carried: c.ConversationState | None
) -> Rerun:
    if recorded.lost or not recorded.turns:
        lost = {"too_large": "the recording was larger than is kept"}
        return Rerun(recorded, skipped=lost.get(recorded.lost, "the recording cannot be read"))
    try:
        stage.playback = Playback(recorded)
        if stage.playback.failed:
            # What it led to then says nothing about what is tried out now.
            return Rerun(recorded, skipped=f"then {stage.playback.failed[0]} did not answer")
        stage.playback.before = carried or recorded.before
        started = time.perf_counter()
        results = await service.answer(recorded.turns)
    except Unplayable:
        return Rerun(recorded, skipped="the recording cannot be read")
    except DeskError as error:
        return Rerun(recorded, skipped=f"it could not be run: {_kind(error)}")
    took = round((time.perf_counter() - started) * 1000, 2)
    return Rerun(recorded, results, took, stage.playback.missing)


def _kind(error: DeskError) -> str:
    """The message of ours alone: another's may quote what a customer wrote."""
    return str(error) if isinstance(error, AskFailed | StoreDown) else type(error).__name__


@asynccontextmanager
async def open_theatre(services: Services, changes: Changes, purse: Purse) -> AsyncIterator[Theatre]:
    """The agents whose answers are computed anew, served on a bus in this process; `purse` pays for them."""
    (await services.budget()).hear_paid = purse.took
    judge = await services.judge()
    served = [
        Agent("intent").answers(
            c.CLASSIFY, partial(intent.classify, understanding=await services.understanding())
        ),
        Agent("response").answers(c.WRITE, partial(response.write, writer=await services.writer())),
        Agent("critic")
        .answers(c.SCREEN, partial(critic.screen, judge=judge))
        .answers(c.JUDGE, partial(critic.judge_reply, judge=judge)),
        Agent("escalation").answers(c.ASSESS, partial(escalation.assess, watch=services.watch())),
    ]
    if changes.knowledge == "current":
        index = await services.index()
        await index.ping()
        search = partial(knowledge.retrieve, index=index)
        served.append(Agent("knowledge").answers(c.RETRIEVE, search))
    alone = services.settings.model_copy(update={"bus_url": "memory://"})
    async with open_bus(alone, "replay", actor=services.actor) as bus, AsyncExitStack() as stack:
        for agent in served:
            await stack.enter_async_context(bus.serve(agent))
        yield Theatre(bus, services, changes, purse.spent_up)
