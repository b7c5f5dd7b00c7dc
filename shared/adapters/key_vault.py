"""Keeps the vault's master key as a versioned secret in Azure Key Vault; the sealed values stay in our file.

A new version of the secret (`az keyvault secret set`) is a new key: it seals the keys of owners who come from
then on, while older versions open what they sealed. An hour later all is sealed anew with the new one.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.identity.aio import DefaultAzureCredential
from azure.keyvault.secrets import KeyVaultSecret
from azure.keyvault.secrets.aio import SecretClient

from shared import ports
from shared.adapters.key_vault_failures import KeyRefused, asked, gone
from shared.adapters.local.keys import SIZE, MasterKey
from shared.adapters.local.vault import LocalVault, open_sealed_vault
from shared.adapters.tasks import end
from shared.errors import SettingsError, VaultDown

SECRET = "answerdesk-vault-key"  # noqa: S105  its name
_CONTENT_TYPE = "text/plain; hex digits of an AES-256 key"
RESEAL_AFTER_S = 3600.0  # several times what a process takes to notice a new version
_LOG = logging.getLogger("answerdesk.vault")
# Tries end well within the deadline of a call; Retry-After is waited for as told.
_RETRIES: dict[str, Any] = {"retry_total": 5, "retry_backoff_factor": 0.4, "retry_backoff_max": 3}


@asynccontextmanager
async def open_key_vault(
    url: str,
    path: Path,
    *,
    audit: ports.AuditLog,
    patience: float = 5.0,
    seconds: float = 20.0,
    renew_seconds: float = 600.0,
    reseal_after: float = RESEAL_AFTER_S,
) -> AsyncIterator[ports.PIIVault]:
    """A vault in the SQLite file `path` under the master key in the Key Vault at `url`.

    The key is made when both are new. It is read at start, within `seconds`, and held in memory; every
    `renew_seconds` a newer version is looked for, and one that is `reseal_after` seconds old takes the place
    of all others. Raises `SettingsError` for a URL that is no vault, `VaultDown` when the key cannot be had.
    """
    address = vault_address(url)
    async with (
        signed_in(address) as client,
        open_sealed_vault(
            path, KeyVaultKeys(address, client, seconds=seconds), audit=audit, patience=patience
        ) as vault,
        renewed(vault, renew_seconds, reseal_after),
    ):
        yield vault


@asynccontextmanager
async def signed_in(address: str) -> AsyncIterator[SecretClient]:
    """A client of the vault, as the identity of this process."""
    # The SDK's own transport is aiohttp, which we do not carry; this one calls `requests` in threads.
    # Timeouts are per try, and bound how long such a thread outlives us.
    transports = [AsyncioRequestsTransport(connection_timeout=5, read_timeout=8) for _ in range(2)]
    async with (
        DefaultAzureCredential(transport=transports[0], **_RETRIES) as credential,
        SecretClient(address, credential, transport=transports[1], **_RETRIES) as client,
    ):
        yield client


@asynccontextmanager
async def renewed(vault: LocalVault, every: float, reseal_after: float) -> AsyncIterator[None]:
    """Look for a newer master key every so many seconds, and put all under it when it has settled."""
    renewing = asyncio.create_task(_renew(vault, every, reseal_after))
    try:
        yield
    finally:
        await end([renewing])


def vault_address(url: str) -> str:
    """`https://<host>[:port]`, whatever the scheme. Raises `SettingsError` for anything more or less."""
    parts = urlsplit(url)
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if not parts.hostname or not bare:
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/..." if not bare else url
        raise SettingsError(
            f"VAULT_URL={shown!r} is no Key Vault: give its address alone, e.g. {parts.scheme}://<name>.vault.azure.net"
        )
    return f"https://{parts.netloc}"


async def _renew(vault: LocalVault, every: float, reseal_after: float) -> None:
    await _told(vault.reseal(after=reseal_after))
    while True:
        await asyncio.sleep(every)
        # Sealed anew only after a look: a process that missed a rotation must not undo it.
        if await _told(vault.renew()):
            await _told(vault.reseal(after=reseal_after))


async def _told(work: Awaitable[None]) -> bool:
    """Whether it was done; if not, the log says why."""
    try:
        await work
    except (VaultDown, SettingsError) as error:
        _LOG.warning("the vault's keys were not renewed, those in memory serve on: %s", error)
        return False
    return True


class KeyVaultKeys:
    """`KeySource` over one secret: its versions are the keys, the current one is the newest."""

    def __init__(self, url: str, client: SecretClient, *, seconds: float) -> None:
        self.place = f"secret {SECRET} of Key Vault {url}"
        self._url = url
        self._client = client
        self._seconds = seconds
        self._refused: VaultDown | SettingsError | None = None

    async def newest(self, *, create: bool) -> MasterKey:
        """The current version; `create` sets the first one, which two desks at once may do twice."""
        try:
            key = await self._read(SECRET)
            if key is None and create:
                key = await self._create()
            if key is None:
                raise gone(url=self._url, secret=SECRET)
        except (KeyRefused, SettingsError) as error:
            self._refused = error
            raise
        self._refused = None
        return key

    async def named(self, key_id: str) -> MasterKey:
        """The version of this id."""
        if not key_id:
            raise VaultDown(
                f"the vault holds values sealed with a key file, which {self.place} is not; set "
                f"VAULT_URL=local:// to use them, or move the vault file away to start an empty vault"
            )
        key = await self._read(f"{SECRET}/{key_id}")
        if key is None:
            raise gone(url=self._url, secret=f"{SECRET}/{key_id}")
        return key

    async def check(self, key: MasterKey) -> None:  # noqa: ARG002  the last look was for any key
        """Raises what Key Vault refused when it was last asked; silence is no refusal."""
        if self._refused is not None:
            raise VaultDown(str(self._refused)) from self._refused

    async def _read(self, secret: str) -> MasterKey | None:
        name, _, version = secret.partition("/")

        async def get(**more: Any) -> KeyVaultSecret | None:
            try:
                return await self._client.get_secret(name, version or None, **more)
            except ResourceNotFoundError:
                return None

        found = await asked(get, url=self._url, secret=secret, seconds=self._seconds)
        return None if found is None else self._key(found)

    async def _create(self) -> MasterKey:
        async def make(**more: Any) -> KeyVaultSecret:
            fresh = secrets.token_hex(SIZE)
            return await self._client.set_secret(SECRET, fresh, content_type=_CONTENT_TYPE, **more)

        return self._key(await asked(make, url=self._url, secret=SECRET, seconds=self._seconds))

    def _key(self, secret: KeyVaultSecret) -> MasterKey:
        version, value = secret.properties.version or "", secret.value or ""
        made = secret.properties.created_on
        key = MasterKey.written(value, id=version, made_at=made.timestamp() if made else 0.0)
        if key is None:
            raise SettingsError(
                f"{self.place}, version {version}, is no key: it must hold {SIZE * 2} hex digits, found "
                f"{len(value)} characters; set a version made by `openssl rand -hex {SIZE}`"
            )
        return key
