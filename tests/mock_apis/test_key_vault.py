"""The mock Key Vault keeps secrets like the service, asked by the real clients over TLS."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from tests import key_vault

from .key_vault_clients import CLIENTS, Client, codes

AN_HOUR = 3600.0


@pytest.fixture
async def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[key_vault.Vault]:
    """A vault in which deleting and recovering take an hour of its clock."""
    with key_vault.running(tmp_path, monkeypatch, settles=AN_HOUR) as running:
        yield running
        await key_vault.close(running)


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, vault: key_vault.Vault) -> Client:
    return CLIENTS[request.param](vault)


async def test_sets_and_gets(client: Client, vault: key_vault.Vault) -> None:
    """A secret comes back with its id, times, type and tags."""
    made = await client.call("set_secret", "Key", "é\n1", content_type="text/plain", tags={"a": "b"})
    found = await client.call("get_secret", "Key")
    assert (found.value, found.name) == ("é\n1", "Key")
    assert found.id == made.id == f"{vault.url}/secrets/Key/{found.properties.version}"
    assert (found.properties.content_type, found.properties.tags) == ("text/plain", {"a": "b"})
    assert (found.properties.enabled, found.properties.recovery_level) == (True, "Recoverable+Purgeable")
    assert found.properties.created_on == found.properties.updated_on
    assert abs((datetime.now(UTC) - found.properties.created_on).total_seconds()) < 60
    assert (await client.call("get_secret", "kEY")).id == made.id


async def test_versions(client: Client) -> None:
    """Setting again makes a version; the newest is the current one, the others stay and are listed."""
    made = [await client.call("set_secret", "key", str(n)) for n in range(3)]
    assert (await client.call("get_secret", "key")).value == "2"
    assert (await client.call("get_secret", "key", made[0].properties.version)).value == "0"
    listed = await client.listed("list_properties_of_secret_versions", "key")
    assert {one.version for one in listed} == {one.properties.version for one in made}
    assert await client.listed("list_properties_of_secret_versions", "other") == []
    with pytest.raises(ResourceNotFoundError) as caught:
        await client.call("get_secret", "key", "0" * 32)
    assert codes(caught.value) == (404, "SecretNotFound", None)


async def test_no_such_secret(client: Client) -> None:
    """What is not there is 404."""
    for ask in (("get_secret", "a"), ("get_deleted_secret", "a"), ("purge_deleted_secret", "a")):
        with pytest.raises(ResourceNotFoundError) as caught:
            await client.call(*ask)
        assert codes(caught.value) == (404, "SecretNotFound", None)
    with pytest.raises(ResourceNotFoundError):
        await client.call("update_secret_properties", "a", enabled=False)
    for change in (client.delete, client.recover):
        with pytest.raises(ResourceNotFoundError):
            await change("a")


async def test_updates_attributes(client: Client) -> None:
    """An update changes what it names, never the value."""
    first = await client.call("set_secret", "key", "x", tags={"a": "b"})
    begins, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    more = {"not_before": begins, "expires_on": ends, "content_type": "t"}
    changed = await client.call("update_secret_properties", "key", first.properties.version, **more)
    assert (changed.not_before, changed.expires_on, changed.content_type) == (begins, ends, "t")
    assert changed.tags == {"a": "b"}
    # Dates tell, they do not forbid: the service gives expired secrets, too.
    assert (await client.call("get_secret", "key")).value == "x"
    with pytest.raises(HttpResponseError) as caught:
        await client.call("update_secret_properties", "key", not_before=ends, expires_on=begins)
    assert codes(caught.value) == (400, "BadParameter", None)


async def test_disabled(client: Client) -> None:
    """A disabled version is not given: 403 with the inner code that tells it from a missing right."""
    first = await client.call("set_secret", "key", "x")
    await client.call("update_secret_properties", "key", enabled=False)
    for version in (None, first.properties.version):
        with pytest.raises(HttpResponseError) as caught:
            await client.call("get_secret", "key", version)
        assert codes(caught.value) == (403, "Forbidden", "SecretDisabled")
    assert [one.enabled for one in await client.listed("list_properties_of_secrets")] == [False]
    await client.call("set_secret", "key", "y")
    assert (await client.call("get_secret", "key")).value == "y"
    await client.call("update_secret_properties", "key", first.properties.version, enabled=True)
    assert (await client.call("get_secret", "key", first.properties.version)).value == "x"


async def test_soft_delete_takes_time(client: Client, vault: key_vault.Vault) -> None:
    """While being deleted it is neither here nor there, and its name is taken; then it is recoverable."""
    made = await client.call("set_secret", "key", "x")
    vault.server.kill()
    vault.server.revive()  # what is deleted is on disk, not in a process
    with vault.http() as http:
        told = http.delete("/secrets/key", params={"api-version": "7.4"}).json()
    assert told["recoveryId"] == f"{vault.url}/deletedsecrets/key"
    assert told["scheduledPurgeDate"] - told["deletedDate"] == 90 * 86400
    for ask in ("get_secret", "get_deleted_secret"):
        with pytest.raises(ResourceNotFoundError):
            await client.call(ask, "key")
    assert await client.listed("list_deleted_secrets") == []
    assert await client.listed("list_properties_of_secrets") == []
    for change in (("set_secret", "key", "y"), ("purge_deleted_secret", "key")):
        with pytest.raises(HttpResponseError) as caught:
            await client.call(*change)
        assert codes(caught.value) == (409, "Conflict", "ObjectIsBeingDeleted")
    vault.ahead += AN_HOUR
    (listed,) = await client.listed("list_deleted_secrets")
    found = await client.call("get_deleted_secret", "key")
    assert listed.recovery_id == found.recovery_id == told["recoveryId"]
    assert found.id == made.id
    with pytest.raises(ResourceExistsError) as refused:
        await client.call("set_secret", "key", "y")
    assert codes(refused.value) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert await client.listed("list_properties_of_secret_versions", "key") == []


async def test_recover_takes_time(client: Client, vault: key_vault.Vault) -> None:
    """While being recovered it cannot be read or set; then every version is back."""
    first = await client.call("set_secret", "key", "x")
    await client.call("set_secret", "key", "y")
    with vault.http() as http:
        http.delete("/secrets/key", params={"api-version": "7.4"})
        early = http.post("/deletedsecrets/key/recover", params={"api-version": "7.4"})
        assert (early.status_code, early.json()["error"]["innererror"]["code"]) == (
            409,
            "ObjectIsBeingDeleted",
        )
        vault.ahead += AN_HOUR
        assert http.post("/deletedsecrets/key/recover", params={"api-version": "7.4"}).status_code == 200
    with pytest.raises(ResourceNotFoundError):
        await client.call("get_secret", "key")
    with pytest.raises(ResourceExistsError) as caught:
        await client.call("set_secret", "key", "z")
    assert codes(caught.value) == (409, "Conflict", "ObjectIsBeingRecovered")
    vault.ahead += AN_HOUR
    assert (await client.call("get_secret", "key")).value == "y"
    assert (await client.call("get_secret", "key", first.properties.version)).value == "x"
    assert await client.listed("list_deleted_secrets") == []


async def test_purged_is_gone(client: Client, vault: key_vault.Vault) -> None:
    """After purging the name is free, and nothing of the old secret comes back with it."""
    old = await client.call("set_secret", "key", "x")
    with vault.http() as http:
        http.delete("/secrets/key", params={"api-version": "7.4"})
    vault.ahead += AN_HOUR
    await client.call("purge_deleted_secret", "key")
    with pytest.raises(ResourceNotFoundError):
        await client.call("get_deleted_secret", "key")
    await client.call("set_secret", "key", "y")
    assert len(await client.listed("list_properties_of_secret_versions", "key")) == 1
    with pytest.raises(ResourceNotFoundError):
        await client.call("get_secret", "key", old.properties.version)


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_the_clients_poll(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients' own waiting for deletion and recovery ends."""
    with key_vault.running(tmp_path, monkeypatch, settles=0.15) as vault:
        client = CLIENTS[kind](vault)
        await client.call("set_secret", "key", "x")
        assert (await client.delete("key")).name == "key"
        assert (await client.call("get_deleted_secret", "key")).name == "key"
        assert (await client.recover("key")).name == "key"
        assert (await client.call("get_secret", "key")).value == "x"
        await key_vault.close(vault)


async def test_pages(client: Client) -> None:
    """Listings come in pages of at most 25 with a link to the next, each item once, without values."""
    for n in range(28):
        await client.call("set_secret", f"key-{n:02}", "x", tags={"n": str(n)})
    listed = await client.listed("list_properties_of_secrets", max_page_size=7)
    assert [one.name for one in listed] == [f"key-{n:02}" for n in range(28)]
    assert [one.tags for one in listed] == [{"n": str(n)} for n in range(28)]
    assert {one.version for one in listed} == {None}
    assert await client.pages("list_properties_of_secrets", max_page_size=7) == [7, 7, 7, 7]
    assert await client.pages("list_properties_of_secrets") == [25, 3]
    with pytest.raises(HttpResponseError) as caught:
        await client.listed("list_properties_of_secrets", max_page_size=26)
    assert codes(caught.value) == (400, "BadParameter", None)


@pytest.mark.parametrize("name", ["TOKEN_1", "a.b", "é", "a" * 128])
async def test_names(client: Client, name: str) -> None:
    """A name is 1 to 127 letters, digits and dashes."""
    for ask in (("set_secret", name, "x"), ("get_secret", name)):
        with pytest.raises(HttpResponseError, match="The request URI contains an invalid name") as caught:
            await client.call(*ask)
        assert codes(caught.value) == (400, "BadParameter", None)
    assert (await client.call("set_secret", "a" * 127, "x")).name == "a" * 127


async def test_sizes(client: Client) -> None:
    """A value is at most 25 KB of UTF-8, a secret has at most 15 tags."""
    assert (await client.call("set_secret", "key", "é" * 12800)).value == "é" * 12800
    tags = {str(n): "x" for n in range(16)}
    for value, more in (("é" * 12800 + "x", {}), ("x", {"tags": tags}), ("x", {"content_type": "t" * 256})):
        with pytest.raises(HttpResponseError) as caught:
            await client.call("set_secret", "key", value, **more)
        assert codes(caught.value) == (400, "BadParameter", None)
    assert len(await client.listed("list_properties_of_secret_versions", "key")) == 1
