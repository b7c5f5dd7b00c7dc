"""Other sites cannot act for who is signed in, nor sign somebody in."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.security.staff_desk import HOME, Browser, StaffDesk, staff_desk
from tests.staff import PASSWORD, member_id

OURS = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def desk() -> StaffDesk:
    return staff_desk()


@pytest.fixture
async def http(desk: StaffDesk) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is signed in."""
    async with desk.http() as http:
        await Browser(http).sign_in()
        yield http


async def _other_session(desk: StaffDesk, role: str) -> str:
    async with desk.http() as other:
        await Browser(other).sign_in(role)
        return await Browser(other).csrf()


async def test_with_the_token(desk: StaffDesk, http: httpx.AsyncClient) -> None:
    """In the form or in the header; a client that says nothing of where it comes from needs it just so."""
    token = await Browser(http).csrf()
    for headers in ({**OURS, "X-CSRF-Token": token}, {"X-CSRF-Token": token}):
        assert (await http.post("/console/gaps/x", headers=headers, json={})).status_code == 422
    signed_out = await http.post("/staff/sign-out", headers=OURS, data={"csrf": token})
    assert signed_out.status_code == 303
    assert desk.denials == []


async def test_without_the_token(desk: StaffDesk, http: httpx.AsyncClient) -> None:
    """Missing, wrong, of another member, of another session of the same member, in a body that is no form."""
    token = await Browser(http).csrf()
    wrong = ["", "x", token[:-1], f"{token}x", "é"]
    wrong += [await _other_session(desk, "lead"), await _other_session(desk, "agent")]
    for given in wrong:
        refused = await http.post("/staff/sign-out", headers=OURS, data={"csrf": given})
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forged-request")
    assert (await http.post("/staff/sign-out", headers=OURS, json={"csrf": token})).status_code == 403
    assert (await http.post(f"/staff/sign-out?csrf={token}", headers=OURS)).status_code == 403
    many = "&".join(f"f{number}=" for number in range(1000)) + f"&csrf={token}"
    form = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
    assert (await http.post("/staff/sign-out", headers=form, content=many)).status_code == 403
    assert (await http.get("/staff/me")).status_code == 200
    assert set(desk.denials) == {(f"staff:{member_id('agent')}", "forged-request /staff/sign-out")}


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://desk.test.evil.example"},
        {"Origin": "http://desk.test:8080"},
        {"Origin": "null"},
        {"Origin": HOME, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_from_another_site(http: httpx.AsyncClient, foreign: dict[str, str]) -> None:
    """Refused even with the token; and so is a password that a browser sends along by itself."""
    token = await Browser(http).csrf()
    refused = await http.post("/staff/sign-out", headers={**foreign, "X-CSRF-Token": token})
    assert refused.status_code == 403
    basic = await http.post("/staff/sign-out", headers=foreign, auth=("agent", PASSWORD))
    assert basic.status_code == 403
    assert (await http.get("/staff/me")).status_code == 200


async def test_a_script_needs_no_token(http: httpx.AsyncClient) -> None:
    """No browser sends a script's Authorization header by itself."""
    http.cookies.clear()
    answer = await http.post("/console/gaps/x", auth=("agent", PASSWORD), json={})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": HOME, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
    ],
)
async def test_nobody_is_signed_in_by_another_site(desk: StaffDesk, headers: dict[str, str]) -> None:
    """Login forgery: what you did then would be seen by who owns the account."""
    async with desk.http() as http:
        form = {"name": "agent", "password": PASSWORD}
        refused = await http.post("/staff/sign-in", headers=headers, data=form)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert [purpose for _, purpose in desk.denials] == ["staff sign-in, forged"]


async def test_reading_needs_no_token(http: httpx.AsyncClient) -> None:
    """A link from elsewhere opens the page; only what changes something is guarded."""
    assert (await http.get("/staff", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200
