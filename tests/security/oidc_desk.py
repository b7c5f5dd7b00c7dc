"""A desk whose staff sign in at the mock OpenID provider, both in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from mock_apis import oidc
from mock_apis.oidc_records import CLIENT_ID, CLIENT_SECRET, Records, new_key
from shared.settings import Settings
from tests.clock import Clock
from tests.security.staff_desk import StaffDesk, staff_desk
from tests.staff import room_for_tests

ISSUER, DESK = "http://127.0.0.1:9003", "http://127.0.0.1:8080"
ROLES = "Support.Admin=admin,Support.Lead=lead,Support.Agent=agent,Support.Operator=operator"
KEY = new_key()
"""One for all: making one takes longer than most tests."""
SETTINGS: dict[str, Any] = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": CLIENT_ID,
    "oidc_client_secret": CLIENT_SECRET,
    "oidc_roles": ROLES,
    "public_url": DESK,
    "rate_address_per_minute": 100_000,
}


@dataclass
class OidcDesk:
    """The desk, a browser at it, and the provider with what it knows."""

    desk: StaffDesk
    http: httpx.AsyncClient
    provider: httpx.AsyncClient
    records: Records
    clock: Clock
    asked: list[httpx.Request]
    """What the desk itself asked the provider for."""

    async def begin(self, onward: str = "") -> str:
        """Off to the provider; its address."""
        answer = await self.http.get("/staff/sign-in/oidc", params={"next": onward} if onward else {})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, address: str, sub: str = "robin") -> str:
        """Be somebody there; the address back."""
        answer = await self.provider.post(address, data={"sub": sub})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, sub: str = "robin", onward: str = "") -> httpx.Response:
        """All the way; the desk's answer."""
        return await self.http.get(await self.choose(await self.begin(onward), sub))

    async def role(self) -> str:
        """The role of who is signed in, or nothing."""
        answer = await self.http.get("/staff/me")
        return str(answer.json()["role"]) if answer.status_code == 200 else ""


def query(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))


@asynccontextmanager
async def oidc_desk(**changed: Any) -> AsyncIterator[OidcDesk]:
    """Both, with these settings changed; the provider's keys are looked for as often as the clock says."""
    clock = Clock()
    app = oidc.create_app(ISSUER, keys=[KEY])
    asked: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        asked.append(request)

    transport = httpx.ASGITransport(app)
    settings = Settings(**{**SETTINGS, **changed})
    async with (
        httpx.AsyncClient(transport=transport, event_hooks={"request": [note]}) as ours,
        httpx.AsyncClient(transport=transport) as theirs,
    ):
        room = room_for_tests(settings, http=ours)
        assert room.oidc is not None
        room.oidc.provider.clock = clock.now
        desk = staff_desk(room=room, settings=settings)
        async with desk.http(url=settings.public_url) as http:
            yield OidcDesk(desk, http, theirs, app.state.records, clock, asked)
