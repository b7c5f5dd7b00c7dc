"""Keeps the master key in a file and derives from it what the vault needs."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import SettingsError, VaultDown

_SIZE = 32  # AES-256
_NONCE = 12  # the size GCM is made for


def read_key_file(path: Path) -> bytes:
    """The master key. Raises `VaultDown` when it is missing, `SettingsError` when unsafe or no key."""
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise SettingsError(
                f"vault key file {path} is open to others (mode {mode & 0o777:o}); run: chmod 600 {path}"
            )
        written = path.read_text("ascii").strip()
    except FileNotFoundError as error:
        raise VaultDown(
            f"vault key file {path} is missing and the vault holds values sealed with it; restore the file "
            f"from your backup, or move the vault file away to start an empty vault"
        ) from error
    except OSError as error:
        raise VaultDown(f"vault key file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"vault key file {path} is no key: it must hold {_SIZE * 2} hex digits"
        ) from error
    if len(written) != _SIZE * 2 or not all(char in "0123456789abcdef" for char in written):
        raise SettingsError(
            f"vault key file {path} is no key: it must hold {_SIZE * 2} hex digits, found {len(written)} "
            f"characters; restore it from your backup"
        )
    return bytes.fromhex(written)


def create_key_file(path: Path) -> None:
    """Write a new master key, unless another process was faster; nobody ever sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(_SIZE).hex().encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            with suppress(FileExistsError):  # the faster one's key is the key
                os.link(fresh, path)
        finally:
            fresh.unlink()
        _keep_name(path.parent)
    except OSError as error:
        raise VaultDown(f"vault key file {path} cannot be created: {error.strerror}") from error


def _keep_name(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class MasterKey:
    """The key that wraps the owners' keys, and the keys made from it for hashes."""

    wrapping: AESGCM
    index: bytes
    audit: bytes
    receipt: bytes
    fingerprint: str

    @classmethod
    def of(cls, key: bytes) -> "MasterKey":
        """Derive everything; each use has a key of its own."""
        return cls(
            wrapping=AESGCM(_derive(key, "wrap")),
            index=_derive(key, "index"),
            audit=_derive(key, "audit"),
            receipt=_derive(key, "receipt"),
            fingerprint=_derive(key, "fingerprint").hex(),
        )

    def blind(self, *parts: str) -> bytes:
        """A hash by which equal values are found without being stored readable."""
        message = b"".join(
            len(data).to_bytes(8, "big") + data
            for data in (part.encode("utf-8", "surrogatepass") for part in parts)
        )
        return hmac.digest(self.index, message, hashlib.sha256)


def _derive(key: bytes, use: str) -> bytes:
    return hmac.digest(key, b"answerdesk vault " + use.encode(), hashlib.sha256)


def new_data_key() -> bytes:
    """A key for one owner's values."""
    return AESGCM.generate_key(bit_length=_SIZE * 8)


def seal(key: AESGCM, value: bytes, bound_to: bytes) -> bytes:
    """Encrypt; opens only together with the same `bound_to`."""
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, value, bound_to)


def unseal(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """Decrypt. Raises `VaultDown` when key, bytes or binding are not the ones it was sealed with."""
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise VaultDown(
            "a sealed value does not open with this key: the vault file and the key file do not belong "
            "together, or the row was altered; restore both from one backup"
        ) from error
