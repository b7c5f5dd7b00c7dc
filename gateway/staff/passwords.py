"""Passwords of local accounts: generated, never chosen, kept as scrypt hashes.

`hashlib.scrypt` (RFC 7914) and its parameters: OWASP Password Storage Cheat Sheet. It names N=2^17 with p=1
for passwords that people choose; ours hold 124 random bits, so that 32 MB and 0.1 s a try are plenty.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what people misread: i l o 0 1
_GROUPS, _LETTERS = 5, 5
_KEY_BYTES = 32
LONGEST = 200
"""Characters of a password that are looked at; a longer one is wrong."""


def generated() -> str:
    """A new password: five groups of five letters and digits, 124 random bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(_GROUPS))
    return "-".join(groups)


@dataclass(frozen=True)
class Passwords:
    """Hashes and checks; `cost` is scrypt's N, a power of two. Both are slow on purpose: use a thread."""

    cost: int = 2**15

    def hashed(self, password: str) -> str:
        """`scrypt$N$salt$key`, salted anew each time."""
        salt = secrets.token_bytes(16)
        key = _scrypt(password, salt, self.cost)
        return f"scrypt${self.cost}${b64encode(salt).decode()}${b64encode(key).decode()}"

    def matches(self, password: str, kept: str) -> bool:
        """Whether this is the password of that hash. An empty hash is nobody's, after the same time."""
        if not kept:
            _scrypt(password, bytes(16), self.cost)
            return False
        _, cost, salt, key = kept.split("$")
        return hmac.compare_digest(_scrypt(password, b64decode(salt), int(cost)), b64decode(key))


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    said = password.encode("utf-8", "surrogatepass")
    most = 2**20 + 2 * 128 * 8 * cost  # twice what it needs
    return hashlib.scrypt(said, salt=salt, n=cost, r=8, p=1, maxmem=most, dklen=_KEY_BYTES)
