"""Any process may be killed while 200 turns run: each accepted turn still ends in exactly one answer."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from shared.ports import Bus
from tests.durability import ledger
from tests.durability.customers import Crowd
from tests.durability.ledger import Ledger
from tests.durability.promise import everybody_has_one_answer
from tests.processes import System

PEOPLE, EACH = 50, 4
KILL_AFTER = 60
"""Answers before the kill: every conversation has begun, most of the 200 turns are yet to come."""


@dataclass(frozen=True)
class Story:
    """What happened around a kill."""

    crowd: Crowd
    killed_at: float
    steps: Ledger

    def paid_once(self, *, again: frozenset[str] = frozenset()) -> None:
        """Each step was paid for once.

        Only a step that was in flight at the kill, and of a kind in `again` (those whose process or whose
        bus died), may have been paid for twice. A step whose answer was stored before never is.
        """
        assert sum(self.steps.calls.values()) >= 4 * PEOPLE * EACH, "screen, classify, write, judge a turn"
        assert not self.steps.repeated & self.steps.finished(before=self.killed_at)
        flying = {step for step in self.steps.in_flight(self.killed_at) if _kind(step) in again}
        assert self.steps.repeated <= flying
        assert max(self.steps.calls.values()) <= 2


async def disturbed(
    system: System, http: httpx.AsyncClient, name: str, *, spare: str = "", amid: str = ""
) -> Story:
    """Let 50 customers talk and kill one process in the middle; it is started again unless `spare` runs.

    `amid` is the kind of step that must be in its hands at that moment.
    """
    since = await ledger.mark(system)
    crowd = Crowd(http, people=PEOPLE, each=EACH)
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        talking = group.create_task(crowd.talk())
        await crowd.moment(answered=KILL_AFTER, stage="writing")
        if name in {"gateway", "nats"}:
            crowd.open.clear()
        killed_at = await _paused(system, name, since, amid) if amid else time.time()
        system.processes[name].kill()
        if not spare:
            await asyncio.to_thread(system.start(name).wait_ready)
        crowd.open.set()
        await talking
    assert len(crowd.turns) == PEOPLE * EACH
    return Story(crowd, killed_at, await ledger.read(system, since))


async def _paused(system: System, name: str, since: ledger.Mark, kind: str) -> float:
    """Hold the process still while such a step was asked of it and is not answered; the time."""
    process = system.processes[name]
    while True:
        process.pause()
        at = time.time()
        steps = await ledger.read(system, since)
        if kind in {_kind(step) for step in steps.in_flight(at)}:
            return at
        process.resume()
        await asyncio.sleep(0.01)


def _kind(step: str) -> str:
    return step.partition(".")[2].partition("-")[0]


async def test_separate_processes_are_one_desk(system: System, http: httpx.AsyncClient) -> None:
    """Nine processes on one bus answer, call a person, and say that they are ready."""
    assert {name for name, process in system.processes.items() if process.running} >= {"gateway", "critic"}
    ready = (await http.get("/health/ready")).json()
    assert (ready["status"], ready["bus"]) == ("ok", "nats")
    answered = (await http.post("/v1/chat", json={"message": "Thank you, that was kind"})).json()
    assert (answered["status"], answered["reply"]) == (
        "answered",
        f"Scripted reply to {answered['turn_id']}.",
    )
    person = (await http.post("/v1/chat", json={"message": "I want to talk to a human"})).json()
    assert person["status"] == "handed_over"
    assert person["escalation"]["ticket"]


async def test_conversation_is_killed_and_started_again(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """Kill -9 of conversation: its next process goes on, and pays for no step a second time."""
    story = await disturbed(system, http, "conversation")
    await everybody_has_one_answer(story.crowd, bus)
    assert story.steps.in_flight(story.killed_at)
    # The agents lived: whatever was asked before the kill was answered and is found, finished or not.
    story.paid_once()


async def test_conversation_is_killed_beside_another(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """Kill -9 of one of two conversation processes: the other takes its half over."""
    await asyncio.to_thread(system.start("conversation", name="conversation-2").wait_ready)
    story = await disturbed(system, http, "conversation", spare="conversation-2")
    await everybody_has_one_answer(story.crowd, bus)
    story.paid_once()
    await asyncio.to_thread(system.start("conversation").wait_ready)
    system.processes.pop("conversation-2").kill()


async def test_an_agent_is_killed_in_the_middle_of_an_answer(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """Kill -9 of response while it writes: the next one writes what was in its hands, nothing else again."""
    story = await disturbed(system, http, "response", amid="write")
    await everybody_has_one_answer(story.crowd, bus)
    assert "write" in {_kind(step) for step in story.steps.in_flight(story.killed_at)}
    story.paid_once(again=frozenset({"write"}))


async def test_the_gateway_is_killed_while_it_streams(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """Kill -9 of the gateway: customers come back by /events or by repeating, and pay nothing twice."""
    story = await disturbed(system, http, "gateway")
    cut = [turn for turn in story.crowd.turns if turn.breaks]
    assert [turn for turn in cut if turn.accepted], "nobody was streaming when the gateway died"
    await everybody_has_one_answer(story.crowd, bus)
    story.paid_once()


async def test_nats_server_is_killed(system: System, http: httpx.AsyncClient, bus: Bus) -> None:
    """Kill -9 of nats-server, started again on its folder: every stored turn is there and is answered."""
    story = await disturbed(system, http, "nats")
    await everybody_has_one_answer(story.crowd, bus)
    # Who was asked may not know whether its answer was stored: those in flight may be asked again.
    story.paid_once(again=frozenset({"screen", "classify", "write", "judge"}))
