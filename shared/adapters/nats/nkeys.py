"""NKeys: Ed25519 keys as nats-server writes them; it knows the public half and has a nonce signed.

The package `nkeys` would bring libsodium for this; `cryptography` is here already. The format is that of
"NKEYS" (nats-io/nkeys, README): base32 of a prefix, the key and a CRC-16 of both.
"""

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEED, _USER = 18 << 3, 20 << 3
"""Prefixes whose base32 begins with S and with U."""


class UserKey:
    """The key pair of a user. Its repr shows no secret."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        self.public = _encode(bytes([_USER]) + self._key.public_key().public_bytes_raw())
        """What the server's configuration names; 56 letters and digits, beginning with U."""

    def __repr__(self) -> str:
        return f"UserKey({self.public})"

    @classmethod
    def new(cls) -> "UserKey":
        """A random one."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def from_seed(cls, seed: str) -> "UserKey":
        """The key of a seed, as `nk -gen user` writes it.

        Raises:
            ValueError: it is none, or of an account or operator; the message holds nothing of it.
        """
        try:
            data = base64.b32decode(seed + "=" * (-len(seed) % 8))
        except (binascii.Error, ValueError):
            raise ValueError("is no base32") from None
        body, check = data[:-2], data[-2:]
        if len(data) != 36 or binascii.crc_hqx(body, 0).to_bytes(2, "little") != check:
            raise ValueError("has not the length or the checksum of an NKey seed")
        if body[:2] != _seed_prefix():
            raise ValueError("is not a user's seed, which begins with SU")
        return cls(body[2:])

    def seed(self) -> str:
        """The secret, to be kept in a file that only its service reads."""
        return _encode(_seed_prefix() + self._raw)

    def sign(self, nonce: str) -> bytes:
        """The signature of the server's nonce, in base64."""
        return base64.b64encode(self._key.sign(nonce.encode()))


def _seed_prefix() -> bytes:
    """Five bits say seed, the next five of whom."""
    return bytes([_SEED | _USER >> 5, (_USER & 31) << 3])


def _encode(body: bytes) -> str:
    return base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).decode().rstrip("=")
