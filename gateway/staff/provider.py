"""An OpenID provider as it describes itself: its addresses and its keys, fetched over HTTPS and kept a while.

OpenID Connect Discovery 1.0, sections 3 and 4; OpenID Connect Core 1.0, section 10.1.1 (rotation of keys).
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec

from shared.errors import VendorDown, VendorRefused

VENDOR = "identity provider"
ALGORITHMS = ("RS256", "PS256", "ES256")
_FRESH_SECONDS = 3600.0
_REFRESH_PAUSE = 30.0
"""Seconds between two looks for a key that is not there: anybody can send a token with a made-up `kid`."""
_MOST_BYTES = 512 * 1024
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def safe_address(url: str) -> bool:
    """Whether this is https, or this very machine: secrets and keys travel to and from it."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


@dataclass(frozen=True)
class Metadata:
    """What we use of the discovery document."""

    issuer: str
    authorization: str
    token: str
    keys: str
    end_session: str
    secret_in_body: bool
    names_itself: bool
    """RFC 9207: whether its answers carry `iss`."""


@dataclass
class Provider:
    """Fetches and keeps. Raises `VendorDown` when it cannot be reached, `VendorRefused` when it is wrong."""

    issuer: str
    http: httpx.AsyncClient = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    _metadata: tuple[float, Metadata] | None = None
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict, repr=False)
    _keys_at: float = float("-inf")
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def metadata(self) -> Metadata:
        """The discovery document, at most an hour old."""
        if self._metadata and self.clock() - self._metadata[0] < _FRESH_SECONDS:
            return self._metadata[1]
        found = await self.fetch("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        read = self._read(found)
        self._metadata = (self.clock(), read)
        return read

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """The signing key of this id. An unknown one is looked for at the provider, but not all the time."""
        async with self._looking:  # who comes while one looks waits for what is found
            age = self.clock() - self._keys_at
            if age >= _FRESH_SECONDS or (key_id not in self._keys and age >= _REFRESH_PAUSE):
                self._keys = _signing_keys(await self.fetch("GET", (await self.metadata()).keys))
                self._keys_at = self.clock()
            return self._keys.get(key_id)

    async def fetch(self, method: str, url: str, **sent: Any) -> dict[str, Any]:
        """A JSON object from the provider; of a refusal, too, when it says why (`error`)."""
        try:
            async with self.http.stream(method, url, **sent) as response:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise VendorRefused(VENDOR, f"{url}: answered more than {_MOST_BYTES} bytes")
        except httpx.HTTPError as error:
            raise VendorDown(VENDOR, f"{url}: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise VendorDown(VENDOR, f"{url}: answered {response.status_code}")
        try:
            found = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise VendorRefused(VENDOR, f"{url}: answered {response.status_code}, no JSON object") from None
        if response.status_code != 200 and "error" not in found:
            raise VendorRefused(VENDOR, f"{url}: answered {response.status_code}")
        return found

    def _read(self, found: Mapping[str, Any]) -> Metadata:
        if found.get("issuer") != self.issuer:
            # Entra ID's "common" and "organizations" say {tenantid} here: anybody's tenant.
            detail = f"calls itself {str(found.get('issuer'))[:200]!r}, OIDC_ISSUER is {self.issuer!r}"
            raise VendorRefused(
                VENDOR, f"{detail}; they must be equal (Entra ID: with the id of your tenant)"
            )
        addresses = {
            name: str(found.get(f"{name}_endpoint" if name != "jwks" else "jwks_uri", ""))
            for name in ("authorization", "token", "jwks", "end_session")
        }
        for name, address in addresses.items():
            if not safe_address(address) and (address or name != "end_session"):
                raise VendorRefused(VENDOR, f"its {name} address {address[:200]!r} is not https")
        ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            issuer=self.issuer,
            authorization=addresses["authorization"],
            token=addresses["token"],
            keys=addresses["jwks"],
            end_session=addresses["end_session"],
            secret_in_body="client_secret_basic" not in ways,
            names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        )


def _signing_keys(found: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """Public keys by id. Keys of a kind that we do not use are none of our business, nor is a shared one."""
    keys = {}
    for each in found.get("keys", ()):
        if (
            not isinstance(each, dict)
            or each.get("use", "sig") != "sig"
            or each.get("kty") not in {"RSA", "EC"}
        ):
            continue
        try:
            key = jwt.PyJWK(each)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS and isinstance(key.key_id, str):
            keys[key.key_id] = key
    return keys
