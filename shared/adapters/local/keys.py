"""Derives what the vault seals and searches with from a master key, and does the sealing."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import VaultDown

SIZE = 32  # AES-256
_NONCE = 12  # the size GCM is made for


@dataclass(frozen=True)
class MasterKey:
    """The key that wraps the owners' keys, and what is made from it.

    `id` is its name at its source: the version of a secret, or nothing for the one key of a key file.
    `made_at` is in Unix seconds. `index` hashes in files of before the index had a key of its own.
    `audit` and `receipt` chain and sign.
    """

    id: str
    made_at: float
    wrapping: AESGCM = field(repr=False)
    index: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    receipt: bytes = field(repr=False)
    fingerprint: str

    @classmethod
    def of(cls, key: bytes, *, id: str = "", made_at: float = 0.0) -> "MasterKey":  # noqa: A002
        """Derive everything; each use has a key of its own."""
        return cls(
            id=id,
            made_at=made_at,
            wrapping=AESGCM(_derive(key, "wrap")),
            index=_derive(key, "index"),
            audit=_derive(key, "audit"),
            receipt=_derive(key, "receipt"),
            fingerprint=_derive(key, "fingerprint").hex(),
        )

    @classmethod
    def written(cls, text: str, *, id: str = "", made_at: float = 0.0) -> "MasterKey | None":  # noqa: A002
        """The key that was written down as hex digits, or None when the text is no key."""
        if len(text) != SIZE * 2 or not all(char in "0123456789abcdef" for char in text):
            return None
        return cls.of(bytes.fromhex(text), id=id, made_at=made_at)


def blind(index: bytes, *parts: str) -> bytes:
    """A hash by which equal values are found without being stored readable."""
    message = b"".join(
        len(data).to_bytes(8, "big") + data
        for data in (part.encode("utf-8", "surrogatepass") for part in parts)
    )
    return hmac.digest(index, message, hashlib.sha256)


def _derive(key: bytes, use: str) -> bytes:
    return hmac.digest(key, b"answerdesk vault " + use.encode(), hashlib.sha256)


def new_data_key() -> bytes:
    """A key for one owner's values."""
    return AESGCM.generate_key(bit_length=SIZE * 8)


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
            "a sealed value does not open with this key: the vault file and the key do not belong "
            "together, or the row was altered; restore both from one backup"
        ) from error


def packed(value: str) -> bytes:
    """A value as it is sealed."""
    return value.encode("utf-8", "surrogatepass")


def bound(token: str, conversation: str) -> bytes:
    """What a sealed value is tied to: moved to another token or conversation, it does not open."""
    return f"{token}|{conversation}".encode()
