"""The gateway's API as the widget sees it, played from a script by a test."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.web.demo_data import CUSTOMERS, PRODUCTS

STATIC = Path(__file__).parents[2] / "gateway" / "static"

# The strictest policy a shop may run: `trusted-types 'none'` makes every innerHTML an error.
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

Body = dict[str, Any]

RETURNS = {
    "source": "policies/returns.md",
    "title": "Returns policy",
    "section": "How long you have",
    "quote": "Within 30 days of delivery.",
}


def frame(event: str, data: Body, event_id: str = "") -> bytes:
    """One event of an event stream as bytes."""
    prefix = f"id: {event_id}\n" if event_id else ""
    return f"{prefix}event: {event}\ndata: {json.dumps(data)}\n\n".encode()


class Cut(Exception):
    """Ends a stream in the middle, as a gateway does that dies."""


@dataclass
class Talk:
    """One conversation: its proof, what was said and what its stream carried."""

    id: str
    token: str
    messages: list[Body] = field(default_factory=list)
    events: list[Body] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    status: str = "answered"
    cuts: int = 0

    def renew(self, api: ScriptedApi) -> None:
        """Issues the next token; the one before is replaced at once."""
        api.replaced.add(self.token)
        self.token += "+"

    def tell(self, event: str, data: Body) -> None:
        """Puts one event on the conversation's stream."""
        self.events.append({"event": event, "data": data})
        self._wake()

    def cut(self) -> None:
        """Breaks the streams that are open now."""
        self.cuts += 1
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


@dataclass
class Turn:
    """One customer message under way; its methods make the frames of the answer."""

    id: str
    text: str
    talk: Talk
    answer: Body | None = None

    def status(self, stage: str) -> bytes:
        return frame("status", {"stage": stage, "turn_id": self.id})

    def sentence(self, index: int, text: str) -> bytes:
        data = {"turn_id": self.id, "index": index, "text": text, "citations": []}
        return frame("sentence", data)

    def finish(self, reply: str, **changes: Any) -> Body:
        """Stores the answer and puts it on the conversation's stream."""
        answer: Body = {
            "conversation_id": self.talk.id,
            "conversation_token": self.talk.token,
            "turn_id": self.id,
            "reply": reply,
            "status": "answered",
            "intent": "GENERAL_INQUIRY",
            "language": "en",
            "citations": [],
            "actions": [],
            "escalation": None,
            **changes,
        }
        self.answer = answer
        if reply:
            said = {"id": f"b-{self.id}", "who": "bot", "text": reply, "turn_id": self.id}
            self.talk.messages.append({**said, "at": "2026-11-21T10:00:00Z", **changes})
        self.talk.tell("done", answer)
        return answer

    def done(self, reply: str, **changes: Any) -> bytes:
        return frame("done", self.finish(reply, **changes))


Play = Callable[[Turn], AsyncIterator[bytes]]


async def echo(turn: Turn) -> AsyncIterator[bytes]:
    """Answers with the customer's own words."""
    yield turn.status("understanding")
    yield turn.sentence(0, f"You wrote: {turn.text}")
    yield turn.done(f"You wrote: {turn.text}")


class Hangs:
    """Begins with every turn and never ends; a test may end `turns` otherwise."""

    def __init__(self, stage: str = "writing") -> None:
        self.stage = stage
        self.turns: list[Turn] = []

    async def __call__(self, turn: Turn) -> AsyncIterator[bytes]:
        self.turns.append(turn)
        yield turn.status(self.stage)
        await asyncio.Event().wait()


class ScriptedApi:
    """The API with its state; `plays` are used up one per new turn, then every turn is an echo."""

    def __init__(self) -> None:
        self.plays: deque[Play] = deque()
        self.refusals: deque[Response] = deque()
        self.talks: dict[str, Talk] = {}
        self.turns: dict[str, Turn] = {}
        self.chats: list[Body] = []
        self.resumed_from: list[str | None] = []
        self.feedback: list[Body] = []
        self.tokens = 0
        self.customer_tokens: set[str] = set()
        self.replaced: set[str] = set()
        self.address = ""
        self.explains = False

    def script(self, *plays: Play) -> None:
        self.plays.extend(plays)

    def app(self) -> ASGIApp:
        routes = [
            Route("/", lambda _: FileResponse(STATIC / "shop.html")),
            Route("/demo/customers", lambda _: JSONResponse({"customers": CUSTOMERS})),
            Route("/demo/products", lambda _: JSONResponse({"products": PRODUCTS})),
            Route("/ops/may", lambda _: JSONResponse({"explain": self.explains})),
            Route("/demo/token", self.token, methods=["POST"]),
            Route("/v1/chat", self.chat, methods=["POST"]),
            Route("/v1/conversations/{id}", self.conversation),
            Route("/v1/conversations/{id}/events", self.events),
            Route("/v1/conversations/{id}/feedback", self.rate, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Policed)])

    async def token(self, request: Request) -> Response:
        self.tokens += 1
        token = f"jwt-{(await request.json())['customer_id']}-{self.tokens}"
        self.customer_tokens.add(token)
        return JSONResponse({"token": token, "expires_in": 900})

    def _talk(self, request: Request, conversation_id: str) -> Talk | None:
        talk = self.talks.get(conversation_id)
        proof = request.headers.get("X-Conversation-Token")
        return talk if talk and talk.token == proof else None

    def _no(self, request: Request) -> Response:
        """Why a token does not open: it was replaced, or there is no such conversation."""
        if request.headers.get("X-Conversation-Token") in self.replaced:
            return problem(401, "It went on elsewhere.", kind="/problems/conversation-replaced")
        return problem(404, "There is no such conversation.")

    def _forged(self, request: Request) -> bool:
        proof = request.headers.get("Authorization")
        return proof is not None and proof.removeprefix("Bearer ") not in self.customer_tokens

    async def chat(self, request: Request) -> Response:
        body: Body = await request.json()
        self.chats.append({**body, "authorization": request.headers.get("Authorization")})
        if self.refusals:
            return self.refusals.popleft()
        if self._forged(request):
            return problem(401, "The customer token has expired.")
        key = body["client_message_id"]
        if key in self.turns:
            return stream(self._again(self.turns[key]))
        if "conversation_id" in body:
            talk = self._talk(request, body["conversation_id"])
            if talk is None:
                return self._no(request)
        else:
            number = len(self.talks) + 1
            talk = self.talks[f"c{number}"] = Talk(f"c{number}", f"proof-{number}")
        turn = self.turns[key] = Turn(f"t{len(self.turns) + 1}", body["message"], talk)
        said = {"id": f"m-{turn.id}", "who": "customer", "text": turn.text, "turn_id": turn.id}
        talk.messages.append({**said, "at": "2026-11-21T09:59:00Z"})
        play = self.plays.popleft() if self.plays else echo
        return stream(play(turn))

    async def _again(self, turn: Turn) -> AsyncIterator[bytes]:
        """The same message once more: the answer when there is one, else an echo now."""
        if turn.answer is None:
            async for part in echo(turn):
                yield part
        else:
            yield frame("done", turn.answer)

    async def conversation(self, request: Request) -> Response:
        talk = self._talk(request, request.path_params["id"])
        if talk is None:
            return self._no(request)
        found = {"conversation_id": talk.id, "status": talk.status, "language": "en"}
        return JSONResponse({**found, "messages": talk.messages, "conversation_token": talk.token})

    async def events(self, request: Request) -> Response:
        talk = self._talk(request, request.path_params["id"])
        if talk is None:
            return self._no(request)
        last = request.headers.get("Last-Event-ID")
        self.resumed_from.append(last)
        return stream(self._follow(talk, int(last or 0)))

    async def _follow(self, talk: Talk, at: int) -> AsyncIterator[bytes]:
        yield frame("token", {"conversation_id": talk.id, "conversation_token": talk.token})
        cuts = talk.cuts
        while True:
            changed = talk.changed
            if talk.cuts > cuts:
                raise Cut
            while at < len(talk.events):
                event = talk.events[at]
                at += 1
                yield frame(event["event"], event["data"], str(at))
            await changed.wait()

    async def rate(self, request: Request) -> Response:
        self.feedback.append(await request.json())
        return Response(status_code=204)


def stream(frames: AsyncIterator[bytes]) -> Response:
    """Frames as an event stream."""
    return StreamingResponse(frames, media_type="text/event-stream")


def problem(status: int, detail: str, retry_after: int | None = None, kind: str = "about:blank") -> Response:
    """An RFC 9457 problem document."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    body = {"type": kind, "title": "No", "status": status, "detail": detail}
    return JSONResponse(body, status, headers, "application/problem+json")


class Policed:
    """Adds the content security policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
            await send(message)

        await self.app(scope, receive, with_policy)
