"""Nine processes do their work, each signed in at nats-server as itself with no right too many or too few."""

import asyncio

import httpx

from tests.durability.customers import Crowd
from tests.processes import ROLES, System
from tests.shop import Chat


async def test_nobody_is_denied_anything(system: System, http: httpx.AsyncClient) -> None:
    """Conversations, an order, a person asked for, feedback: neither server nor service saw a violation.

    The logs also hold what the other tests of this folder did before: kills, takeovers, restarts.
    """
    await Crowd(http, people=4, each=2).talk()
    await asyncio.to_thread(_one_of_each, system.url)
    assert set(system.processes) >= {"nats", *ROLES}
    said = {name: process.said() for name, process in system.processes.items()}
    assert not {name: text for name, text in said.items() if "no permission" in text}
    assert "Violation" not in said["nats"]


def _one_of_each(url: str) -> None:
    """What makes every agent work once."""
    with httpx.Client(base_url=url, timeout=40) as http:
        chat = Chat(http)
        chat.say("ORDER_STATUS #1001 and my e-mail is z@example.com")
        chat.say("How long do I have to return something?")
        turn = chat.say("I want to talk to a human")["turn_id"]
        path = f"/v1/conversations/{chat.conversation_id}/feedback"
        http.post(path, json={"turn_id": turn, "rating": "up"}, headers=chat.headers).raise_for_status()
