"""ID tokens that must not be believed, and keys that rotate."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.staff.provider import Provider
from mock_apis.oidc_records import CLIENT_ID, CLIENT_SECRET, Records
from shared.errors import VendorDown, VendorRefused
from tests.security.oidc_desk import ISSUER, OidcDesk, oidc_desk

Claims = dict[str, Any]
Forge = Callable[[Records, Claims], str]
STRANGER = generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def desk() -> AsyncIterator[OidcDesk]:
    async with oidc_desk() as desk:
        yield desk


def claims_with(**changed: Any) -> Forge:
    """An honest signature under other claims; None leaves one out."""

    def forge(records: Records, claims: Claims) -> str:
        mixed = {**claims, **changed}
        return records.signed({name: value for name, value in mixed.items() if value is not None})

    return forge


def claims_later(**seconds: int) -> Forge:
    """An honest signature under times that many seconds from the moment in which it is made."""

    def forge(records: Records, claims: Claims) -> str:
        return claims_with(**{name: int(time.time()) + off for name, off in seconds.items()})(records, claims)

    return forge


def unsigned(records: Records, claims: Claims) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": records.keys[0][0]})


def hs256_with_the_public_key(records: Records, claims: Claims) -> str:
    """The key that everybody can fetch, taken for a shared secret."""
    public = records.keys[0][1].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hs256(claims, pem, records.keys[0][0])


def hs256_with_our_secret(records: Records, claims: Claims) -> str:
    """Legal in OpenID Connect, but not what a provider with keys does."""
    return hs256(claims, CLIENT_SECRET.encode(), records.keys[0][0])


def hs256(claims: Claims, secret: bytes, key_id: str) -> str:
    """By hand: PyJWT refuses to sign with a public key."""
    header = {"alg": "HS256", "typ": "JWT", "kid": key_id}
    said = b".".join(base64.urlsafe_b64encode(json.dumps(each).encode()) for each in (header, claims))
    said = said.replace(b"=", b"")
    signature = base64.urlsafe_b64encode(hmac.new(secret, said, hashlib.sha256).digest())
    return (said + b"." + signature.rstrip(b"=")).decode()


def strangers_key(records: Records, claims: Claims) -> str:
    """The right key id, another key."""
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": records.keys[0][0]})


def unknown_key(_: Records, claims: Claims) -> str:
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": "unknown"})


def no_key_id(_: Records, claims: Claims) -> str:
    return jwt.encode(claims, STRANGER, algorithm="RS256")


def key_inside(_: Records, claims: Claims) -> str:
    """A token that brings its own key, or says where it is."""
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    headers = {"kid": "mine", "jwk": jwk, "jku": "https://evil.example/keys"}
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers=headers)


def other_algorithm(records: Records, claims: Claims) -> str:
    """An algorithm that is not on the list, by the right key."""
    key_id, key = records.keys[0]
    return jwt.encode(claims, key, algorithm="RS512", headers={"kid": key_id})


def changed_afterwards(records: Records, claims: Claims) -> str:
    header, _, signature = records.signed(claims).split(".")
    better = base64.urlsafe_b64encode(json.dumps({**claims, "roles": ["Support.Admin"]}).encode()).decode()
    return f"{header}.{better.rstrip('=')}.{signature}"


FORGERIES: dict[str, tuple[Forge, str]] = {
    "alg none": (unsigned, "its algorithm is none of"),
    "HS256, public key": (hs256_with_the_public_key, "its algorithm is none of"),
    "HS256, client secret": (hs256_with_our_secret, "its algorithm is none of"),
    "RS512": (other_algorithm, "its algorithm is none of"),
    "another key": (strangers_key, "its signature is wrong"),
    "unknown kid": (unknown_key, "does not list its key"),
    "no kid": (no_key_id, "does not list its key"),
    "key in the header": (key_inside, "does not list its key"),
    "changed": (changed_afterwards, "its signature is wrong"),
    "wrong aud": (claims_with(aud="another-client"), "(aud)"),
    "aud of others, too": (claims_with(aud=[CLIENT_ID, "another-client"]), "for others, too"),
    "wrong azp": (claims_with(azp="another-client"), "(azp)"),
    "wrong iss": (claims_with(iss="https://evil.example"), "another issuer"),
    "iss with a slash": (claims_with(iss=f"{ISSUER}/"), "another issuer"),
    "expired": (claims_later(exp=-90, iat=-900), "it has expired"),
    "from the future": (claims_later(iat=900), "from the future"),
    "wrong nonce": (claims_with(nonce="of another sign-in"), "(nonce)"),
    "no nonce": (claims_with(nonce=None), "lacks one of"),
    "no exp": (claims_with(exp=None), "lacks one of"),
    "no aud": (claims_with(aud=None), "lacks one of"),
    "no sub": (claims_with(sub=None), "lacks one of"),
    "empty sub": (claims_with(sub=""), "(sub)"),
    "no token": (lambda _, __: "no token", "no signed token"),
    "empty": (lambda _, __: "", "no signed token"),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_token_that_is_not_genuine(desk: OidcDesk, name: str) -> None:
    """Nobody is signed in; the page says why, and shows nothing of the token."""
    forge, says = FORGERIES[name]
    desk.records.sign = lambda claims: forge(desk.records, claims)
    answer = await desk.sign_in()
    assert answer.status_code == 400
    assert says in answer.text
    assert "robin" not in answer.text.lower()
    assert await desk.role() == ""
    assert desk.desk.denials[0][1] == "staff sign-in"


@pytest.mark.parametrize("aud", [CLIENT_ID, [CLIENT_ID]])
async def test_an_honest_token(desk: OidcDesk, aud: object) -> None:
    """The forgeries differ from one that is taken in nothing else."""
    honest = claims_with(aud=aud, azp=CLIENT_ID)
    desk.records.sign = lambda claims: honest(desk.records, claims)
    assert (await desk.sign_in()).status_code == 303
    assert await desk.role() == "agent"


def looks(desk: OidcDesk) -> int:
    """How often the desk looked at the provider's keys."""
    return sum(request.url.path == "/keys" for request in desk.asked)


async def test_keys_rotate(desk: OidcDesk) -> None:
    """A token by a new key is taken at once, one by the old key as long as it is published."""
    await desk.sign_in()
    desk.clock.at += 60
    old_id, old = desk.records.keys[0]
    desk.records.rotate(keep=1)
    assert (await desk.sign_in()).status_code == 303
    desk.records.sign = lambda claims: jwt.encode(claims, old, algorithm="RS256", headers={"kid": old_id})
    assert (await desk.sign_in()).status_code == 303
    assert looks(desk) == 2
    desk.records.rotate(keep=0)
    desk.clock.at += 3600
    assert (await desk.sign_in()).status_code == 400


async def test_unknown_keys_are_not_looked_for_all_the_time(desk: OidcDesk) -> None:
    """One look in half a minute, however many tokens come with made-up key ids."""
    await desk.sign_in()
    desk.records.sign = lambda claims: unknown_key(desk.records, claims)
    for _ in range(5):
        assert (await desk.sign_in()).status_code == 400
    assert looks(desk) == 1
    desk.clock.at += 31
    for _ in range(5):
        await desk.sign_in()
    assert looks(desk) == 2


GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (
            200,
            {**GOOD, "issuer": "https://login.example/{tenantid}/v2.0"},
            VendorRefused,
            "tenant",
        ),
        (200, {**GOOD, "token_endpoint": "http://evil.example/token"}, VendorRefused, "not https"),
        (200, {**GOOD, "jwks_uri": "file:///etc/passwd"}, VendorRefused, "not https"),
        (200, {**GOOD, "authorization_endpoint": ""}, VendorRefused, "not https"),
        (200, {**GOOD, "end_session_endpoint": "javascript:alert(1)"}, VendorRefused, "not https"),
        (200, {**GOOD, "more": "x" * 600_000}, VendorRefused, "more than"),
        (200, [], VendorRefused, "no JSON object"),
        (404, {}, VendorRefused, "answered 404"),
        (302, {}, VendorRefused, "answered 302"),
        (503, GOOD, VendorDown, "answered 503"),
    ],
)
async def test_a_provider_that_is_wrong(status: int, body: object, error: type[Exception], says: str) -> None:
    """Its description is not believed, whatever it leads to."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(error, match=says):
            await Provider(ISSUER, http).metadata()


async def test_only_public_keys_for_signing_are_taken(desk: OidcDesk) -> None:
    """A shared secret, a key for encryption and garbage in the key set open nothing."""
    key_id, _ = desk.records.keys[0]
    good = desk.records.published()["keys"][0]
    odd = [
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256"},
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "alg", "alg": "RS512"},
        {"kty": "RSA", "kid": "broken"},
        {**good, "kid": 7},
        "text",
    ]
    answers = {"/.well-known/openid-configuration": GOOD, "/keys": {"keys": [*odd, good]}}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answers[request.url.path]))
    async with httpx.AsyncClient(transport=transport) as http:
        provider = Provider(ISSUER, http)
        assert await provider.key(key_id) is not None
        for other in ("shared", "enc", "alg", "broken", "7"):
            assert await provider.key(other) is None
