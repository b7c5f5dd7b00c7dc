"""A nats-server with the users of the house, and connections as each of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from shared.adapters.nats.access import inbox_of
from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.connecting import _Client, denied
from shared.adapters.nats.login import Credential, Login, read_credential
from shared.adapters.nats.server import embedded_server
from shared.adapters.nats.users import make_users
from shared.ports import Bus
from tests.processes import nats_binary

_LAST = "nobody.may"


@dataclass
class House:
    """Where the server is, and the folder with everybody's key."""

    url: str
    users: Path

    def key(self, user: str) -> Credential:
        return read_credential(self.users / f"{user}.nk")

    @asynccontextmanager
    async def bus(self, user: str, **options: Any) -> AsyncIterator[Bus]:
        """The product's bus, signed in as this user."""
        async with open_bus(self.url, name=user, login=Login(user, self.key(user)), **options) as bus:
            yield bus

    @asynccontextmanager
    async def raw(self, user: str) -> AsyncIterator["Stranger"]:
        """A plain client with this user's key, which does what it likes."""
        client = _Client(self.key(user), encrypted=False)
        stranger = Stranger(client)
        await client.connect(
            self.url,
            error_cb=stranger.told,
            inbox_prefix=inbox_of(user),
            signature_cb=self.key(user).key.sign,
            allow_reconnect=False,
        )
        try:
            yield stranger
        finally:
            await client.close()


class Stranger:
    """Somebody who got hold of a service's key."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._denied: set[str] = set()
        self._last = asyncio.Event()

    async def told(self, error: Exception) -> None:
        found = denied(error)
        assert found is not None, error
        self._denied.add(found[1])
        if found[1] == _LAST:
            self._last.set()

    async def let_through(self, *, publish: Iterable[str] = (), subscribe: Iterable[str] = ()) -> set[str]:
        """Those of these subjects that the server did not refuse."""
        tried = {*publish, *subscribe}
        for subject in publish:
            await self.client.publish(subject, b"{}")
        for subject in subscribe:
            await self.client.subscribe(subject)
        # The server refuses in order: when it has refused this, it has refused all that it will.
        await self.client.publish(_LAST)
        async with asyncio.timeout(30):
            await self._last.wait()
        return {subject for subject in tried if subject.lower() not in self._denied}


@asynccontextmanager
async def house(folder: Path, *, more: str = "") -> AsyncIterator[House]:
    """A server whose streams nobody has made yet; `more` is added to its configuration."""
    users = folder / "users"
    async with embedded_server(folder / "nats", nats_binary(), users=make_users(users) + more) as url:
        yield House(url, users)
