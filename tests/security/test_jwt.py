"""Customer tokens: nothing but what the shop signed, for us, and not long ago, says who a customer is."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from gateway.auth import CustomerTokens
from gateway.customer_tokens import LEAST_SECRET_BYTES
from gateway.jwks import Jwks, KeysDown
from gateway.problems import Problem
from launch.http import _customer_secret
from shared.errors import SettingsError
from shared.settings import read_settings
from tests.clock import Clock
from tests.security.shop_keys import claims, ec_key, key_server, pem, public, rsa_key, signed

SECRET = "s" * 40
KEY, OTHER = rsa_key("one"), rsa_key("attacker")


def hs256(**options: Any) -> CustomerTokens:
    """A shop with a shared secret."""
    return CustomerTokens(secret=SECRET, **options)


def raw(header: Any, payload: Any, key: bytes = SECRET.encode()) -> str:
    """A token of any form, signed as HS256 would whatever its header says."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    body = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = base64.urlsafe_b64encode(hmac.new(key, body, hashlib.sha256).digest()).rstrip(b"=")
    return (body + b"." + mac).decode()


async def refused(tokens: CustomerTokens, token: str) -> str:
    """The kind of problem this token meets; it is always a 401."""
    with pytest.raises(Problem) as problem:
        await tokens.identity(token)
    assert problem.value.status == 401
    return problem.value.kind


HS = {"alg": "HS256", "typ": "JWT"}
UNTRUSTED: dict[str, Callable[[], str]] = {
    "none": lambda: raw({"alg": "none"}, claims()).rpartition(".")[0] + ".",
    "None": lambda: raw({"alg": "NoNe"}, claims()),
    "no alg": lambda: raw({"typ": "JWT"}, claims()),
    "alg is a list": lambda: raw({"alg": ["HS256"]}, claims()),
    "HS512": lambda: jwt.encode(claims(), "s" * 64, algorithm="HS512"),
    "RS256 at a shop with a secret": lambda: signed(KEY),
    "another secret": lambda: raw(HS, claims(), b"x" * 40),
    "empty secret": lambda: raw(HS, claims(), b""),
    "signature cut": lambda: raw(HS, claims())[:-2],
    "no signature": lambda: raw(HS, claims()).rpartition(".")[0] + ".",
    "crit": lambda: raw(HS | {"crit": ["exp"], "exp": 1}, claims()),
    "unencoded payload": lambda: raw(HS | {"b64": False, "crit": ["b64"]}, claims()),
    "compressed": lambda: raw(HS | {"zip": "DEF"}, claims()),
    "another kind of token": lambda: raw(HS | {"typ": "logout+jwt"}, claims()),
    "typ is a number": lambda: raw(HS | {"typ": 7}, claims()),
    "header is a list": lambda: raw([1], claims()),
    "header nests": lambda: raw(b"[" * 3000 + b"]" * 3000, claims()),
    "payload is a list": lambda: raw(HS, [1]),
    "payload nests": lambda: raw(HS, b'{"sub":' + b"[" * 1900 + b"]" * 1900 + b"}"),
    "no expiry": lambda: raw(HS, claims(exp=None)),
    "endless expiry": lambda: raw(HS, claims(exp=4_000_000_000)),
    "infinite expiry": lambda: raw(HS, b'{"sub": "7", "exp": 1e999}'),
    "expiry is text": lambda: raw(HS, claims(exp="never")),
    "huge expiry": lambda: raw(HS, b'{"sub": "7", "exp": ' + b"9" * 4000 + b"}"),
    "not yet": lambda: raw(HS, claims(nbf=time.time() + 600)),
    "from the future": lambda: raw(HS, claims(iat=time.time() + 600, exp=time.time() + 900)),
    "long ago until later": lambda: raw(HS, claims(iat=time.time() - 10 * 86400)),
    "no subject": lambda: raw(HS, claims(sub=None)),
    "subject is a number": lambda: raw(HS, claims(sub=7)),
    "empty subject": lambda: raw(HS, claims(sub="")),
    "long subject": lambda: raw(HS, claims(sub="7" * 65)),
    "subject with a line": lambda: raw(HS, claims(sub="7\n8")),
    "NUL": lambda: raw(HS, claims(sub="7\0")),
    "huge": lambda: raw(HS, claims(name="x" * 9000)),
    "not ASCII": lambda: "é.ü.ñ",
    "surrogate": lambda: "\ud800.a.b",
    "two parts": lambda: "a.b",
    "four parts": lambda: raw(HS, claims()) + ".x",
    "dots": lambda: "." * 5000,
    "nothing": lambda: "",
}


@pytest.mark.parametrize("name", UNTRUSTED)
async def test_a_token_that_the_shop_did_not_sign_for_this(name: str) -> None:
    """Every trick gets the same 401, and none an error of ours.

    They are signed when they are used: a run may be older than a token lives.
    """
    assert await refused(hs256(), UNTRUSTED[name]()) == "token-invalid"


async def test_the_clocks_may_differ_a_little() -> None:
    """Half a minute is forgiven to either side, more is not; an expired token says that it is."""
    now = time.time()
    for fine in (claims(exp=now - 20), claims(nbf=now + 20), claims(iat=now + 20)):
        assert (await hs256().identity(raw(HS, fine))).customer_id == "7"
    assert await refused(hs256(), raw(HS, claims(exp=now - 40))) == "token-expired"
    assert (await hs256(most_seconds=7200).identity(raw(HS, claims(exp=now + 7000)))).customer_id == "7"
    assert await refused(hs256(most_seconds=7200), raw(HS, claims(exp=now + 7500))) == "token-invalid"


@pytest.mark.parametrize("name", ["aud", "iss"])
async def test_a_token_for_somebody_else(name: str) -> None:
    """Audience and issuer are required once they are set, and must be ours."""
    tokens = hs256(**{"aud": {"audience": "desk"}, "iss": {"issuer": "desk"}}[name])
    for wrong in (None, "other", "", ["other"], 7, {"desk": 1}, "desk "):
        assert await refused(tokens, raw(HS, claims(**{name: wrong}))) == "token-invalid"
    assert (await tokens.identity(raw(HS, claims(**{name: "desk"})))).customer_id == "7"


async def test_what_a_token_states_is_bounded() -> None:
    """Values that are no text, or longer than any name, are not taken for the customer's."""
    token = raw(HS, claims(name="Ana", email=["a@b.c"], phone_number="1" * 300))
    assert (await hs256().identity(token)).known == ("Ana",)


@pytest.mark.parametrize("secret", ["", "short", "s" * 31])
def test_a_weak_secret_stops_the_start(secret: str) -> None:
    """It names the setting and the remedy, and never the secret."""
    with pytest.raises(SettingsError, match="CUSTOMER_JWT_SECRET has") as error:
        CustomerTokens(secret=secret)
    assert "`openssl rand -hex 32`" in str(error.value)
    assert "short" not in str(error.value)


def test_one_way_to_sign(tmp_path: Path) -> None:
    """A secret beside a JWKS URL would be a second way in; a shop with neither gets a secret of its own."""
    both = {"customer_jwt_secret": SECRET, "customer_jwks_url": "https://shop.example/keys"}
    with pytest.raises(SettingsError, match="are both set") as error:
        _customer_secret(read_settings(**both))
    assert SECRET not in str(error.value)
    assert len(_customer_secret(read_settings(data_dir=tmp_path))) >= LEAST_SECRET_BYTES


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/keys",
        "file:///etc/passwd",
        "https://",
        "https://u:p@shop.example/k",
        "http://127.1.evil.example/",
        "https://shop.example:99999/keys",
        "https://[::1/keys",
    ],
)
def test_an_unsafe_place_for_keys_stops_the_start(url: str) -> None:
    """Keys come over TLS, or from this machine."""
    with pytest.raises(SettingsError, match="CUSTOMER_JWKS_URL") as error:
        CustomerTokens(jwks_url=url)
    assert "u:p" not in str(error.value)


async def test_a_shop_with_keys_of_its_own() -> None:
    """RSA and P-256 keys by their id; a shared secret is nothing to such a shop."""
    keys = [public(KEY, "one"), public(ec_key("two"), "two"), public(KEY, "three", alg="PS256")]
    async with key_server(*keys) as shop:
        tokens = CustomerTokens(jwks_url=shop.url, secret=SECRET)
        for token in (UNTRUSTED["none"], raw(HS, claims())):
            assert await refused(tokens, token) == "token-invalid"
        assert shop.asked == 0  # nothing is fetched for a token that no key could fit
        fine = (
            signed(KEY),
            signed(KEY, "PS256"),
            signed(ec_key("two"), "ES256", "two"),
            signed(KEY, "PS256", "three"),
        )
        for token in fine:
            assert (await tokens.identity(token)).customer_id == "7"
        wrong = {
            "its public key as a secret": raw({"alg": "HS256", "kid": "one"}, claims(), pem(KEY)),
            "our secret": raw({"alg": "HS256", "kid": "one"}, claims()),
            "another's key": signed(OTHER),
            "an algorithm the key is not for": signed(KEY, "RS256", "three"),
            "another algorithm": signed(KEY, "RS512"),
            "the wrong key": signed(KEY, kid="two"),
            "no id, and several keys": signed(KEY, kid=None),
            "key in the header": signed(OTHER, headers={"jwk": public(OTHER, "one")}),
            "key at an address": signed(
                OTHER, headers={"jku": shop.url + "/elsewhere", "x5u": shop.url + "/elsewhere"}
            ),
        }
        for name, token in wrong.items():
            assert (name, await refused(tokens, token)) == (name, "token-invalid")
        assert (shop.asked, shop.strayed) == (1, 0)


async def test_keys_that_are_not_strong_enough_or_not_for_this() -> None:
    """A short RSA key, a secret, an encryption key and a private key in the set are as if not there."""
    weak, secret = rsa_key("weak", 1024), {"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 40).decode()}
    keys = [
        public(weak, "weak"), secret | {"kid": "oct"}, public(KEY, "enc", use="enc"),
        public(KEY, "ops", key_ops=["encrypt"]), public(KEY, "odd", alg="HS256"), {"kid": "x"}, "text",
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}, public(KEY, "good", use="sig"),
    ]  # fmt: skip
    async with key_server(*keys) as shop:  # type: ignore[arg-type]
        tokens = CustomerTokens(jwks_url=shop.url)
        with pytest.warns(jwt.InsecureKeyLengthWarning):
            short = signed(weak, kid="weak")
        for token in (
            short, raw({"alg": "HS256", "kid": "oct"}, claims(), b"k" * 40),
            *(signed(KEY, kid=kid) for kid in ("enc", "ops", "odd", "broken")),
        ):  # fmt: skip
            assert await refused(tokens, token) == "token-invalid"
        assert (await tokens.identity(signed(KEY, kid="good"))).customer_id == "7"
        assert (await tokens.identity(signed(KEY, kid=None))).customer_id == "7"  # the only one there is


KIDS: list[Any] = [
    "../../../dev/null", "' OR 1=1 --", "https://evil.example/keys", "k" * 257, "k" * 5000,
    "", "one\0", "оne", 7, ["one"], {},
]  # fmt: skip


async def test_tricks_with_the_key_id() -> None:
    """It is looked up in the set we know and used for nothing else."""
    async with key_server(public(KEY, "one"), public(OTHER, "two")) as shop:
        tokens = CustomerTokens(jwks_url=shop.url)
        for kid in KIDS:
            token = raw({"alg": "RS256", "kid": kid}, claims())
            assert (kid, await refused(tokens, token)) == (kid, "token-invalid")
        assert (await tokens.identity(signed(KEY))).customer_id == "7"
        assert shop.asked == 1


async def test_made_up_key_ids_do_not_make_us_ask_the_shop() -> None:
    """An unknown id is looked for once, then a rest follows, however many come; a real new key is found."""
    clock = Clock()
    async with key_server(public(KEY, "one")) as shop:
        keys = Jwks(shop.url, clock=clock.now)
        assert await keys.key("one")
        clock.at += 31
        found = await asyncio.gather(*(keys.key(f"guess-{n}") for n in range(200)))
        assert (set(found), shop.asked) == ({None}, 2)
        shop.keys.append(public(OTHER, "new"))
        assert await keys.key("new") is None  # resting
        clock.at += 31
        assert await keys.key("new")
        assert shop.asked == 3


async def test_the_shops_keys_cannot_be_fetched() -> None:
    """Known keys serve for as long as the setting says; without any, 503 says that it is not the token."""
    async with key_server(public(KEY, "one")) as shop:
        for mood in ("down", "garbage", "huge", "redirects", "empty", "list"):
            clock, shop.mood = Clock(), "well"
            keys = Jwks(shop.url, stale_seconds=3600, clock=clock.now)
            assert await keys.key("one")
            shop.mood = mood
            for _ in range(3):
                clock.at += 1000
                assert await keys.key("one")
            clock.at += 1000
            with pytest.raises(KeysDown):
                await keys.key("one")
            with pytest.raises(Problem) as problem:
                await CustomerTokens(jwks_url=shop.url).identity(signed(KEY))
            assert (mood, problem.value.status, shop.strayed) == (mood, 503, 0)


async def test_a_slow_shop_holds_nobody_up() -> None:
    """While new keys are fetched the known ones serve."""
    clock = Clock()
    async with key_server(public(KEY, "one")) as shop:
        keys = Jwks(shop.url, clock=clock.now)
        assert await keys.key("one")
        shop.mood = "asleep"
        shop.called.clear()
        clock.at += 400
        async with asyncio.timeout(1):
            for _ in range(50):
                assert await keys.key("one")
        await shop.called.wait()
        assert shop.asked == 2
        shop.keys = [public(OTHER, "two")]
        shop.mood = "well"
        shop.waking.set()
        assert await keys.key("two")  # waits for the fetch under way
        assert await keys.key("one") is None
