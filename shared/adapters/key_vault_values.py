"""Keeps every personal value as a secret of its own in Azure Key Vault, named TOKEN-<uuid>.

A value is sealed in our file first, and moved when Key Vault has it: a turn never waits for a write, and what
cannot be moved now (Key Vault throttles, or its 95th percentile is over 100 ms) stays in the file and moves
when it has recovered. What is moved is sealed, so that forgetting an owner's key closes it at once, though
Key Vault keeps deleted secrets for up to 90 days.
"""

import asyncio
import base64
import fcntl
import logging
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.keyvault.secrets.aio import SecretClient

from shared import ports
from shared.adapters.key_vault import RESEAL_AFTER_S, KeyVaultKeys, renewed, signed_in, vault_address
from shared.adapters.key_vault_failures import asked
from shared.adapters.local.rows import Errand, Row
from shared.adapters.local.vault import LocalVault, open_sealed_vault
from shared.adapters.pace import Pace
from shared.adapters.tasks import end
from shared.errors import VaultDown

_MOST_BYTES = 25 * 1024  # of a secret's value; longer ones stay in the file
_IN_MEMORY = 4096  # sealed values, a few hundred bytes each
_AT_ONCE = 4
_CONTENT_TYPE = "application/octet-stream; base64 of AES-GCM"
_LOG = logging.getLogger("answerdesk.vault")


@asynccontextmanager
async def open_secrets_vault(
    url: str,
    path: Path,
    *,
    audit: ports.AuditLog,
    patience: float = 5.0,
    seconds: float = 20.0,
    renew_seconds: float = 600.0,
    reseal_after: float = RESEAL_AFTER_S,
    idle_seconds: float = 0.5,
    pace: Pace | None = None,
) -> AsyncIterator[ports.PIIVault]:
    """As `open_key_vault`, with the values moved to Key Vault, too; `url` is `keyvault-secrets://<host>`.

    One process of those that share `path` moves; it looks for work every `idle_seconds`.
    """
    address = vault_address(url)
    async with signed_in(address) as client:
        values = SecretValues(address, client, pace=pace or Pace())
        keys = KeyVaultKeys(address, client, seconds=seconds)
        opened = open_sealed_vault(path, keys, audit=audit, patience=patience, elsewhere=values)
        async with opened as vault, renewed(vault, renew_seconds, reseal_after):
            lock = path.with_name(f"{path.name}.moving")
            moving = asyncio.create_task(_move(values, vault, lock, idle_seconds))
            try:
                yield vault
            finally:
                await end([moving])


async def _move(values: "SecretValues", vault: LocalVault, lock: Path, idle: float) -> None:
    """Do errands for as long as the vault is open, whenever no other process does."""
    held = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        while True:
            done = 0
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of when the process ends
                done = await values.run_errands(vault)
            except BlockingIOError:
                pass  # another process has it
            except VaultDown as error:
                _LOG.warning("no value is moved to Key Vault now: %s", error)
            if not done:
                await asyncio.sleep(idle)
    finally:
        os.close(held)


class SecretValues:
    """`Elsewhere` at Key Vault: sealed values as secrets, and a memory of those last used."""

    def __init__(self, url: str, client: SecretClient, *, pace: Pace, seconds: float = 5.0) -> None:
        self.pace = pace
        self._url = url
        self._client = client
        self._seconds = seconds
        # By token and owner: sealed anew for another owner, the old bytes would not open.
        self._held: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def held(self, row: Row) -> bytes | None:
        """The sealed value, when it was brought before."""
        return self._held.get((row.token, row.owner))

    async def bring(self, rows: Sequence[Row]) -> None:
        """Read the secrets, within five seconds. Raises `VaultDown`."""
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def one(row: Row) -> None:
            async with at_once:
                self._held[row.token, row.owner] = await self._read(row.token)

        await asyncio.gather(*(one(row) for row in rows))
        self._keep_few()

    def _keep_few(self) -> None:
        while len(self._held) > _IN_MEMORY:
            self._held.popitem(last=False)

    async def run_errands(self, vault: LocalVault) -> int:
        """Move what waits and delete what was forgotten; how much was done. Raises `VaultDown`."""
        if not self.pace.may_try:
            return 0
        was_open = self.pace.open
        most = 5 * _AT_ONCE if was_open else 1
        errands = await vault.with_rows(lambda rows: rows.errands(most))
        done = 0
        for start in range(0, len(errands), _AT_ONCE):
            some = errands[start : start + _AT_ONCE]
            done += sum(await asyncio.gather(*(self._errand(vault, errand) for errand in some)))
            if not self.pace.may_try:
                break
        if was_open != self.pace.open:
            state = (
                "is quick again: values move there" if self.pace.open else "is slow or refuses: values wait"
            )
            _LOG.warning("Key Vault %s %s", self._url, state)
        return done

    async def _errand(self, vault: LocalVault, errand: Errand) -> bool:
        """Do one; False when it is to be done later."""
        token, owner, sealed = errand
        if sealed is not None and len(_written(sealed)) > _MOST_BYTES:
            await vault.with_rows(lambda rows: rows.left(token))
            return True
        began = time.monotonic()
        try:
            ended = await (self._delete(token) if sealed is None else self._set(token, sealed))
        except (AzureError, ValueError) as error:  # ValueError: the challenge is for another domain
            answer = error.response if isinstance(error, HttpResponseError) else None
            wait = str(getattr(answer, "headers", {}).get("Retry-After", ""))
            self.pace.failed(rest_s=float(wait) if wait.isdigit() else 0.0)
            return False
        self.pace.answered(time.monotonic() - began)
        if owner is not None and sealed is not None:
            self._held[token, owner] = sealed  # what was said just now is shown soon
            self._keep_few()
            await vault.with_rows(lambda rows: rows.moved(token, sealed))
        elif ended:
            await vault.with_rows(lambda rows: rows.left(token))
        return ended

    async def _set(self, token: str, sealed: bytes) -> bool:
        # No tries of the SDK: a refusal is a reason to leave the rest alone, too.
        await self._client.set_secret(
            _name(token), _written(sealed), content_type=_CONTENT_TYPE, retry_total=0
        )
        return True

    async def _delete(self, token: str) -> bool:
        """Delete, then purge; deleting takes Key Vault seconds, so that purging is for a later look."""
        if await self._gone(f"/secrets/{_name(token)}", later=(200, 409)):
            return await self._gone(f"/deletedsecrets/{_name(token)}", later=(409,))
        return False

    async def _gone(self, path: str, *, later: Sequence[int]) -> bool:
        """Whether nothing is left to delete at this path; 403 is purge protection, which we respect."""
        answer = await self._client.send_request(HttpRequest("DELETE", path), retry_total=0)
        if answer.status_code not in {204, 403, 404, *later}:
            answer.raise_for_status()
        return answer.status_code not in later

    async def _read(self, token: str) -> bytes:
        async def get(**more: Any) -> str | None:
            try:
                return (await self._client.get_secret(_name(token), **more)).value
            except ResourceNotFoundError:
                return None

        began = time.monotonic()
        try:
            value = await asked(get, url=self._url, secret=_name(token), seconds=self._seconds)
        except VaultDown:
            self.pace.failed()
            raise
        self.pace.answered(time.monotonic() - began)
        try:
            return base64.b64decode(value or "", validate=True) or _lost(self._url, token)
        except ValueError:
            return _lost(self._url, token)


def _lost(url: str, token: str) -> bytes:
    raise VaultDown(
        f"Key Vault {url} has no secret {_name(token)}, or another than we set; if it was deleted by hand: "
        f"az keyvault secret recover --id {url}/deletedsecrets/{_name(token)}"
    )


def _name(token: str) -> str:
    """`TOKEN_<uuid>` is no legal name of a secret (letters, digits, dashes)."""
    return token.replace("_", "-")


def _written(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()
