"""Signing in at an OpenID provider: the way in and out, and every way in that must be none."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.staff.oidc import read_roles, roles_in
from shared.errors import SettingsError
from shared.settings import Settings
from tests.security.oidc_desk import DESK, ISSUER, SETTINGS, OidcDesk, oidc_desk, query
from tests.security.staff_desk import Browser
from tests.staff import PASSWORD, room_for_tests


@pytest.fixture
async def desk() -> AsyncIterator[OidcDesk]:
    async with oidc_desk() as desk:
        yield desk


@pytest.mark.parametrize(
    ("sub", "role"), [("robin", "agent"), ("lee", "lead"), ("olu", "operator"), ("ada", "admin")]
)
async def test_the_way_in(desk: OidcDesk, sub: str, role: str) -> None:
    """Code with PKCE, state and nonce; the role is the provider's; the way back is remembered."""
    address = await desk.begin("/console")
    asked = query(address)
    assert address.startswith(f"{ISSUER}/authorize?")
    assert asked["redirect_uri"] == f"{DESK}/staff/sign-in/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    came = await desk.http.get(await desk.choose(address, sub))
    assert (came.status_code, came.headers["location"]) == (303, "/console")
    assert await desk.role() == role
    assert "desk-staff-flow" not in desk.http.cookies
    token = next(request for request in desk.asked if request.url.path == "/token")
    assert token.headers["authorization"].startswith("Basic ")
    assert b"client_secret" not in token.content


async def test_the_audit_knows_who_by_id(desk: OidcDesk) -> None:
    """Neither the name nor the subject of the token; the same person is the same member again."""
    for _ in range(2):
        await desk.sign_in()
    actors = [line.deed.actor for line in desk.desk.audit.lines]
    assert len(actors) == 2
    assert len(set(actors)) == 1
    assert re.fullmatch(r"staff:m-[0-9a-f]{16}", actors[0])
    assert "robin" not in str(desk.desk.audit.lines).lower()


async def test_customers_read_the_first_name(desk: OidcDesk) -> None:
    """The token's `given_name`, at the first sign-in; what was said here since stands."""
    members = desk.desk.desk.staff.members
    await desk.sign_in()
    robin = next(member for member, local in await members.listed() if not local)
    assert robin.display == "Robin"
    for said in ("Bo", ""):
        await members.introduce(robin.id, said)
        await desk.sign_in()
        assert (await members.find(robin.id)).display == said


async def test_no_role(desk: OidcDesk) -> None:
    """A page that says what to ask whom for; nobody is signed in, and it is written down."""
    answer = await desk.sign_in("nia")
    assert answer.status_code == 403
    assert "Support.Admin, Support.Lead, Support.Agent, Support.Operator" in answer.text
    assert "administrator" in answer.text
    assert await desk.role() == ""
    assert desk.desk.denials[0][1] == "staff sign-in, no role"


async def test_the_last_role_is_taken_away(desk: OidcDesk) -> None:
    """The provider says so at the next sign-in; the session that had it ends there and then."""
    await desk.sign_in()
    old = desk.http.cookies["desk-staff"]
    desk.records.sign = lambda claims: desk.records.signed({**claims, "roles": []})
    desk.http.cookies.clear()
    assert (await desk.sign_in()).status_code == 403
    desk.http.cookies.set("desk-staff", old)
    assert await desk.role() == ""


async def test_another_role_at_the_provider(desk: OidcDesk) -> None:
    """At the next sign-in; the session that had the old one ends."""
    await desk.sign_in()
    old = desk.http.cookies["desk-staff"]
    desk.records.sign = lambda claims: desk.records.signed({**claims, "roles": ["Support.Lead"]})
    desk.http.cookies.clear()
    await desk.sign_in()
    assert await desk.role() == "lead"
    desk.http.cookies.clear()
    assert (await desk.http.get("/staff/me", headers={"Cookie": f"desk-staff={old}"})).status_code == 401


async def test_the_way_out(desk: OidcDesk) -> None:
    """The session ends here, then at the provider, which sends back to the sign-in."""
    await desk.sign_in()
    me = Browser(desk.http, DESK)
    gone = await me.submit("/staff/sign-out", csrf=await me.csrf())
    page = await me.get(gone.headers["location"])
    assert await desk.role() == ""
    (to,) = re.findall(r'http-equiv="refresh" content="2;url=([^"]+)"', page.text)
    left = await desk.provider.get(to.replace("&amp;", "&"))
    assert left.headers["location"] == f"{DESK}/staff/sign-in"


async def test_passwords_are_nothing_here(desk: OidcDesk) -> None:
    """With a provider there are no local accounts: no form, no Basic, nobody is asked for it."""
    form = await desk.http.get("/staff/sign-in")
    assert "password" not in form.text
    assert "/staff/sign-in/oidc" in form.text
    refused = await desk.http.get("/staff/me", auth=("agent", PASSWORD))
    assert refused.status_code == 401
    assert "www-authenticate" not in refused.headers
    assert (await Browser(desk.http, DESK).sign_in()).status_code == 404


async def test_state(desk: OidcDesk) -> None:
    """An answer to another question signs nobody in, and its code is not even tried."""
    first = query(await desk.choose(await desk.begin()))
    await desk.begin()  # the browser holds the second question now
    for state in (first["state"], "", "x", "é"):
        await desk.begin()
        answer = await desk.http.get("/staff/sign-in/callback", params={**first, "state": state})
        assert (answer.status_code, "another sign-in" in answer.text) == (400, True)
    del first["state"]
    await desk.begin()
    assert (await desk.http.get("/staff/sign-in/callback", params=first)).status_code == 400
    assert await desk.role() == ""
    assert "/token" not in [request.url.path for request in desk.asked]


async def test_another_browser(desk: OidcDesk) -> None:
    """An address back that was stolen, or sent to a victim, is worth nothing without the cookie."""
    back = await desk.choose(await desk.begin())
    flow = desk.http.cookies["desk-staff-flow"]
    desk.http.cookies.clear()
    changed = flow.replace(flow[:4], "AAAA", 1)
    for value in ("", "x", "a.b.c.d", changed, f"{flow}x"):
        answer = await desk.http.get(back, headers={"Cookie": f"desk-staff-flow={value}"})
        assert answer.status_code == 400
        assert "began in another browser" in answer.text
    assert (await desk.http.get(back, headers={"Cookie": f"desk-staff-flow={flow}"})).status_code == 303


async def test_too_late(desk: OidcDesk) -> None:
    """A sign-in takes ten minutes at most."""
    back = await desk.choose(await desk.begin())
    assert desk.desk.desk.staff.oidc is not None
    object.__setattr__(desk.desk.desk.staff.oidc, "clock", lambda: 4e9)
    assert "took too long" in (await desk.http.get(back)).text


async def test_a_code_is_good_once(desk: OidcDesk) -> None:
    """Whoever sends the same answer again, cookie and all, is nobody."""
    back = await desk.choose(await desk.begin())
    flow = desk.http.cookies["desk-staff-flow"]
    assert (await desk.http.get(back)).status_code == 303
    desk.http.cookies.clear()
    again = await desk.http.get(back, headers={"Cookie": f"desk-staff-flow={flow}"})
    assert again.status_code == 400
    assert "was used before" in again.text
    assert await desk.role() == ""


async def test_a_code_of_another_sign_in(desk: OidcDesk) -> None:
    """A code that was put into our answer fails by PKCE, at the provider."""
    stolen = query(await desk.choose(await desk.begin(), "ada"))["code"]
    back = query(await desk.choose(await desk.begin()))
    answer = await desk.http.get("/staff/sign-in/callback", params={**back, "code": stolen})
    assert answer.status_code == 400
    assert await desk.role() == ""


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"iss": "https://evil.example"}, "another identity provider"),
        ({"iss": ""}, "another identity provider"),
        ({"code": ""}, "sent no code"),
        ({"code": "x" * 5000}, "sent no code"),
        ({"code": "made-up"}, "used before, or is too old"),
    ],
)
async def test_a_changed_answer(desk: OidcDesk, changed: dict[str, str], says: str) -> None:
    """Mixed up with another provider, or without a code that is one."""
    back = query(await desk.choose(await desk.begin()))
    given = {name: value for name, value in {**back, **changed}.items() if value or name != "iss"}
    answer = await desk.http.get("/staff/sign-in/callback", params=given)
    assert (answer.status_code, says in answer.text) == (400, True), answer.text
    assert await desk.role() == ""


async def test_who_stops(desk: OidcDesk) -> None:
    """The provider's error becomes our words; its own text is not shown."""
    back = await desk.choose(await desk.begin(), "")
    assert query(back)["error"] == "access_denied"
    answer = await desk.http.get(f"{back}&error_description=<b>call+0900</b>")
    assert "did not let you in" in answer.text
    assert "0900" not in answer.text


@pytest.mark.parametrize("begun", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_the_way_back_leads_nowhere_else(desk: OidcDesk, begun: str) -> None:
    """However the sign-in was begun."""
    assert (await desk.sign_in(onward=begun)).headers["location"] == "/staff"


def test_roles() -> None:
    """A list, one text, a list inside an object, or nothing that could be one."""
    assert roles_in({"roles": ["a", 7, "b"]}, "roles") == {"a", "b"}
    assert roles_in({"roles": "a"}, "roles") == {"a"}
    assert roles_in({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == {"a"}
    assert roles_in({"https://x.example/roles": ["a"]}, "https://x.example/roles") == {"a"}
    for claims in ({}, {"roles": {"a": 1}}, {"roles": None}, {"roles": 1}, {"realm_access": []}):
        assert roles_in(claims, "roles") == set()
    assert list(read_roles(" x=lead , a=b=agent ").items()) == [("x", "lead"), ("a=b", "agent")]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"oidc_roles": "Support.Agent=boss"}, "OIDC_ROLES=.*'Support.Agent=boss' is wrong"),
        ({"oidc_roles": ","}, "OIDC_ROLES=''"),
        ({"oidc_issuer": "http://login.example"}, "OIDC_ISSUER=.*no https"),
        ({"public_url": ""}, "PUBLIC_URL='': OIDC_ISSUER needs it"),
        ({"public_url": "http://desk.example"}, "PUBLIC_URL='http://desk.example'"),
        ({"public_url": "https://desk.example/app"}, "leave out path"),
        ({"public_url": "https://me@desk.example"}, "PUBLIC_URL"),
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
    ],
)
def test_wrong_settings(changed: dict[str, Any], says: str) -> None:
    """The start stops with the setting and what it should be."""
    with pytest.raises(SettingsError, match=says):
        room_for_tests(Settings(**{**SETTINGS, **changed}))


async def test_the_provider_is_down(desk: OidcDesk) -> None:
    """503 with a page, at the start and at the end of a sign-in; strangers read no address of it."""
    back = await desk.choose(await desk.begin())
    oidc = desk.desk.desk.staff.oidc
    assert oidc is not None

    def broken(_: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>bad gateway</html>")

    oidc.provider.http = httpx.AsyncClient(transport=httpx.MockTransport(broken))
    assert (await desk.http.get(back)).status_code == 503
    oidc.provider._metadata = None
    answer = await desk.http.get("/staff/sign-in/oidc")
    assert answer.status_code == 503
    assert ISSUER not in answer.text
    await oidc.provider.http.aclose()
