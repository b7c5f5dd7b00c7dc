"""The vault with its key in Key Vault, and what happens when Key Vault does not play along."""

import asyncio
import logging
import time
from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.problems import unavailable
from mock_apis import identity
from shared.adapters.key_vault import SECRET
from shared.adapters.key_vault_failures import KeyRefused
from shared.errors import SettingsError, VaultDown
from tests import key_vault
from tests.vaults import open_vault

from .conftest import Desk, Running, shown, token


async def test_survives_a_restart(keys: key_vault.Vault, desk: Desk) -> None:
    """The key is made once, as a secret of 64 hex digits; a restart reads it again."""
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
    secret = await keys.client().get_secret(SECRET)
    assert len(bytes.fromhex(secret.value or "")) == 32
    async with desk(keys) as vault:
        assert await shown(vault, ana) == "Ana"
        assert await token(vault, "Ana") == ana
    versions = [one async for one in keys.client().list_properties_of_secret_versions(SECRET)]
    assert len(versions) == 1


async def test_two_desks_start_at_once(keys: key_vault.Vault, desk: Desk) -> None:
    """Two that begin one file together open what the other seals, whichever made the key."""
    async with desk(keys) as one, desk(keys) as two:
        ana, bo = await asyncio.gather(token(one, "Ana"), token(two, "Bo"))
        assert await shown(one, ana, bo) == await shown(two, ana, bo) == "Ana Bo"
        assert await token(two, "Ana") == ana


async def test_killed_in_the_middle(keys: key_vault.Vault, desk: Desk) -> None:
    """With the key in memory no turn needs Key Vault; a start without it says what is wrong."""
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
        keys.server.kill()
        bo = await token(vault, "Bo")
        assert await shown(vault, ana, bo) == "Ana Bo"
        assert await vault.forget("Ana") == 1
        with pytest.raises(VaultDown, match="cannot be reached"):
            await vault.renew()
        await vault.ping()
        with pytest.raises(VaultDown, match=rf"Key Vault {keys.url} cannot be reached: .*Check VAULT_URL"):
            await desk(keys, seconds=10).__aenter__()
        keys.server.revive()
        await vault.renew()
        assert await shown(vault, bo) == "Bo"


async def test_throttled_for_a_while(keys: key_vault.Vault, desk: Desk) -> None:
    """`Retry-After` is waited for, then the key is read."""
    keys.break_next(status=429, times=1, retry_after=1)
    began = time.monotonic()
    async with desk(keys) as vault:
        assert time.monotonic() - began >= 1
        await vault.ping()


async def test_throttled_for_long(keys: key_vault.Vault, desk: Desk) -> None:
    """When the wait is longer than a start may take, the reason is told, and nobody asked in between."""
    keys.break_next(status=429, times=2, retry_after=30)
    began = time.monotonic()
    with pytest.raises(VaultDown, match=r"throttled \(HTTP 429, asking to wait 30 s\)"):
        await desk(keys, seconds=1).__aenter__()
    assert time.monotonic() - began < 25
    with keys.http() as http:
        answers = [http.get("/secrets", params={"api-version": "7.4"}).status_code for _ in range(2)]
    assert answers == [429, 200]  # the start took but one of the two


async def test_slow(keys: key_vault.Vault, desk: Desk) -> None:
    """A silent Key Vault ends the start at its deadline."""
    keys.break_next(status=None, delay_ms=1500)
    with pytest.raises(VaultDown, match=rf"{keys.url} gave no key within 0.5 s: silent or slow"):
        await desk(keys, seconds=0.5).__aenter__()


async def test_sick(keys: key_vault.Vault, desk: Desk) -> None:
    """An error of the service is passed on as one that may pass."""
    keys.break_next(status=503)
    with pytest.raises(VaultDown, match="answered HTTP 503") as caught:
        await desk(keys).__aenter__()
    assert caught.value.retry


async def test_disabled(keys: key_vault.Vault, desk: Desk) -> None:
    """A disabled secret keeps the vault shut at start; a running one serves on, and is not ready."""
    client = keys.client()
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
        await client.update_secret_properties(SECRET, enabled=False)
        with pytest.raises(VaultDown, match="is disabled"):
            await vault.renew()
        assert await shown(vault, ana) == "Ana"
        with pytest.raises(VaultDown, match="is disabled"):
            await vault.ping()
        remedy = rf"az keyvault secret set-attributes --id {keys.url}/secrets/{SECRET}\S* --enabled true"
        with pytest.raises(VaultDown, match=remedy):
            await desk(keys).__aenter__()
        await client.update_secret_properties(SECRET, enabled=True)
        await vault.renew()
        await vault.ping()


async def test_wrong_tenant(running: Running, desk: Desk) -> None:
    """An identity of another tenant is told that it is unknown there."""
    other = identity.Tenant("other", "another tenant's key, long enough for HS256")
    async with running(tenant=other) as keys:
        with pytest.raises(
            VaultDown, match=r"does not know who asks: .*AKV10032.*managed identity of the vault's"
        ):
            await desk(keys).__aenter__()


async def test_no_identity(keys: key_vault.Vault, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity endpoint that gives nothing is not taken for a broken vault."""
    monkeypatch.setenv("IDENTITY_HEADER", "another")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    with pytest.raises(VaultDown, match="does not know who asks"):
        await desk(keys).__aenter__()


async def test_missing_right(running: Running, desk: Desk) -> None:
    """Without the right to set a secret, the first start names the role; reading needs less."""
    async with running(permissions=("get",)) as keys:
        with pytest.raises(VaultDown, match=r"Action: secrets/set.*role Key Vault Secrets Officer"):
            await desk(keys).__aenter__()
    async with running() as keys, desk(keys) as vault:
        ana = await token(vault, "Ana")
    async with running(permissions=("get",)) as keys, desk(keys) as vault:
        assert await shown(vault, ana, await token(vault, "Bo")) == "Ana Bo"


async def test_deleted(running: Running, desk: Desk) -> None:
    """A deleted key is never replaced by a new one: what is sealed would be lost."""
    async with running(settles=0) as keys:
        client = keys.client()
        async with desk(keys) as vault:
            ana = await token(vault, "Ana")
            await client.delete_secret(SECRET, _polling_interval=0)
            await client.purge_deleted_secret(SECRET)
            with pytest.raises(VaultDown, match="has no secret"):
                await vault.renew()
            assert [one async for one in client.list_properties_of_secrets()] == []
            assert await shown(vault, ana) == "Ana"


async def test_deleted_and_recovered(running: Running, desk: Desk) -> None:
    """The start says how to have it back, and then it opens what it sealed."""
    async with running(settles=0) as keys:
        client = keys.client()
        async with desk(keys) as vault:
            ana = await token(vault, "Ana")
        await client.delete_secret(SECRET, _polling_interval=0)
        with pytest.raises(
            VaultDown, match=r"has no secret .* holds values sealed .*az keyvault secret recover"
        ):
            await desk(keys).__aenter__()
        await client.recover_deleted_secret(SECRET, _polling_interval=0)
        async with desk(keys) as vault:
            assert await shown(vault, ana) == "Ana"


async def test_name_of_a_deleted_secret(running: Running, desk: Desk) -> None:
    """A new vault does not take the place of a deleted key, which may belong to another."""
    async with running(settles=0) as keys:
        client = keys.client()
        await client.set_secret(SECRET, "00" * 32)
        await client.delete_secret(SECRET, _polling_interval=0)
        with pytest.raises(VaultDown, match=r"was deleted, .*az keyvault secret recover"):
            await desk(keys).__aenter__()


@pytest.mark.parametrize("value", ["no key", "", "00" * 31, "é" * 64])
async def test_no_key(keys: key_vault.Vault, desk: Desk, value: str) -> None:
    """A version that is no key is named; a running vault keeps the one it has, and tells."""
    async with desk(keys) as vault:
        await keys.client().set_secret(SECRET, value)
        with pytest.raises(SettingsError, match=r"version [0-9a-f]{32}, is no key: .*openssl rand -hex 32"):
            await vault.renew()
        assert await shown(vault, await token(vault, "Ana")) == "Ana"
        with pytest.raises(VaultDown, match="is no key"):
            await vault.ping()
    with pytest.raises(SettingsError, match="is no key"):
        await desk(keys).__aenter__()


async def test_not_a_key_vault(keys: key_vault.Vault, desk: Desk) -> None:
    """A server that asks for a token of another domain gets none."""

    async def challenge(scope: Scope, receive: Receive, send: Send) -> None:
        told = (
            'Bearer authorization="https://login.microsoftonline.com/x", resource="https://vault.azure.net"'
        )
        await Response(status_code=401, headers={"WWW-Authenticate": told})(scope, receive, send)

    real, keys.server = keys.server, key_vault.Server(challenge, keys.tls)
    try:
        with pytest.raises(
            SettingsError, match=r"VAULT_URL=.* does not answer like a Key Vault: .*vault\.azure"
        ):
            await desk(keys).__aenter__()
    finally:
        keys.server.kill()
        keys.server = real


def test_a_refusal_is_told_to_customers_as_any_outage() -> None:
    """The page says which part is down, whatever the reason."""
    told = unavailable(KeyRefused("the key is disabled"))
    assert "The personal data vault is not available" in str(told.body)
    assert "disabled" not in str(told.body)


async def test_not_the_key_it_was_sealed_with(keys: key_vault.Vault, desk: Desk, tmp_path: Path) -> None:
    """A vault file of a key file, or of another Key Vault, is not opened and not spoiled."""
    key, audit = tmp_path / "key", tmp_path / "audit.jsonl"
    async with open_vault(tmp_path / "vault.db", key, audit=audit):
        pass
    with pytest.raises(VaultDown, match=r"sealed with a key file.*set VAULT_URL=local://"):
        await desk(keys).__aenter__()
    (tmp_path / "vault.db").unlink()
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
    with pytest.raises(VaultDown, match=r"sealed with key [0-9a-f]{32} of a Key Vault"):
        await open_vault(tmp_path / "vault.db", key, audit=audit).__aenter__()
    async with desk(keys) as vault:
        assert await shown(vault, ana) == "Ana"


async def test_keys_are_not_logged(
    keys: key_vault.Vault, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither key nor token of the identity stands in any log line, on any level."""
    with caplog.at_level(logging.DEBUG):
        async with desk(keys) as vault:
            await vault.renew()
            held = repr(vault._ring.sealing)
    secret = (await keys.client().get_secret(SECRET)).value or "?"
    assert "GET" in caplog.text  # the SDK did log
    for hidden in (secret, bytes.fromhex(secret).decode("latin-1"), "eyJ"):
        assert hidden not in caplog.text
        assert hidden not in held
