"""Strangers who keep what they are sent: a collector of traces, and a model that copies tokens carelessly."""

import gzip
import itertools
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_apis import openai_rules
from mock_apis.openai import create_app

_TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")


@dataclass
class Taken:
    """What was received at an address."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    refused: int = 0


@contextmanager
def trace_collector(*, failing: bool = False) -> Iterator[Taken]:
    """Takes what OTLP and Azure Monitor exporters send; `failing` says 500 to two of three."""
    counter = itertools.count()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            taken.bodies.append(str(self.headers).encode() + (gzip.decompress(body) if zipped else body))
            fine = not failing or next(counter) % 3 == 0
            taken.refused += not fine
            self.send_response(200 if fine else 500)
            self.end_headers()
            self.wfile.write(b'{"itemsReceived": 1, "itemsAccepted": 1, "errors": []}' if fine else b"{}")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    taken = Taken(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def model() -> Iterator[Taken]:
    """The mock of OpenAI on a port of its own, whose replies hold mangled and strangers' tokens."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = Taken(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = _Recorder(create_app(answer=_Careless().answer), taken)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class _Recorder:
    """Keeps what comes in, headers and all."""

    def __init__(self, app: ASGIApp, taken: Taken) -> None:
        self._app = app
        self._taken = taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/__mock__"):
            await self._app(scope, receive, send)
            return
        self._taken.bodies.append(repr((scope["path"], scope["query_string"], scope["headers"])).encode())

        async def heard() -> Message:
            message = await receive()
            self._taken.bodies.append(message.get("body", b""))
            return message

        await self._app(scope, heard, send)


class _Careless:
    """Replies of the rules, with a token of the prompt in them as careless models write it."""

    def __init__(self) -> None:
        self._turn = itertools.count()
        self._strange = ""

    def answer(self, request: dict[str, Any]) -> str:
        said = openai_rules.answer(request)
        tokens = _TOKEN.findall(json.dumps(request["messages"]))
        found = json.loads(said)
        if not tokens or not isinstance(found, dict) or not found.get("sentences"):
            return said
        token, strange = tokens[-1], self._strange
        self._strange = token
        ways = (
            token,
            token.upper(),
            token.replace("-", ""),
            token[:-3],
            token.replace("_", " ").lower(),
            f"{token[:20]}\u2010{token[21:]}",
            f"{token[:-1]}{'0' if token[-1] != '0' else '1'}",
            strange or token,
        )
        first = found["sentences"][0]
        first["text"] = f"{first['text']} {ways[next(self._turn) % len(ways)]}."
        return json.dumps(found)
