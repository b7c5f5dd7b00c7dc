"""The mock vendors start alone, as a developer starts them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from mock_apis import identity
from tests.processes import Process
from tests.shop import free_port


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
