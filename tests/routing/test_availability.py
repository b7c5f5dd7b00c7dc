"""Members say whether they can be given cases; signing out, like closing the browser, takes them off."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.security.staff_desk import Browser, StaffDesk, staff_desk
from tests.staff import member_id

HERE = {"Accept": "application/json"}
AGENT = member_id("agent")


@pytest.fixture
def desk() -> StaffDesk:
    return staff_desk()


@pytest.fixture
async def me(desk: StaffDesk) -> AsyncIterator[Browser]:
    async with desk.http() as http:
        browser = Browser(http)
        await browser.sign_in()
        yield browser


async def say(me: Browser, **fields: Any) -> httpx.Response:
    return await me.submit("/staff/availability", **{"csrf": await me.csrf(), **fields})


async def test_who_signs_in_is_off_until_they_say_so(desk: StaffDesk, me: Browser) -> None:
    """The form shows what was said, to everybody who asks."""
    form = (await me.get("/staff/availability")).text
    assert 'value="off" checked' in form
    assert form.count("checked") == 4, "and every language"
    assert (await say(me, state="available", language=["en", "fr"])).status_code == 200
    told = (await me.http.get("/staff/availability", headers=HERE)).json()
    assert (told["me"]["state"], told["me"]["languages"]) == ("available", ["en", "fr"])
    assert [each["name"] for each in told["on_duty"]] == ["agent"]
    assert 'value="available" checked' in (await me.get("/staff")).text


async def test_a_form_without_a_script_leads_back(me: Browser) -> None:
    """To the page that it is on."""
    me.headers["Accept"] = "text/html"
    answer = await say(me, state="away")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "state="),
        ({"state": "busy"}, "state='busy'"),
        ({"state": "away", "language": "de"}, "language='de'"),
        ({"state": "away", "languages": "1"}, "language: name at least one"),
        ({"state": "away", "skill": "law"}, "no queue asks for any"),
        ({"state": "away", "language": ["fr"] * 60}, "more than 60 fields"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    desk: StaffDesk, me: Browser, fields: Any, named: str
) -> None:
    """Nothing is changed then."""
    answer = await say(me, **fields)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]
    assert desk.desk.duty is not None
    assert await desk.desk.duty.on_duty(since=0.0) == []


async def test_signing_out_of_the_last_browser_is_going_off_duty(desk: StaffDesk, me: Browser) -> None:
    """With another one still open they stay."""
    assert desk.desk.duty is not None
    await say(me, state="available")
    async with desk.http() as http:
        phone = Browser(http)
        await phone.sign_in()
        await phone.submit("/staff/sign-out", csrf=await phone.csrf())
    assert [each.member_id for each in await desk.desk.duty.on_duty(since=0.0)] == [AGENT]
    await me.submit("/staff/sign-out", csrf=await me.csrf())
    assert await desk.desk.duty.on_duty(since=0.0) == []


async def test_signing_out_everywhere_is_going_off_duty(desk: StaffDesk, me: Browser) -> None:
    """At once."""
    assert desk.desk.duty is not None
    await say(me, state="available")
    await me.submit("/staff/sign-out-everywhere", csrf=await me.csrf())
    assert await desk.desk.duty.on_duty(since=0.0) == []
