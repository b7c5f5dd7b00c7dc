"""Ctrl-C ends every process in order, and the next start goes on where the last one stopped."""

import asyncio

import httpx

from shared.ports import Bus
from tests.durability.customers import Crowd, events
from tests.processes import ROLES, System

STOP_SECONDS = 5.0


async def test_everything_stops_and_goes_on(system: System, http: httpx.AsyncClient) -> None:
    """SIGINT during turns and open streams: exit code 0 within 5 s, no traceback; nothing is lost."""
    crowd = Crowd(http, people=20, each=3)
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        talking = group.create_task(crowd.talk())
        await crowd.moment(answered=20, stage="writing")
        crowd.open.clear()
        codes = await asyncio.to_thread(system.stop_all, seconds=STOP_SECONDS)
        said = {name: process.said() for name, process in system.processes.items()}
        system.start("nats").wait_ready()
        for process in [system.start(role) for role in ROLES]:
            await asyncio.to_thread(process.wait_ready)
        crowd.open.set()
        await talking
    assert set(codes.values()) == {0}, codes
    assert not [name for name, text in said.items() if "Traceback" in text]
    assert not [name for name in ROLES if f"{name}: stopping" not in said[name]]

    for customer in crowd.people:
        url = f"/v1/conversations/{customer.conversation_id}"
        replies = [answer["reply"] for turn in customer.turns for answer in turn.answers]
        assert replies == [f"Scripted reply to {turn.turn_id}." for turn in customer.turns]
        streamed = []
        async with http.stream("GET", f"{url}/events", headers=customer.headers) as response:
            async for event in events(response):
                if event.name == "done":
                    streamed.append(event.data["reply"])
                if len(streamed) == len(replies):
                    break
        assert streamed == replies


async def test_a_conversation_goes_on_after_a_restart(system: System, http: httpx.AsyncClient, bus: Bus) -> None:
    """Its lines are there, its token still opens it, and the next message joins it."""
    before = (await http.post("/v1/chat", json={"message": "Thank you, that was kind"})).json()
    codes = await asyncio.to_thread(system.stop_all, seconds=STOP_SECONDS)
    assert set(codes.values()) == {0}, codes
    await asyncio.to_thread(system.start_all)
