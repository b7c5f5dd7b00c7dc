"""One person's conversation over HTTP, through whatever breaks; keeps all that they were shown."""

import asyncio
import time
import tomllib
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from tests.security.canaries.people import Person

PHRASES = tomllib.loads((Path(__file__).parent / "messages.toml").read_text("utf-8"))
SECRET = "a-secret-of-the-canaries-that-is-long-enough"
AGAIN_SECONDS = 60.0
"""Longer than a restart; who finds no gateway until then gives up, which the test counts."""


@dataclass
class Crowd:
    """Everybody who talks, and how far they are."""

    http: httpx.AsyncClient
    staff: str
    statuses: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    talks: list["Talk"] = field(default_factory=list)
    _passed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def done(self) -> None:
        """A conversation is over."""
        async with self._passed:
            self.finished += 1
            self._passed.notify_all()

    async def passed(self, count: int) -> None:
        """Wait until so many conversations are over."""
        async with self._passed:
            await self._passed.wait_for(lambda: self.finished >= count)


@dataclass
class Talk:
    """One conversation."""

    crowd: Crowd
    person: Person
    conversation_id: str = ""
    token: str = ""
    shown: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """Who asks, from a browser that tells much."""
        p = self.person
        found = {
            "User-Agent": f"Browser of {p.email}",
            "Referer": f"https://shop.example/account?email={p.email}&phone={p.phone}",
            "X-Forwarded-For": p.ip,
            "Cookie": f"last_user={p.email}",
        }
        if p.customer_id:
            found["Authorization"] = f"Bearer {signed(p)}"
        return found | ({"X-Conversation-Token": self.token} if self.token else {})

    def tells(self, *kinds: str) -> str:
        """What the person says of themselves, in their language."""
        ways = PHRASES[self.person.language]["tells"]
        return " ".join(ways[kind].format(p=self.person) for kind in kinds) or "Hi"

    def need(self, intent: str) -> str:
        """A need in their language, with its name for the scripted model."""
        return f"{PHRASES[self.person.language]['needs'][intent]} {intent}"

    async def say(self, text: str, **fields: Any) -> dict[str, Any]:
        """Send a message until it is taken or refused for good; the answer's body, or the problem."""
        body = {
            "message": text,
            "client_message_id": uuid.uuid4().hex,
            "locale": self.person.language,
            **fields,
        }
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        response = await self.send("POST", "/v1/chat", json=body)
        answer: dict[str, Any] = response.json() if response is not None else {}
        if "conversation_id" in answer:
            self.conversation_id, self.token = answer["conversation_id"], answer["conversation_token"]
            self.answers.append(answer)
        return answer  # fmt: skip

    async def send(self, method: str, path: str, **named: Any) -> httpx.Response | None:
        """One request, again while the service is away; what came back is kept. None: it stayed away."""
        headers = self.headers | named.pop("headers", {})
        until = time.monotonic() + AGAIN_SECONDS
        while True:
            try:
                response = await self.crowd.http.request(method, path, headers=headers, **named)
            except httpx.TransportError as error:
                said = type(error).__name__
            else:
                self.shown.append(response.text)
                said = str(response.status_code)
                if response.status_code not in {429, 503}:
                    self.crowd.statuses[said] += 1
                    return response
            if time.monotonic() > until:
                self.crowd.statuses[f"gave up: {said}"] += 1
                return None
            self.crowd.statuses[f"again: {said}"] += 1
            await asyncio.sleep(0.3)

    async def staff(self, method: str, path: str, **named: Any) -> httpx.Response | None:
        """A request of the staff; not shown to the person."""
        mine, self.shown = self.shown, []
        response = await self.send(method, path, auth=("admin", self.crowd.staff), **named)
        self.shown = mine
        return response


def signed(person: Person, secret: str = SECRET, **claims: Any) -> str:
    """The token that the shop gives a customer; `claims` change it."""
    now = int(time.time())
    said = {
        "sub": person.customer_id,
        "name": person.name,
        "email": person.email,
        "iat": now,
        "exp": now + 3600,
    }
    return jwt.encode(said | claims, secret, algorithm="HS256")  # fmt: skip
