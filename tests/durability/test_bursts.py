"""What a customer sends while a turn runs is answered together, and in order."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx

from shared.ports import Bus
from tests.durability import ledger
from tests.durability.customers import Event, events
from tests.processes import System

CONVERSATIONS = 10


class _Line:
    """One open request: accepted with its first event, answered with its last."""

    def __init__(self, response: httpx.Response) -> None:
        self._events = events(response)

    async def accepted(self) -> dict[str, Any]:
        event = await anext(self._events)
        assert event.name == "status"
        return event.data

    async def done(self) -> Event:
        async for event in self._events:
            if event.name == "done":
                return event
        raise AssertionError("the stream ended without an answer")


async def _burst(http: httpx.AsyncClient, sent: asyncio.Barrier) -> tuple[str, list[str], list[Event]]:
    """Four messages, each sent as soon as the one before is accepted, and their answers after `sent`."""
    async with AsyncExitStack() as stack:
        conversation: dict[str, str] = {}
        lines, turns = [], []
        for n in range(4):
            body = {"message": f"Thank you, that was kind ({n})", **conversation}
            request = http.stream("POST", "/v1/chat", json=body, headers={"Accept": "text/event-stream"})
            line = _Line(await stack.enter_async_context(request))
            told = await line.accepted()
            conversation = {key: told[key] for key in ("conversation_id", "conversation_token")}
            lines.append(line)
            turns.append(told["turn_id"])
        await sent.wait()
        return conversation["conversation_id"], turns, [await line.done() for line in lines]


async def test_three_messages_during_a_turn_are_answered_by_one(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """Each of the three has its own result, all say the last one's reply, and models ran for two turns."""
    since = await ledger.mark(system)
    sent = asyncio.Barrier(CONVERSATIONS + 1)
    # The first turns wait for their text, however long the machine takes to send the others.
    system.processes["response"].pause()
    talking = asyncio.gather(*(_burst(http, sent) for _ in range(CONVERSATIONS)))
    try:
        await sent.wait()
    finally:
        system.processes["response"].resume()
    told = await talking
    steps = await ledger.read(system, since)
    for conversation, turns, answers in told:
        first, *burst = answers
        last = turns[-1]
        assert first.data["reply"] == f"Scripted reply to {turns[0]}."
        assert first.data["answered_with"] is None
        assert [event.data["answered_with"] for event in burst] == [last, last, None]
        assert {event.data["reply"] for event in burst} == {f"Scripted reply to {last}."}
        results = await bus.results(conversation)
        assert [delivered.turn.turn_id for delivered in results] == turns
        assert [delivered.seq for delivered in results] == [event.id for event in answers]
        paid = {step.split(".")[0] for step in steps.calls if step.split(".")[0] in turns}
        assert paid == {turns[0], last}


async def test_the_same_message_sent_twice_is_answered_once(
    system: System, http: httpx.AsyncClient, bus: Bus
) -> None:
    """A client_message_id repeated during the turn and after it brings the same answer, paid once."""
    since = await ledger.mark(system)
    body = {"message": "Thank you, that was kind", "client_message_id": "0123456789abcdef-once"}
    twice = [(await r).json() for r in [asyncio.create_task(http.post("/v1/chat", json=body)) for _ in "ab"]]
    later = (await http.post("/v1/chat", json=body)).json()
    replies = {(a["conversation_id"], a["turn_id"], a["reply"]) for a in (*twice, later)}
    assert len(replies) == 1
    assert len(await bus.results(later["conversation_id"])) == 1
    steps = await ledger.read(system, since)
    assert not steps.repeated
    assert {step.split(".")[0] for step in steps.calls} == {later["turn_id"]}
