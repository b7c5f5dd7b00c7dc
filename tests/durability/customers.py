"""Customers of a running system who come back after every break until they have their answer."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

TURN_SECONDS = 60.0
"""Longer than any recovery: a lease (3 s), a redelivery (5 s), an ask (15 s), a reply (25 s)."""


class Event(NamedTuple):
    """One server-sent event."""

    id: int
    name: str
    data: dict[str, Any]


@dataclass
class Turn:
    """One message of a customer: what was sent, whether it was promised an answer, what came."""

    text: str
    client_message_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    turn_id: str = ""
    accepted: bool = False
    breaks: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Customer:
    """One conversation. `follows` says how a broken stream is resumed: `/events`, or the message again."""

    http: httpx.AsyncClient
    crowd: "Crowd"
    follows: bool
    conversation_id: str = ""
    token: str = ""
    last_event: int = 0
    turns: list[Turn] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """Whose conversation it is."""
        return {"X-Conversation-Token": self.token}

    async def say(self, text: str) -> Turn:
        """Send a message and insist on its answer, as the widget does."""
        turn = Turn(text)
        self.turns.append(turn)
        async with asyncio.timeout(TURN_SECONDS):
            while not turn.answers:
                try:
                    if turn.accepted and self.follows:
                        await self._follow(turn)
                    else:
                        await self._send(turn)
                except httpx.TransportError:
                    turn.breaks += 1
                    await self.crowd.open.wait()
        self.crowd.told(turn)
        return turn

    async def _send(self, turn: Turn) -> None:
        body = {"message": turn.text, "client_message_id": turn.client_message_id}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        headers = self.headers | {"Accept": "text/event-stream"}
        async with self.http.stream("POST", "/v1/chat", json=body, headers=headers) as response:
            if response.status_code == 503:
                # Not accepted: the bus is away. The same id is sent again.
                turn.breaks += 1
                await self.crowd.open.wait()
                return
            assert response.status_code == 200, (await response.aread()).decode()
            await self._hear(response, turn)

    async def _follow(self, turn: Turn) -> None:
        headers = self.headers | {"Last-Event-ID": str(self.last_event)}
        url = f"/v1/conversations/{self.conversation_id}/events"
        async with self.http.stream("GET", url, headers=headers) as response:
            assert response.status_code == 200, (await response.aread()).decode()
            await self._hear(response, turn)

    async def _hear(self, response: httpx.Response, turn: Turn) -> None:
        async for event in events(response):
            if event.name == "status":
                self._accepted(turn, event.data)
                self.crowd.sign(event.data.get("stage", ""))
            elif event.name == "done":
                self.last_event = event.id
                if event.data["turn_id"] == turn.turn_id:
                    turn.answers.append(event.data)
                    return

    def _accepted(self, turn: Turn, data: dict[str, Any]) -> None:
        if "conversation_token" in data:
            known = {self.conversation_id or data["conversation_id"], data["conversation_id"]}
            assert len(known) == 1, f"a repeated message changed its conversation: {known}"
            assert turn.turn_id in {"", data["turn_id"]}, "a repeated message changed its turn"
            self.conversation_id, self.token = data["conversation_id"], data["conversation_token"]
            turn.turn_id, turn.accepted = data["turn_id"], True


class Crowd:
    """Many customers at once, and the moments a test waits for."""

    def __init__(self, http: httpx.AsyncClient, *, people: int, each: int) -> None:
        self.open = asyncio.Event()
        """Set while the system can be reached; who is cut off waits for it before trying again."""
        self.open.set()
        self.people = [Customer(http, self, follows=n % 2 == 0) for n in range(people)]
        self.answered = 0
        self._each = each
        self._wanted: tuple[int, str, asyncio.Future[None]] | None = None

    @property
    def turns(self) -> list[Turn]:
        """Every turn of everybody."""
        return [turn for customer in self.people for turn in customer.turns]

    async def talk(self) -> None:
        """Everybody says their messages, one after the other."""
        async with asyncio.TaskGroup() as group:
            for customer in self.people:
                group.create_task(self._talk(customer))

    async def _talk(self, customer: Customer) -> None:
        for n in range(self._each):
            await customer.say(f"Thank you, that was kind ({n})")

    async def moment(self, *, answered: int, stage: str) -> None:
        """The next time somebody sees this stage after so many answers."""
        future = asyncio.get_running_loop().create_future()
        self._wanted = answered, stage, future
        await future

    def told(self, _: Turn) -> None:
        """A customer has an answer."""
        self.answered += 1

    def sign(self, stage: str) -> None:
        """A customer sees how far it is."""
        if self._wanted is not None:
            answered, wanted, future = self._wanted
            if self.answered >= answered and stage == wanted and not future.done():
                future.set_result(None)


async def events(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream, until it ends."""
    name, seq = "message", 0
    async for line in response.aiter_lines():
        key, _, value = line.partition(": ")
        if key == "id":
            seq = int(value)
        elif key == "event":
            name = value
        elif key == "data":
            yield Event(seq, name, json.loads(value))
        elif not line:
            name, seq = "message", 0
