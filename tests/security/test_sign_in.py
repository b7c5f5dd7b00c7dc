"""Signing in with a password: sessions that begin, idle, and end."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.staff import open_staff
from shared.adapters.sqlite.store import open_store
from shared.settings import Settings
from tests.security.staff_desk import PEOPLE, Browser, Timed, staff_desk, timed_desk
from tests.staff import PASSWORD, member_id, room_for_tests


@pytest.fixture
async def timed(tmp_path: Path) -> AsyncIterator[Timed]:
    path = tmp_path / "desk.db"
    async with open_store(path) as store, open_cases(path) as cases:
        yield timed_desk(store, cases=cases)


def cookie(answer: httpx.Response) -> str:
    """The session's cookie as it was set, with all that is said about it."""
    (found,) = [
        line for line in answer.headers.get_list("set-cookie") if line.startswith(("desk-", "__Host-"))
    ]
    return found


async def test_the_way_in_and_out(timed: Timed) -> None:
    """A page asks to sign in, the form leads back to it, signing out ends the session at the server."""
    async with timed.desk.http() as http:
        me = Browser(http)
        asked = await me.get("/console")
        assert (asked.status_code, asked.headers["location"]) == (303, "/staff/sign-in?next=/console")
        form = await me.get(asked.headers["location"])
        assert 'name="next" value="/console"' in form.text
        assert form.headers["cache-control"] == "no-store"
        came = await me.sign_in(next="/console")
        assert (came.status_code, came.headers["location"]) == (303, "/console")
        assert (await me.get("/console")).status_code == 200
        held = http.cookies["desk-staff"]
        home = await me.get("/staff")
        assert "signed in as <strong>agent</strong>" in home.text
        assert "This one" in home.text
        gone = await me.submit("/staff/sign-out", csrf=await me.csrf())
        assert gone.headers["location"] == "/staff/signed-out"
        assert "desk-staff" not in http.cookies
        again = await http.get("/staff/me", headers={"Cookie": f"desk-staff={held}"})
        assert again.status_code == 401
    deeds = [(line.deed.actor, line.deed.action) for line in timed.desk.audit.lines]
    me_in_log = f"staff:{member_id('agent')}"
    assert (me_in_log, "staff_sign_in") in deeds
    assert (me_in_log, "staff_sign_out") in deeds
    assert "203.0.113" not in str(timed.desk.audit.lines)


async def test_nobody_comes_in_unseen(timed: Timed) -> None:
    """Without the audit there is no session."""
    timed.desk.audit.down = "no disk"
    async with timed.desk.http() as http:
        answer = await Browser(http).sign_in()
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers
    assert not await timed.room.members.store.sessions(member_id("agent"))


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("", r"desk-staff=[\w-]{43}; HttpOnly; Path=/; SameSite=lax"),
        ("http://127.0.0.1:8080", r"desk-staff=[\w-]{43}; HttpOnly; Path=/; SameSite=lax"),
        ("https://desk.test", r"__Host-desk-staff=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure"),
    ],
)
async def test_the_cookie(public_url: str, expected: str) -> None:
    """No script reads it, no other site sends it with a form, and with https only this host has it."""
    settings = Settings(public_url=public_url)
    origin = public_url or "http://desk.test"
    async with staff_desk(settings=settings).http(url=origin) as http:
        assert re.fullmatch(expected, cookie(await Browser(http, origin).sign_in()))


async def test_only_hashes_are_kept(timed: Timed) -> None:
    """Who reads the store cannot be anybody: neither the id nor the password stands in it."""
    async with timed.desk.http() as http:
        session_id = cookie(await Browser(http).sign_in()).split("=")[1].split(";")[0]
    kept = repr(vars(timed.room.members.store))
    passwords = [row.password for row in await timed.room.members.store.members()]
    assert session_id not in kept
    assert PASSWORD not in kept + str(passwords)


async def test_a_session_cannot_be_planted(timed: Timed) -> None:
    """Fixation: an id that somebody else chose, or still holds, is nothing after the sign-in."""
    async with timed.desk.http() as http:
        me = Browser(http)
        http.cookies.set("desk-staff", "p" * 43, domain="desk.test")
        await me.sign_in()
        first = http.cookies["desk-staff"]
        assert first != "p" * 43
        await me.sign_in("lead")
        assert http.cookies["desk-staff"] != first
    async with timed.desk.http() as other:
        for old in ("p" * 43, first):
            assert (await other.get("/staff/me", headers={"Cookie": f"desk-staff={old}"})).status_code == 401


async def test_an_idle_session_ends(timed: Timed) -> None:
    """After an hour without a request; each request begins the hour anew."""
    async with timed.desk.http() as http:
        await Browser(http).sign_in()
        for _ in range(3):
            timed.clock.at += 3500
            assert (await http.get("/staff/me")).status_code == 200
        timed.clock.at += 3600
        assert (await http.get("/staff/me")).status_code == 401
        timed.clock.at -= 3600
        assert (await http.get("/staff/me")).status_code == 401


@pytest.mark.parametrize("headers", [{"X-By-Itself": "1"}, {"Accept": "text/event-stream"}, {}])
async def test_an_open_page_is_no_use_of_a_session(timed: Timed, headers: dict[str, str]) -> None:
    """What a page asks of its own accord and its parting are answered, and the session idles all the same."""
    async with timed.desk.http() as http:
        me = Browser(http)
        await me.sign_in()
        csrf = await me.csrf()
        for _ in range(2):
            timed.clock.at += 1700
            if headers:
                assert (await http.get("/console/queue", headers=headers)).status_code == 200
            else:
                await me.submit("/console/cases/h-1/left", csrf=csrf, page="p-1")
        timed.clock.at += 300
        assert (await http.get("/staff/me")).status_code == 401


async def test_a_busy_session_ends_too(timed: Timed) -> None:
    """After twelve hours, however much it is used."""
    async with timed.desk.http() as http:
        await Browser(http).sign_in()
        for _ in range(23):
            timed.clock.at += 1800
            assert (await http.get("/staff/me")).status_code == 200
        timed.clock.at += 1800
        assert (await http.get("/staff/me")).status_code == 401


async def test_sign_out_everywhere(timed: Timed) -> None:
    """Every browser of the member, nobody else's."""
    async with timed.desk.http() as laptop, timed.desk.http() as phone, timed.desk.http() as lead:
        for http, role in ((laptop, "agent"), (phone, "agent"), (lead, "lead")):
            await Browser(http).sign_in(role)
        assert (await Browser(laptop).get("/staff")).text.count("<li><span>Since") == 2
        await Browser(laptop).submit("/staff/sign-out-everywhere", csrf=await Browser(laptop).csrf())
        statuses = [(await http.get("/staff/me")).status_code for http in (laptop, phone, lead)]
    assert statuses == [401, 401, 200]


async def test_another_role_ends_the_session(timed: Timed) -> None:
    """Who was made an operator, given another password, or removed must sign in again, or cannot."""
    members = timed.room.members
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "agent": lambda: members.assign("agent", "operator"),
        "lead": lambda: members.reset("lead"),
        "admin": lambda: members.remove("admin"),
    }
    for role, change in changes.items():
        async with timed.desk.http() as http:
            await Browser(http).sign_in(role)
            assert (await http.get("/staff/me")).json()["role"] == role
            await change()
            assert (await http.get("/staff/me")).status_code == 401
    async with timed.desk.http() as http:
        assert (await http.get("/console/queue", auth=("agent", PASSWORD))).status_code == 403
        assert (await http.get("/staff/me", auth=("lead", PASSWORD))).status_code == 401


async def test_a_remembered_password_is_not_one_for_long(timed: Timed) -> None:
    """Scripts are not hashed at each request; a reset counts at once all the same."""
    async with timed.desk.http() as http:
        for _ in range(3):
            assert (await http.get("/staff/me", auth=("agent", PASSWORD))).status_code == 200
        account = await timed.room.members.reset("agent")
        assert (await http.get("/staff/me", auth=("agent", PASSWORD))).status_code == 401
        assert (await http.get("/staff/me", auth=("agent", account.password))).status_code == 200
    assert sum(line.deed.action == "staff_sign_in" for line in timed.desk.audit.lines) == 1


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
async def test_the_way_back_leads_nowhere_else(timed: Timed, onward: str) -> None:
    """A link to our sign-in cannot send people on to another site."""
    async with timed.desk.http() as http:
        assert (await Browser(http).sign_in(next=onward)).headers["location"] == "/staff"
        page = await http.get("/staff/sign-in", params={"next": onward})
        assert page.headers.get("location", "/staff") == "/staff"


async def test_what_is_typed_is_not_markup(timed: Timed) -> None:
    """The name comes back in the form as text, and the page brings no script of its own."""
    async with timed.desk.http() as http:
        page = await Browser(http).sign_in('"><script>alert(1)</script>', "wrong")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "style=" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_the_store_is_down(tmp_path: Path) -> None:
    """503 and no way in."""
    async with open_staff(tmp_path / "staff.db") as store:
        made = staff_desk(room=room_for_tests(PEOPLE, store=store))
    async with made.http() as http:
        answer = await http.get("/staff/me", auth=("agent", PASSWORD))
    assert answer.status_code == 503
