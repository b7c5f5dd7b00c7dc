"""A running mock Key Vault with its identity endpoint: real TLS, on free ports of this machine."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient
from starlette.types import ASGIApp

from mock_apis import identity, key_vault
from mock_apis.tls import Certificates, certificates


class Server:
    """One ASGI app on a port that stays its own, over restarts too."""

    def __init__(self, app: ASGIApp, tls: Certificates | None = None) -> None:
        self._app = app
        self._tls: dict[str, Any] = (
            {} if tls is None else {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
        )
        self._host = "127.0.0.1"
        self._listener = socket.create_server((self._host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    def kill(self) -> None:
        """Close the port and every connection; whoever calls from now on is refused."""
        self.stop()
        self._thread.join(10)
        self._listener.close()

    def stop(self) -> None:
        """Begin to; two that stop together take as long as one."""
        self._running.should_exit = self._running.force_exit = True

    def revive(self) -> None:
        """Listen at the same port again."""
        self._listener = socket.create_server((self._host, self.port))
        self._start()

    def _start(self) -> None:
        config: dict[str, Any] = {"log_level": "critical", "lifespan": "off", "loop": "asyncio"}
        self._running = uvicorn.Server(uvicorn.Config(self._app, **config, **self._tls))
        self._thread = threading.Thread(
            target=asyncio.run, args=(_serve(self._running, self._listener),), daemon=True
        )
        self._thread.start()


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Until it is told to exit; then connections end as they do when a process is killed."""
    await server.serve(sockets=[listener])
    connections = server.server_state.connections
    for connection in list(connections):
        assert connection.transport is not None
        connection.transport.abort()
    while connections:  # noqa: ASYNC110  uvicorn has no event for the last one leaving
        await asyncio.sleep(0)


@dataclass
class Vault:
    """A running vault, how to reach it, and its clock."""

    server: Server
    identity: Server
    tls: Certificates
    ahead: float = 0.0
    """Seconds that the vault's clock is ahead of ours."""
    closing: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What `VAULT_URL` would be."""
        return self.server.url

    def client(self, **more: Any) -> SecretClient:
        """The real asynchronous client, with the credential an Azure host would have."""
        credential = ManagedIdentityCredential(transport=AsyncioRequestsTransport())
        client = SecretClient(self.url, credential, transport=AsyncioRequestsTransport(), **more)
        self.closing += [client, credential]
        return client

    def http(self) -> httpx.Client:
        """A plain client that is signed in, for what the SDK cannot be made to ask."""
        resource = f"https://{self.url.partition('.')[2]}"
        token = httpx.get(
            f"{self.identity.url}{identity.PATH}",
            params={"api-version": "2019-08-01", "resource": resource},
            headers={"X-IDENTITY-HEADER": identity.HEADER},
            trust_env=False,
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, verify=trusting(self.tls), headers=headers, trust_env=False)

    def break_next(self, **fault: Any) -> None:
        """Answer the next requests with a fault; see `mock_apis.faults`."""
        with self.http() as http:
            http.post("/__mock__/fault", json=fault).raise_for_status()


def trusting(tls: Certificates) -> ssl.SSLContext:
    """Who believes the vault's certificate and no other."""
    return ssl.create_default_context(cafile=str(tls.authority))


@contextmanager
def running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, tenant: identity.Tenant = identity.TENANT, **more: Any
) -> Iterator[Vault]:
    """A vault with its state in `folder`; the environment is that of a host with a managed identity.

    `tenant` signs the tokens of that identity.
    """
    tls = certificates(folder / "tls")
    with ExitStack() as stack:
        app = key_vault.create_app(folder / "key_vault.db", now=lambda: time.time() + vault.ahead, **more)
        stack.callback(app.close)
        servers = Server(app, tls), Server(identity.create_app(tenant))
        vault = Vault(*servers, tls)
        for server in servers:
            stack.callback(server.kill)
        for server in servers:
            stack.callback(server.stop)
        for name, value in {
            "IDENTITY_ENDPOINT": f"{servers[1].url}{identity.PATH}",
            "IDENTITY_HEADER": identity.HEADER,
            "REQUESTS_CA_BUNDLE": str(tls.authority),
            "NO_PROXY": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        yield vault


async def close(vault: Vault) -> None:
    """Close the clients that were handed out."""
    await asyncio.gather(*(one.close() for one in vault.closing))
