"""The mock OpenID provider keeps to the protocol, its refusals too."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest

from mock_apis import oidc
from mock_apis.oidc_records import CLIENT_ID, CLIENT_SECRET
from tests.clock import Clock

ISSUER = "http://127.0.0.1:9003"
BACK = "http://127.0.0.1:8080/staff/sign-in/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": BACK,
    "scope": "openid profile",
    "state": "s1",
    "nonce": "n1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
"""The clock of these tests stands in another year."""
CLIENT = (CLIENT_ID, CLIENT_SECRET)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(oidc.create_app(ISSUER, now=clock.now))
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        yield http


async def _code(http: httpx.AsyncClient, sub: str = "robin") -> str:
    answer = await http.post("/authorize", params=ASKED, data={"sub": sub})
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]


def _form(code: str, /, **changed: str) -> dict[str, str]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return {name: value for name, value in {**form, **changed}.items() if value}


async def test_a_sign_in(http: httpx.AsyncClient, clock: Clock) -> None:
    """Description, choice, code, token by a published key, user info."""
    about = (await http.get("/.well-known/openid-configuration")).json()
    assert about["issuer"] == ISSUER
    page = await http.get(about["authorization_endpoint"], params=ASKED)
    assert "Robin Reyes" in page.text
    back = (await http.post("/authorize", params=ASKED, data={"sub": "robin"})).headers["location"]
    answer = dict(parse_qsl(urlsplit(back).query))
    assert back.startswith(f"{BACK}?")
    assert (answer["state"], answer["iss"]) == ("s1", ISSUER)
    response = await http.post(about["token_endpoint"], data=_form(answer["code"]), auth=CLIENT)
    assert response.headers["cache-control"] == "no-store"
    found = response.json()
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 3600)
    keys = {key["kid"]: jwt.PyJWK(key) for key in (await http.get(about["jwks_uri"])).json()["keys"]}
    key = keys[jwt.get_unverified_header(found["id_token"])["kid"]]
    claims: dict[str, Any] = jwt.decode(
        found["id_token"], key, audience=CLIENT_ID, issuer=ISSUER, options=UNTIMED
    )
    assert (claims["sub"], claims["nonce"], claims["roles"]) == ("robin", "n1", ["Support.Agent"])
    assert claims["exp"] - claims["iat"] == 3600
    bearer = {"Authorization": f"Bearer {found['access_token']}"}
    assert (await http.get("/userinfo", headers=bearer)).json()["name"] == "Robin Reyes"
    wrong = await http.get("/userinfo", headers={"Authorization": "Bearer x"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_wrong_question(http: httpx.AsyncClient, changed: dict[str, str], error: str) -> None:
    """Goes back to the client as RFC 6749 says, with its state."""
    answer = await http.get("/authorize", params={**ASKED, **changed})
    back = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert (back["error"], back["state"]) == (error, "s1")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://evil.example/staff/sign-in/callback"},
        {"redirect_uri": f"{BACK}/more"},
        {"redirect_uri": f"{BACK}?a=b"},
        {"redirect_uri": "http://127.0.0.1@evil.example/staff/sign-in/callback"},
        {"redirect_uri": "http://<script>/"},
        {"redirect_uri": "http://[::1"},
    ],
)
async def test_nobody_is_sent_elsewhere(http: httpx.AsyncClient, changed: dict[str, str]) -> None:
    """An unknown client or address is told on the page, never by a redirect."""
    answer = await http.get("/authorize", params={**ASKED, **changed})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:8081/staff/sign-in/callback"}, "invalid_grant"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_code_that_does_not_fit(http: httpx.AsyncClient, changed: dict[str, str], error: str) -> None:
    """400 with the error of RFC 6749, section 5.2; and the code is spent."""
    code = await _code(http)
    refused = await http.post("/token", data=_form(code, **changed), auth=CLIENT)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    spent = (await http.post("/token", data=_form(code), auth=CLIENT)).status_code
    assert spent == (400 if error == "invalid_grant" and "code" not in changed else 200)


async def test_a_code_is_good_once_and_for_a_minute(http: httpx.AsyncClient, clock: Clock) -> None:
    """The second time, and after sixty seconds, it is nothing."""
    code = await _code(http)
    assert (await http.post("/token", data=_form(code), auth=CLIENT)).status_code == 200
    assert (await http.post("/token", data=_form(code), auth=CLIENT)).json()["error"] == "invalid_grant"
    code = await _code(http)
    clock.at += 60
    assert (await http.post("/token", data=_form(code), auth=CLIENT)).json()["error"] == "invalid_grant"


async def test_the_client_proves_itself(http: httpx.AsyncClient) -> None:
    """By Basic or in the form, not by both, nor with another secret."""
    posted = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert (await http.post("/token", data=_form(await _code(http), **posted))).status_code == 200
    for more, auth in ((posted, CLIENT), ({}, (CLIENT_ID, "x")), ({}, ("x", CLIENT_SECRET)), ({}, None)):
        refused = await http.post("/token", data=_form(await _code(http), **more), auth=auth)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        assert refused.headers["www-authenticate"].startswith("Basic")
    odd = {"Authorization": "Basic é".encode()}
    for content, headers in ((b"\xff=\xff", {}), (b"", odd)):
        refused = await http.post("/token", content=content, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_keys_rotate(http: httpx.AsyncClient) -> None:
    """The new one signs, the one before stays published, older ones go."""
    listed = [key["kid"] for key in (await http.get("/keys")).json()["keys"]]
    made = [(await http.post("/__mock__/rotate")).json()["kid"] for _ in range(2)]
    assert [key["kid"] for key in (await http.get("/keys")).json()["keys"]] == made[::-1]
    assert listed[0] not in made


async def test_signing_out(http: httpx.AsyncClient) -> None:
    """Back to the client on this machine, to nobody else."""
    back = "http://127.0.0.1:8080/staff/sign-in"
    asked = {"client_id": CLIENT_ID, "post_logout_redirect_uri": back, "state": "s"}
    answer = await http.get("/logout", params=asked)
    assert answer.headers["location"] == f"{back}?state=s"
    for elsewhere in ("https://evil.example/", "http://[::1"):
        asked["post_logout_redirect_uri"] = elsewhere
        assert (await http.get("/logout", params=asked)).status_code == 200
