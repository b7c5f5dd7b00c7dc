"""Customer tokens: JSON Web Tokens that the shop signs, with a shared secret or with keys of its own.

The rules are those of RFC 8725 (JSON Web Token Best Current Practices): the algorithms come from our
settings and never from the token, and nothing in a token says where its key may be found.
"""

import re
import time
from typing import Any

import jwt

from gateway.identity import Identity
from gateway.jwks import Jwks, KeysDown
from gateway.problems import Problem
from shared.errors import SettingsError

LEAST_SECRET_BYTES = 32
"""What HS256 needs (RFC 7518, 3.2)."""
_LONGEST = 8 * 1024
_LONGEST_KID = 256
_LEEWAY_SECONDS = 30
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}
# `crit` and `b64` change what is signed or how, `zip` and `enc` what it means: no shop's token has one.
_REFUSED = {"crit", "b64", "zip", "enc"}
_SUBJECT = re.compile(r"[\x21-\x7e]{1,64}")
_KNOWN = ("name", "email", "phone_number")
_LONGEST_KNOWN = 200


class _Refused(Exception):
    """The token is not to be trusted."""


class CustomerTokens:
    """Reads the shop's signed customer tokens: HS256 with a shared secret, or the keys of a JWKS URL.

    `most_seconds` is the longest life of a token that is accepted; `stale_seconds` how long the keys of a
    JWKS URL are used when it does not answer.
    """

    def __init__(
        self,
        *,
        secret: str = "",
        jwks_url: str = "",
        audience: str = "",
        issuer: str = "",
        most_seconds: float = 24 * 3600.0,
        stale_seconds: float = 24 * 3600.0,
    ) -> None:
        """Open nothing; keys are fetched when the first token comes.

        Raises:
            SettingsError: the secret is too short, or the URL not a safe one.
        """
        if not jwks_url and len(secret.encode()) < LEAST_SECRET_BYTES:
            raise SettingsError(
                f"CUSTOMER_JWT_SECRET has {len(secret.encode())} bytes, and whoever guesses it is "
                f"every customer; give at least {LEAST_SECRET_BYTES}, made with `openssl rand -hex 32`"
            )
        self._secret = secret
        self._keys = Jwks(jwks_url, stale_seconds=stale_seconds) if jwks_url else None
        self._audience, self._issuer = audience or None, issuer or None
        self._most = most_seconds

    async def identity(self, token: str) -> Identity:
        """Who the token says the customer is.

        Raises:
            Problem: 401, saying whether the token is expired or not to be trusted; 503 while the shop's keys
                are not to be had.
        """
        try:
            claims = await self._claims(token)
            return _identity(claims)
        except jwt.ExpiredSignatureError:
            raise _unauthorized("token-expired", "The customer token has expired; fetch a new one.") from None
        except (_Refused, jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            detail = "The customer token is not one this shop signed; sign in again."
            raise _unauthorized("token-invalid", detail) from None
        except KeysDown:
            detail = "Sign-ins cannot be checked right now. Try again in a few seconds."
            raise Problem(
                503, "unavailable", "Temporarily unavailable", detail, headers={"Retry-After": "5"}
            ) from None

    async def _claims(self, token: str) -> dict[str, Any]:
        key, algorithms = await self._key(_header(token))
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY_SECONDS,
            options={
                "require": [
                    "exp",
                    "sub",
                    *(["aud"] if self._audience else []),
                    *(["iss"] if self._issuer else []),
                ],
                "verify_aud": self._audience is not None,
                "verify_iss": self._issuer is not None,
                "enforce_minimum_key_length": True,
            },
        )
        now = time.time()
        begins = min(now, float(claims.get("iat", now)))
        if float(claims["exp"]) - begins > self._most + _LEEWAY_SECONDS:
            raise _Refused
        return claims

    async def _key(self, header: dict[str, Any]) -> tuple[Any, list[str]]:
        """The key, and what it may be used with: the token only says which of the shop's keys it is."""
        if self._keys is None:
            return self._secret, ["HS256"]
        kid = header.get("kid")
        if not (kid is None or (isinstance(kid, str) and len(kid) <= _LONGEST_KID)):
            raise _Refused
        # Before anything is fetched: no key of a JWKS fits another algorithm.
        if header.get("alg") not in {"RS256", "PS256", "ES256"}:
            raise _Refused
        found = await self._keys.key(kid)
        if found is None:
            raise _Refused
        return found.key, list(found.algorithms)


def _header(token: str) -> dict[str, Any]:
    """The token's header when it has the form of one; its size is bounded before anything is parsed."""
    if len(token) > _LONGEST or not token.isascii() or token.count(".") != 2:
        raise _Refused
    header = jwt.get_unverified_header(token)
    kind = header.get("typ", "JWT")
    if _REFUSED & set(header) or not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise _Refused
    return header


def _identity(claims: dict[str, Any]) -> Identity:
    subject = claims["sub"]
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _unauthorized("token-invalid", "The customer token's sub must be a shop customer id.")
    values = (claims.get(name) for name in _KNOWN)
    known = tuple(each for each in values if isinstance(each, str) and 0 < len(each) <= _LONGEST_KNOWN)
    return Identity(customer_id=subject, known=known)


def demo_token(
    secret: str, *, customer_id: str, name: str, email: str, audience: str, seconds: int, issuer: str = ""
) -> str:
    """A customer token as the shop would sign it, for the demo customers."""
    now = int(time.time())
    claims = {"sub": customer_id, "name": name, "email": email, "iat": now, "exp": now + seconds}
    claims |= ({"aud": audience} if audience else {}) | ({"iss": issuer} if issuer else {})
    return jwt.encode(claims, secret, algorithm="HS256")


def _unauthorized(kind: str, detail: str) -> Problem:
    return Problem(401, kind, "Not signed in", detail, headers={"WWW-Authenticate": "Bearer"})
