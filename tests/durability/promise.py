"""The promise to a customer: one answer a turn, the same one wherever it can be read."""

import asyncio

from shared.ports import Bus
from tests.bus.sample import until
from tests.durability.customers import Crowd, Customer, events


async def everybody_has_one_answer(crowd: Crowd, bus: Bus) -> None:
    """Every turn has one result: on the bus, in the store, and on the customer's stream from its start."""
    await asyncio.gather(*(_has_one_answer(customer, bus) for customer in crowd.people))
    assert await bus.dead_letters() == ()


async def _has_one_answer(customer: Customer, bus: Bus) -> None:
    turns = [turn.turn_id for turn in customer.turns]
    assert all(turn.accepted and len(turn.answers) == 1 for turn in customer.turns)

    results = [delivered.turn for delivered in await bus.results(customer.conversation_id)]
    assert [result.turn_id for result in results] == turns
    for result in results:
        assert result.status in {"answered", "handed_over", "with_person"}
        if result.status == "answered":
            assert result.reply == f"Scripted reply to {result.turn_id}."
    told = [answer["reply"] for turn in customer.turns for answer in turn.answers]
    assert told == [result.reply for result in results]

    url = f"/v1/conversations/{customer.conversation_id}"
    lines: list[tuple[str, str]] = []

    async def recorded() -> bool:
        # The result is on the bus first; a takeover writes it to the store a little later.
        body = (await customer.http.get(url, headers=customer.headers)).json()
        lines[:] = [(line["turn_id"], line["who"]) for line in body.get("messages", ())]
        return len(lines) >= 2 * len(turns)

    await until(recorded, seconds=20)
    assert lines == [(turn, who) for turn in turns for who in ("customer", "bot")]

    streamed: list[str] = []
    async with customer.http.stream("GET", f"{url}/events", headers=customer.headers) as response:
        async for event in events(response):
            if event.name == "done":
                streamed.append(event.data["turn_id"])
            if len(streamed) == len(turns):
                break
    assert streamed == turns
