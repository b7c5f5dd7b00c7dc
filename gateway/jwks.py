"""The shop's public keys, fetched from its JWKS URL and kept while the shop cannot be reached."""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.errors import DeskError, SettingsError

_LOG = logging.getLogger("answerdesk.gateway")

FRESH_SECONDS = 300.0
REST_SECONDS = 30.0
"""At most one fetch in this time, so that made-up key ids cannot make us ask the shop all day."""
_FETCH_SECONDS = 5.0
_MOST_BYTES = 256 * 1024
_MOST_KEYS = 64
_LEAST_RSA_BITS = 2048
_ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}


class KeysDown(DeskError):
    """The shop's keys are not known and cannot be fetched now."""

    retry = True


@dataclass(frozen=True)
class SigningKey:
    """A public key and the algorithms it may be used with."""

    key: RSAPublicKey | EllipticCurvePublicKey
    algorithms: tuple[str, ...]


def checked_url(url: str) -> str:
    """The JWKS URL of the settings: https, or http on this machine.

    Raises:
        SettingsError: it is neither, or names a user.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError(f"CUSTOMER_JWKS_URL: {error}; give an https:// URL") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))
    if not safe or not host or parts.username or parts.password:
        raise SettingsError(
            f"CUSTOMER_JWKS_URL={parts.scheme}://{host or '...'}: who answers there says who is a "
            "customer; give an https:// URL without user and password (http:// only on this machine)"
        )
    return url


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Jwks:
    """Keys by id (RFC 7517). Known keys serve while newer ones are fetched, for `stale_seconds` at most.

    PyJWT's own client blocks, reads without a bound and forgets its keys when the endpoint is down.
    """

    def __init__(
        self,
        url: str,
        *,
        stale_seconds: float = 24 * 3600.0,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = checked_url(url)
        self._stale, self._rest, self._clock = stale_seconds, rest_seconds, clock
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> SigningKey | None:
        """The key of this id; without an id the only one there is. None when the shop has no such key.

        Raises:
            KeysDown: no keys are known that are young enough.
        """
        age = self._clock() - self._fetched
        if age > self._stale:
            await self._fetch()
        elif age > FRESH_SECONDS:
            self._begin()
        if self._clock() - self._fetched > self._stale:
            raise KeysDown("the shop's keys cannot be fetched; look at CUSTOMER_JWKS_URL")
        found = self._find(kid)
        if found is None and kid is not None:
            await self._fetch()
            found = self._find(kid)
        return found

    def _find(self, kid: str | None) -> SigningKey | None:
        if kid is not None:
            return self._keys.get(kid)
        return next(iter(self._keys.values())) if len(self._keys) == 1 else None

    async def _fetch(self) -> None:
        if (fetching := self._begin()) is not None:
            await asyncio.shield(fetching)

    def _begin(self) -> asyncio.Task[None] | None:
        """The fetch under way, a new one, or None when the last one began a moment ago."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._clock() - self._tried < self._rest:
            return None
        self._tried = self._clock()
        self._fetching = asyncio.create_task(self._read())
        return self._fetching

    async def _read(self) -> None:
        try:
            keys = _usable(await _download(self._url))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            # The kind alone: the URL may carry a key, and a body is anybody's.
            _LOG.warning("CUSTOMER_JWKS_URL brought no keys: %s", type(error).__name__)
            return
        self._keys, self._fetched = keys, self._clock()


async def _download(url: str) -> bytes:
    """The document, bounded in time and size; a redirect is no answer."""
    body = bytearray()
    async with (
        asyncio.timeout(_FETCH_SECONDS),
        httpx.AsyncClient(follow_redirects=False, timeout=_FETCH_SECONDS) as http,
        http.stream("GET", url, headers={"Accept": "application/json"}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"HTTP {answer.status_code}")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise ValueError("too large")
    return bytes(body)


def _usable(document: bytes) -> dict[str, SigningKey]:
    """The keys that may sign customer tokens; a document without any is a ValueError."""
    read = msgspec.json.decode(document)
    listed = read.get("keys") if isinstance(read, dict) else None
    found: dict[str, SigningKey] = {}
    for each in listed[:_MOST_KEYS] if isinstance(listed, list) else ():
        key = _signing_key(each) if isinstance(each, dict) else None
        if key is not None:
            found[str(each.get("kid", ""))] = key
    if not found:
        raise ValueError("no usable key")
    return found


def _signing_key(each: Mapping[str, Any]) -> SigningKey | None:
    """A public key for signatures, strong enough. A shared secret (`oct`) in a public place is none."""
    algorithms = _ALGORITHMS.get(str(each.get("kty")), ())
    named = each.get("alg")
    if named is not None:
        algorithms = tuple(name for name in algorithms if name == named)
    operations = each.get("key_ops")
    verifies = "verify" in operations if isinstance(operations, list) else True
    if not algorithms or each.get("use", "sig") != "sig" or not verifies or "d" in each:
        return None
    try:
        key = jwt.PyJWK(dict(each), algorithm=algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return SigningKey(key, algorithms)
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        return SigningKey(key, algorithms)
    return None
