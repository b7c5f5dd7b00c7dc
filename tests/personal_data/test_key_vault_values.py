"""Every value as a secret of its own in Key Vault, and in our file while Key Vault cannot take it."""

import asyncio
import base64
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.key_vault_values import open_secrets_vault
from shared.adapters.local.rows import Rows
from shared.adapters.local.vault import LocalVault
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.pace import Pace
from shared.errors import VaultDown
from tests import key_vault

from .conftest import Desk, Running, shown, token

SecretsDesk = Callable[..., AbstractAsyncContextManager[LocalVault]]


@pytest.fixture
def secrets_desk(tmp_path: Path) -> SecretsDesk:
    """Opens the vault of this test with its values in Key Vault."""

    @asynccontextmanager
    async def start(keys: key_vault.Vault, pace: Pace | None = None) -> AsyncIterator[LocalVault]:
        url, path = keys.url.replace("https", "keyvault-secrets"), tmp_path / "vault.db"
        pace = pace or Pace(limit_s=5, rest_s=0.05)
        async with open_secrets_vault(url, path, audit=MemoryAudit(), idle_seconds=0.01, pace=pace) as vault:
            assert isinstance(vault, LocalVault)
            yield vault

    return start


def rows(tmp_path: Path, statement: str) -> list[tuple[object, ...]]:
    """What stands in the vault's file."""
    db = sqlite3.connect(tmp_path / "vault.db")
    try:
        return db.execute(statement).fetchall()
    finally:
        db.close()


def in_file(tmp_path: Path) -> int:
    """How many values the file itself holds."""
    return len(rows(tmp_path, "SELECT 1 FROM secrets WHERE sealed <> x''"))


async def settled(tmp_path: Path) -> None:
    """Wait until nothing is left to be moved or deleted."""
    async with asyncio.timeout(30):
        while rows(tmp_path, "SELECT 1 FROM errands"):  # noqa: ASYNC110  the file has no event
            await asyncio.sleep(0.01)


async def test_one_secret_per_value(keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """A value is the secret TOKEN-<uuid>, sealed; the file keeps none, and a restart reads it there."""
    async with secrets_desk(keys) as vault:
        ana = await token(vault, "Ana Zebulon")
        await settled(tmp_path)
        assert await shown(vault, ana) == "Ana Zebulon"
    assert in_file(tmp_path) == 0
    secret = (await keys.client().get_secret(ana.replace("_", "-"))).value or ""
    assert b"Zebulon" not in base64.b64decode(secret)
    assert len(base64.b64decode(secret)) == 12 + len("Ana Zebulon") + 16  # nonce, value, tag of AES-GCM
    async with secrets_desk(keys) as vault:
        assert await shown(vault, ana) == "Ana Zebulon"
        assert await token(vault, "Ana Zebulon") == ana
        said = await vault.tokenize("I am Ana Zebulon", conversation_id="c1", owner="Ana Zebulon")
        assert said == f"I am {ana}"


async def test_down(keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """New values and those in memory need no Key Vault; others are refused clearly; then all is moved."""
    async with secrets_desk(keys) as vault:
        old = await token(vault, "Old")
        await settled(tmp_path)
    async with secrets_desk(keys) as vault:
        ana = await token(vault, "Ana")
        await settled(tmp_path)
        keys.server.kill()
        assert await shown(vault, ana) == "Ana"  # moved a moment ago, and still in memory
        bo = await token(vault, "Bo")
        assert await shown(vault, ana, bo) == "Ana Bo"
        assert in_file(tmp_path) == 1
        with pytest.raises(VaultDown, match=rf"Key Vault {keys.url} "):
            await shown(vault, old)
        await vault.ping()
        keys.server.revive()
        await settled(tmp_path)
        assert in_file(tmp_path) == 0
        assert await shown(vault, old, ana, bo) == "Old Ana Bo"


async def test_throttled(keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """After 429 the values wait in the file, for as long as Key Vault asks, and move when it takes them."""
    async with secrets_desk(keys) as vault:
        keys.break_next(status=429, times=1, retry_after=1)
        began = time.monotonic()
        given = [await token(vault, f"Name {n}") for n in range(8)]
        assert await shown(vault, given[7]) == "Name 7"
        await settled(tmp_path)
        assert time.monotonic() - began >= 1
        assert in_file(tmp_path) == 0
    async with secrets_desk(keys) as vault:
        assert await shown(vault, *given) == " ".join(f"Name {n}" for n in range(8))


async def test_slow(
    keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """When the 95th percentile is over the limit, values stay in the file; when it is under, they move."""
    pace = Pace(limit_s=0.25, rest_s=0.05)
    async with secrets_desk(keys, pace) as vault:
        keys.break_next(status=None, delay_ms=400)
        for n in range(40):
            await token(vault, f"Name {n}")
        async with asyncio.timeout(30):
            while pace.open:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)
        assert in_file(tmp_path) > 0
        keys.break_next(status=None, delay_ms=30_000)
        began = time.monotonic()
        last = await token(vault, "Quick")
        assert await shown(vault, last) == "Quick"
        assert time.monotonic() - began < 25
        with keys.http() as http:
            http.delete("/__mock__/fault")
        await settled(tmp_path)
        assert pace.open
        assert in_file(tmp_path) == 0
    assert "is slow or refuses: values wait" in caplog.text
    assert "is quick again: values move there" in caplog.text


async def test_forget(running: Running, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """Forgetting closes the value at once; its secret is deleted and purged when Key Vault can do it."""
    async with running(settles=0.2) as keys:
        async with secrets_desk(keys) as vault:
            ana, bo = await token(vault, "Ana"), await token(vault, "Bo")
            await settled(tmp_path)
            keys.server.kill()
            assert await vault.forget("Ana") == 1
            assert await shown(vault, ana) == ana
            assert not rows(tmp_path, "SELECT 1 FROM owners WHERE owner NOT IN (SELECT owner FROM secrets)")
            keys.server.revive()
            await settled(tmp_path)
            assert await shown(vault, bo) == "Bo"
        client = keys.client()
        for ask in (client.get_secret, client.get_deleted_secret):
            with pytest.raises(ResourceNotFoundError):
                await ask(ana.replace("_", "-"))


async def test_purge_protection(running: Running, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """Where nobody may purge, the sealed rest stays for its 90 days, and no errand goes round forever."""
    async with running(settles=0, permissions=("get", "set", "delete")) as keys:
        async with secrets_desk(keys) as vault:
            ana = await token(vault, "Ana")
            await settled(tmp_path)
            await vault.forget("Ana")
            await settled(tmp_path)
        assert (await keys.client().get_deleted_secret(ana.replace("_", "-"))).name


async def test_a_guest_signs_in(keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """A moved value is sealed anew for the customer, moved again, and forgotten with them."""
    async with secrets_desk(keys) as vault:
        ana = await vault.token("Ana", conversation_id="c1", owner="c1")
        await settled(tmp_path)
        assert await shown(vault, ana) == "Ana"
        assert await vault.token("Ana", conversation_id="c1", owner="ana") == ana
        assert in_file(tmp_path) in {0, 1}
        assert await shown(vault, ana) == "Ana"
        await settled(tmp_path)
        assert await shown(vault, ana) == "Ana"
    async with secrets_desk(keys) as vault:
        assert await shown(vault, ana) == "Ana"
        assert await vault.forget("c1") == 0
        assert await vault.forget("ana") == 1


def test_sealed_anew_while_it_was_moved(tmp_path: Path) -> None:
    """Only what Key Vault has got leaves the file: a newer sealing stays, and is moved next."""
    file = Rows(tmp_path / "vault.db", patience=1)
    file.create()
    with file.writing():
        file.wrapped_key(b"owner", (b"wrapped", ""))
        file.add("TOKEN_1", "c1", b"blind", b"owner", b"newer", "")
        file.send("TOKEN_1")
    file.moved("TOKEN_1", b"older")
    assert file.errands(9) == [("TOKEN_1", b"owner", b"newer")]
    file.moved("TOKEN_1", b"newer")
    assert file.errands(9) == []
    assert [row.sealed for row in file.sealed("c1", ["TOKEN_1"])] == [b""]
    file.close()


async def test_too_long_for_a_secret(
    keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path
) -> None:
    """A value over 25 KB stays in the file."""
    async with secrets_desk(keys) as vault:
        long = await token(vault, "y" * 25000)
        await settled(tmp_path)
        assert in_file(tmp_path) == 1
        assert await shown(vault, long) == "y" * 25000


async def test_one_of_several_moves(keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path) -> None:
    """Processes on one file set no secret twice, and each reads what another has moved."""
    async with secrets_desk(keys) as one, secrets_desk(keys) as two:
        given = await asyncio.gather(*(token(vault, f"N{n}") for n in range(6) for vault in (one, two)))
        await settled(tmp_path)
        assert len(set(given)) == 6
        for ana in set(given):
            name = ana.replace("_", "-")
            listed = keys.client().list_properties_of_secret_versions(name)
            assert len([version async for version in listed]) == 1
        assert await shown(one, *given) == await shown(two, *given)


async def test_setting_changed_back(
    keys: key_vault.Vault, secrets_desk: SecretsDesk, desk: Desk, tmp_path: Path
) -> None:
    """Values that were moved are not lost without a word when VAULT_URL changes: it says which it was."""
    async with secrets_desk(keys) as vault:
        ana = await token(vault, "Ana")
        await settled(tmp_path)
    async with desk(keys) as vault:
        with pytest.raises(VaultDown, match="set VAULT_URL back to keyvault-secrets://"):
            await shown(vault, ana)
        bo = await token(vault, "Bo")
        with pytest.raises(VaultDown, match="set VAULT_URL back to keyvault-secrets://"):
            await vault.tokenize("Hello", conversation_id="c1", owner="c1")
    async with secrets_desk(keys) as vault:
        assert await shown(vault, ana, bo) == "Ana Bo"


@pytest.mark.parametrize("value", ["", "no base64!", base64.b64encode(b"x" * 40).decode()])
async def test_altered_secret(
    keys: key_vault.Vault, secrets_desk: SecretsDesk, tmp_path: Path, value: str
) -> None:
    """A secret that was changed by hand does not open."""
    async with secrets_desk(keys) as vault:
        ana = await token(vault, "Ana")
        await settled(tmp_path)
    await keys.client().set_secret(ana.replace("_", "-"), value)
    async with secrets_desk(keys) as vault:
        with pytest.raises(VaultDown, match=r"than we set|was altered"):
            await shown(vault, ana)
