"""A shop that signs customer tokens with keys of its own: real keys, a real JWKS server on this machine."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The private key of this name; made once for all tests."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The private P-256 key of this name."""
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    """Its public half as a JWK."""
    to_jwk = RSAAlgorithm.to_jwk if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm.to_jwk
    jwk: dict[str, Any] = json.loads(to_jwk(key.public_key()))
    return jwk | ({"kid": kid} if kid is not None else {}) | more


def pem(key: Any) -> bytes:
    """Its public half as the text that attackers use as an HMAC secret."""
    form: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return form


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good token; None takes one away."""
    now = int(time.time())
    found = {"sub": "7", "iat": now, "exp": now + 600} | changes
    return {name: value for name, value in found.items() if value is not None}


def signed(key: Any, algorithm: str = "RS256", kid: str | None = "one", **changes: Any) -> str:
    """A token signed with this key; `headers` are more fields of the header."""
    headers = ({"kid": kid} if kid is not None else {}) | changes.pop("headers", {})
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


@dataclass
class KeyServer:
    """What the server answers, and how often it was asked."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    mood: str = "well"
    asked: int = 0
    strayed: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    waking: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, _: Request) -> Response:
        """The key set, or whatever its mood makes of it."""
        self.asked += 1
        self.called.set()
        if self.mood == "asleep":
            await self.waking.wait()
        answers = {
            "down": Response(status_code=500),
            "redirects": RedirectResponse(self.url + "/elsewhere"),
            "garbage": Response(b"\xff\x00 not json"),
            "huge": Response(b'{"keys": ["' + b"a" * 400_000 + b'"]}'),
            "empty": Response(b'{"keys": []}'),
            "list": Response(b"[]"),
        }
        return answers.get(self.mood) or Response(json.dumps({"keys": self.keys}))

    async def elsewhere(self, _: Request) -> Response:
        """Where a redirect leads: keys of an attacker."""
        self.strayed += 1
        return Response(json.dumps({"keys": [public(rsa_key("attacker"), "one")]}))


@asynccontextmanager
async def key_server(*keys: dict[str, Any]) -> AsyncIterator[KeyServer]:
    """A JWKS endpoint on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    shop = KeyServer(f"http://127.0.0.1:{listener.getsockname()[1]}/keys", list(keys))
    routes = [Route("/keys", shop.answer), Route("/keys/elsewhere", shop.elsewhere)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield shop
    finally:
        shop.waking.set()
        server.should_exit = server.force_exit = True
        await serving
