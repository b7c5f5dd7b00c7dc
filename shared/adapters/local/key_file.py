"""Keeps one master key in a file of this machine, mode 0600."""

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path

from shared.adapters.local.disk import keep_names
from shared.adapters.local.keys import SIZE, MasterKey
from shared.errors import SettingsError, VaultDown


class KeyFile:
    """`KeySource` of a single key, as hex digits; it is never replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = f"vault key file {path}"

    async def newest(self, *, create: bool) -> MasterKey:
        """The key; `create` writes a new one where there is no file."""

        def read() -> MasterKey:
            if create and not self._path.exists():
                self.create()
            return self.read()

        return await asyncio.to_thread(read)

    async def named(self, key_id: str) -> MasterKey:
        """There is but one key, and its name is empty."""
        if key_id:
            raise VaultDown(
                f"the vault holds values sealed with key {key_id} of a Key Vault, which {self.place} is not; "
                f"set VAULT_URL to that Key Vault, or move the vault file away to start an empty vault"
            )
        return await self.newest(create=False)

    async def check(self, key: MasterKey) -> None:
        """Raises `VaultDown` when the file is gone or holds another key."""
        if (await self.newest(create=False)).fingerprint != key.fingerprint:
            raise VaultDown(f"{self.place} changed since start; restore it")

    def read(self) -> MasterKey:
        """The key. Raises `VaultDown` when it is missing, `SettingsError` when it is unsafe or none."""
        try:
            mode = self._path.stat().st_mode
            if mode & 0o077:
                raise SettingsError(
                    f"{self.place} is open to others (mode {mode & 0o777:o}); run: chmod 600 {self._path}"
                )
            written = self._path.read_text("ascii").strip()
        except FileNotFoundError as error:
            raise VaultDown(
                f"{self.place} is missing and the vault holds values sealed with it; restore the file "
                f"from your backup, or move the vault file away to start an empty vault"
            ) from error
        except OSError as error:
            raise VaultDown(f"{self.place} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{self.place} is no key: it must hold {SIZE * 2} hex digits") from error
        key = MasterKey.written(written)
        if key is None:
            raise SettingsError(
                f"{self.place} is no key: it must hold {SIZE * 2} hex digits, found {len(written)} "
                f"characters; restore it from your backup"
            )
        return key

    def create(self) -> None:
        """Write a new key, unless another process was faster; nobody ever sees half a file."""
        path = self._path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, secrets.token_bytes(SIZE).hex().encode() + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
            try:
                with suppress(FileExistsError):  # the faster one's key is the key
                    os.link(fresh, path)
            finally:
                fresh.unlink()
            keep_names(path.parent)
        except OSError as error:
            raise VaultDown(f"{self.place} cannot be created: {error.strerror}") from error
