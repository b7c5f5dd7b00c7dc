"""A mock Key Vault, and desks whose vault of personal data has its key there."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from shared.adapters.key_vault import open_key_vault
from shared.adapters.local.vault import LocalVault
from shared.adapters.memory.audit import MemoryAudit
from tests import key_vault

Running = Callable[..., AbstractAsyncContextManager[key_vault.Vault]]
Desk = Callable[..., AbstractAsyncContextManager[LocalVault]]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Starts a Key Vault; its options are those of `tests.key_vault.running`."""

    @asynccontextmanager
    async def start(**more: object) -> AsyncIterator[key_vault.Vault]:
        with key_vault.running(tmp_path / "service", monkeypatch, **more) as keys:  # type: ignore[arg-type]
            yield keys
            await key_vault.close(keys)

    return start


@pytest.fixture
async def keys(running: Running) -> AsyncIterator[key_vault.Vault]:
    async with running() as keys:
        yield keys


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Opens the vault of this test, again and again the same file."""

    @asynccontextmanager
    async def start(keys: key_vault.Vault, **more: float) -> AsyncIterator[LocalVault]:
        path = tmp_path / "vault.db"
        async with open_key_vault(keys.url, path, audit=MemoryAudit(), **more) as vault:
            assert isinstance(vault, LocalVault)
            yield vault

    return start


async def token(vault: LocalVault, name: str) -> str:
    """A customer's name, sealed under a key of their own."""
    return await vault.token(name, conversation_id="c1", owner=name)


async def shown(vault: LocalVault, *tokens: str) -> str:
    """What the tokens stand for."""
    return await vault.reveal(" ".join(tokens), conversation_id="c1", purpose="delivery")


def masters(tmp_path: Path) -> list[str]:
    """Which versions the owners' keys are sealed with."""
    db = sqlite3.connect(tmp_path / "vault.db")
    try:
        return [row[0] for row in db.execute("SELECT DISTINCT master FROM owners")]
    finally:
        db.close()
