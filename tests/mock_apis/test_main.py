"""The mock vendors start alone, as a developer starts them."""

import asyncio
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from mock_apis import identity
from shared.settings import Settings
from tests.processes import Process
from tests.shop import free_port
from tests.staff import room_for_tests


@contextmanager
def vendor(name: str, port: int, folder: Path) -> Iterator[None]:
    """`python -m mock_apis <name>` for as long as the context is open."""
    command = [sys.executable, "-m", "mock_apis", name, "--port", str(port), "--tls", str(folder / "tls")]
    command += ["--file", str(folder / f"{name}.db")]
    process = Process(name, command, ready=f"mock {name} on http", folder=folder, env={})
    try:
        process.wait_ready()
        yield
    finally:
        process.kill()


def test_key_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`key_vault` and `identity` give the SDK all it needs; a killed vault keeps what was set."""
    ports = free_port(), free_port()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{ports[1]}{identity.PATH}")
    monkeypatch.setenv("IDENTITY_HEADER", identity.HEADER)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "tls" / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        vendor("identity", ports[1], tmp_path),
        ManagedIdentityCredential() as credential,
        SecretClient(f"https://127.0.0.1:{ports[0]}", credential) as client,
    ):
        with vendor("key_vault", ports[0], tmp_path):
            client.set_secret("key", "x")
        with vendor("key_vault", ports[0], tmp_path):
            assert client.get_secret("key").value == "x"


def test_oidc(tmp_path: Path) -> None:
    """`oidc` says with which settings a desk signs its staff in there, and they are good ones."""
    port = free_port()
    with vendor("oidc", port, tmp_path):
        said = (tmp_path / "oidc.out").read_text()
        told = dict(pair.split("=", 1) for pair in shlex.split(said[said.index("(") + 1 : said.rindex(")")]))
        assert told["OIDC_ISSUER"] == f"http://127.0.0.1:{port}"
        room = room_for_tests(Settings(**{name.lower(): value for name, value in told.items()}))  # type: ignore[arg-type]
        assert room.oidc is not None
        about = httpx.get(f"{told['OIDC_ISSUER']}/.well-known/openid-configuration").json()
        assert about["issuer"] == told["OIDC_ISSUER"]
        asyncio.run(room.close())
