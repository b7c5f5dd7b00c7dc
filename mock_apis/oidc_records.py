"""What the mock OpenID provider knows: people, the client, codes that work once, keys that rotate."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT_ID = "answerdesk"
CLIENT_SECRET = "a secret of the mock; of nobody else"  # noqa: S105
_CODE_SECONDS = 60.0
_TOKEN_SECONDS = 3600
_MOST = 1000


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen; `roles` are what their token states."""

    sub: str
    name: str
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        """An address of theirs that nobody reads."""
        return f"{self.sub}@people.example"


PEOPLE = (
    Person("robin", "Robin Reyes", ("Support.Agent",)),
    Person("lee", "Lee Marsh", ("Support.Lead",)),
    Person("olu", "Olu Stone", ("Support.Operator",)),
    Person("ada", "Ada Field", ("Support.Admin",)),
    Person("nia", "Nia Moss", ()),
)


@dataclass(frozen=True)
class Granted:
    """What a code stands for."""

    person: Person
    redirect_uri: str
    nonce: str
    challenge: str
    ends_at: float


@dataclass
class Records:
    """State of one provider, in memory. `issuer` is where it is reached."""

    issuer: str
    people: tuple[Person, ...] = PEOPLE
    clock: Callable[[], float] = time.time
    keys: list[tuple[str, RSAPrivateKey]] = field(default_factory=list)
    """Newest first; the first one signs, all are published."""
    codes: dict[str, Granted] = field(default_factory=dict)
    access: dict[str, Person] = field(default_factory=dict)
    sign: "Callable[[dict[str, Any]], str] | None" = None
    """A test's own way to make the ID token of these claims; None is the honest one."""

    def __post_init__(self) -> None:
        if not self.keys:
            self.rotate()

    def rotate(self, *, keep: int = 1) -> str:
        """A new key signs from now on; this many older ones stay published. Its id."""
        key_id, key = new_key()
        self.keys = [(key_id, key), *self.keys[:keep]]
        return key_id

    def published(self) -> dict[str, Any]:
        """The key set, without `alg`, as Entra ID publishes it."""
        return {"keys": [_jwk(key_id, key) for key_id, key in self.keys]}

    def grant(self, person: Person, *, redirect_uri: str, nonce: str, challenge: str) -> str:
        """A code for this person, good for a minute."""
        code = secrets.token_urlsafe(32)
        self.codes[code] = Granted(person, redirect_uri, nonce, challenge, self.clock() + _CODE_SECONDS)
        while len(self.codes) > _MOST:
            del self.codes[next(iter(self.codes))]
        return code

    def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Granted | None:
        """What the code stands for, the first time it is tried."""
        granted = self.codes.pop(code, None)
        if granted is None:
            return None
        digest = hashlib.sha256(verifier.encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = hmac.compare_digest(proof.encode(), granted.challenge.encode())
        fits = granted.redirect_uri == redirect_uri and self.clock() < granted.ends_at
        return granted if good and fits else None

    def tokens(self, granted: Granted) -> dict[str, Any]:
        """The answer of the token endpoint."""
        now = int(self.clock())
        person = granted.person
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": person.sub,
            "aud": CLIENT_ID,
            "iat": now,
            "nbf": now,
            "exp": now + _TOKEN_SECONDS,
            "name": person.name,
            "given_name": person.name.split()[0],
            "preferred_username": person.email,
            "ver": "2.0",
        }
        claims |= {"nonce": granted.nonce} if granted.nonce else {}
        claims |= {"roles": list(person.roles)} if person.roles else {}
        access = secrets.token_urlsafe(32)
        self.access[access] = person
        while len(self.access) > _MOST:
            del self.access[next(iter(self.access))]
        return {
            "token_type": "Bearer",
            "scope": "openid profile",
            "expires_in": _TOKEN_SECONDS,
            "access_token": access,
            "id_token": (self.sign or self.signed)(claims),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        """A token of these claims by the newest key."""
        key_id, key = self.keys[0]
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id})


def new_key() -> tuple[str, RSAPrivateKey]:
    """A signing key with its id."""
    return secrets.token_hex(8), generate_private_key(public_exponent=65537, key_size=2048)


def _jwk(key_id: str, key: RSAPrivateKey) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": key_id,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
