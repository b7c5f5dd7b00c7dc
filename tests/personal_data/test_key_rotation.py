"""A new version of the key in Key Vault seals from then on; older ones open what they sealed."""

import asyncio
from pathlib import Path

import pytest

from shared.adapters.key_vault import SECRET
from shared.errors import VaultDown
from tests import key_vault

from .conftest import Desk, masters, shown, token


async def test_rotation(keys: key_vault.Vault, desk: Desk, tmp_path: Path) -> None:
    """A new version seals the keys of new owners; what older ones sealed opens, after a restart too."""
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
        (first,) = masters(tmp_path)
        second = (await keys.client().set_secret(SECRET, "ab" * 32)).properties.version
        await vault.renew()
        bo = await token(vault, "Bo")
        assert set(masters(tmp_path)) == {first, second}
        assert await token(vault, "Ana") == ana
        assert await shown(vault, ana, bo) == "Ana Bo"
    async with desk(keys) as vault:
        keys.server.kill()
        assert await shown(vault, ana, bo) == "Ana Bo"
        assert await token(vault, "Bo") == bo


async def test_rotation_seen_by_another_process(keys: key_vault.Vault, desk: Desk) -> None:
    """One that has not looked yet brings the newer key when it meets it, or says why it cannot."""
    async with desk(keys) as early:
        ana = await token(early, "Ana")
        await keys.client().set_secret(SECRET, "ab" * 32)
        async with desk(keys) as late:
            bo = await token(late, "Bo")
        keys.server.kill()
        with pytest.raises(VaultDown, match="cannot be reached"):
            await shown(early, ana, bo)
        assert await shown(early, ana) == "Ana"
        keys.server.revive()
        assert await shown(early, ana, bo) == "Ana Bo"
        keys.server.kill()
        assert await shown(early, ana, bo) == "Ana Bo"


async def test_looks_for_newer_keys_itself(
    keys: key_vault.Vault, desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A rotation is noticed without a restart; a look that fails is logged and tried again."""
    async with desk(keys, renew_seconds=0.05, seconds=2) as vault, asyncio.timeout(30):
        keys.server.kill()
        while "were not renewed" not in caplog.text:  # noqa: ASYNC110  a log has no event
            await asyncio.sleep(0.01)
        keys.server.revive()
        second = (await keys.client().set_secret(SECRET, "ab" * 32)).properties.version
        name = 0
        while second not in masters(tmp_path):
            await token(vault, f"owner {(name := name + 1)}")


async def test_one_old_version_is_closed(
    keys: key_vault.Vault, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A version that is disabled later closes what it sealed, and nothing else."""
    client = keys.client()
    async with desk(keys) as vault:
        ana = await token(vault, "Ana")
        second = (await client.set_secret(SECRET, "ab" * 32)).properties.version
        await vault.renew()
        bo = await token(vault, "Bo")
        await client.set_secret(SECRET, "cd" * 32)
    await client.update_secret_properties(SECRET, second, enabled=False)
    async with desk(keys) as vault:
        assert "cannot be opened" in caplog.text
        assert f"{SECRET}/{second} is disabled" in caplog.text
        assert await shown(vault, ana) == "Ana"
        with pytest.raises(VaultDown, match="is disabled"):
            await shown(vault, bo)


async def test_all_is_sealed_anew(keys: key_vault.Vault, desk: Desk, tmp_path: Path) -> None:
    """When a new version has settled everything is under it: older ones may be disabled, tokens stay."""
    client = keys.client()
    async with desk(keys, reseal_after=0, renew_seconds=0.05) as vault:
        given = [await token(vault, f"N{n}") for n in range(220)]  # more than one batch
        (first,) = masters(tmp_path)
        second = (await client.set_secret(SECRET, "ab" * 32)).properties.version
        async with asyncio.timeout(30):
            while masters(tmp_path) != [second]:  # noqa: ASYNC110  the file has no event
                await asyncio.sleep(0.01)
        assert await shown(vault, *given) == " ".join(f"N{n}" for n in range(220))
    await client.update_secret_properties(SECRET, first, enabled=False)
    async with desk(keys) as vault:
        keys.server.kill()
        assert await shown(vault, *given) == " ".join(f"N{n}" for n in range(220))
        assert [await token(vault, f"N{n}") for n in range(5)] == given[:5]
        assert await vault.forget("N7") == 1


async def test_not_sealed_anew_at_once(keys: key_vault.Vault, desk: Desk, tmp_path: Path) -> None:
    """A new version is left to be noticed by all processes first."""
    async with desk(keys) as vault:
        await token(vault, "Ana")
        (first,) = masters(tmp_path)
        await keys.client().set_secret(SECRET, "ab" * 32)
        await vault.renew()
        await vault.reseal(after=3600)
        assert masters(tmp_path) == [first]


async def test_a_rotation_is_not_undone(keys: key_vault.Vault, desk: Desk, tmp_path: Path) -> None:
    """A process that holds an old version for the newest does not put things back under it."""
    async with desk(keys) as early:
        ana = await token(early, "Ana")
        keys.ahead = 10  # Key Vault tells the age of versions in whole seconds
        second = (await keys.client().set_secret(SECRET, "ab" * 32)).properties.version
        async with desk(keys) as late:
            await late.reseal(after=-60)
        assert await shown(early, ana) == "Ana"
        await early.reseal(after=-60)
        assert masters(tmp_path) == [second]
