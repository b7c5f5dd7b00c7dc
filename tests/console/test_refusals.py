"""What staff may not do now is said to people in words, and what they wrote is not lost."""

import asyncio

import httpx
import pytest

from tests.console.desk import HTMX, PAGE, ConsoleDesk
from tests.security.staff_desk import Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PASTE = "Ünï 🙂 <b>שלום</b> & " * 1000

REFUSED = [
    ((), "say", {"text": "Hi"}, "claim it first"),
    ((), "release", {}, "claim it first"),
    (("lead claim",), "claim", {}, "lead has it; ask them to give it back"),
    (("lead claim",), "say", {"text": "Hi"}, "lead has it, and only they speak"),
    (("lead claim",), "release", {}, "lead has it, and only they speak"),
    (("lead claim",), "close", {}, "lead has it, and only they speak"),
    (("agent claim",), "claim", {}, "you have it already"),
    (("agent claim", "agent close"), "close", {}, "is closed"),
    (("agent claim", "agent give-back"), "say", {"text": "Hi"}, "with the bot again"),
]


@pytest.mark.parametrize(("before", "what", "fields", "why"), REFUSED)
async def test_what_may_not_be_done_now(
    console: ConsoleDesk, before: tuple[str, ...], what: str, fields: dict[str, str], why: str
) -> None:
    """409 as a page, as a fragment for the page that is there, and as a problem for scripts."""
    for each in before:
        role, act = each.split()
        assert (await console.act(act, role=role)).status_code == 303
    page = await console.act(what, **fields)  # type: ignore[arg-type]
    assert (page.status_code, why in page.text) == (409, True)
    assert 'href="/console/cases/h-1#newest"' in page.text
    part = await console.act(what, htmx=True, **fields)
    assert (part.status_code, part.headers["hx-retarget"]) == (409, "#refusal")
    assert why in part.text
    assert "<html" not in part.text
    told = await console.http().post(f"/console/cases/h-1/{what}", data=fields, headers=FORM)
    assert told.status_code == 409
    assert why in told.json()["detail"]
    events = await console.cases.events("c-1")
    assert len(events) == 1 + len(before), "nothing has happened"


async def test_an_unknown_case(console: ConsoleDesk) -> None:
    """404 that leads to the queue, for reading and for acting."""
    for answer in (
        await console.http().get("/console/cases/h-9", headers=PAGE),
        await console.act("claim", "h-9"),
        await console.act("say", "h-9", text="Hi"),
    ):
        assert answer.status_code == 404
        assert "there is no case &#39;h-9&#39;" in answer.text
        assert 'href="/console"' in answer.text


@pytest.mark.parametrize(
    ("text", "why"), [(" \n ", "write something"), (PASTE, "the longest we read is 5000")]
)
async def test_what_cannot_be_sent(console: ConsoleDesk, text: str, why: str) -> None:
    """Nothing, or a paste of 20,000 characters: 422, and a page without script has it to copy, harmless."""
    await console.act("claim")
    refused = await console.act("say", text=text)
    assert (refused.status_code, why in refused.text) == (422, True)
    assert "<b>" not in refused.text
    assert refused.text.count("🙂") == text.count("🙂")
    assert (await console.act("note", text=text, htmx=True)).status_code == 422
    assert len(await console.cases.events("c-1")) == 2


async def test_two_claim_at_the_same_instant(console: ConsoleDesk) -> None:
    """One has it; the other is told who was first."""
    answers = await asyncio.gather(console.act("claim"), console.act("claim", role="lead"))
    assert sorted(each.status_code for each in answers) == [303, 409]
    case = await console.cases.case("h-1")
    assert case is not None
    (lost,) = [each for each in answers if each.status_code == 409]
    assert f"{case.owner_name} has it" in lost.text


async def test_a_lead_takes_it_away(console: ConsoleDesk) -> None:
    """Without the owner's doing; it waits again, and the thread says how that came."""
    await console.act("claim")
    assert "Take away" in await console.page(role="lead")
    assert (await console.act("release", role="lead")).status_code == 303
    page = await console.page()
    assert "Waiting for a person" in page
    assert "took it away; it waits again" in page


async def test_a_session_that_ended_loses_no_text(console: ConsoleDesk) -> None:
    """Signed out, or signed in anew elsewhere: the page has the text, and the way back in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(console.app), base_url="http://desk.test"
    ) as http:
        me = Browser(http, origin="http://desk.test")
        await me.sign_in(next="/console")
        page = await me.get("/console/cases/h-1")
        csrf = page.text.partition('data-csrf="')[2].partition('"')[0]
        assert csrf
        own = {"Origin": "http://desk.test", **PAGE, **FORM}
        kept = await http.post(
            "/console/cases/h-1/note", data={"text": "half a thought", "csrf": csrf}, headers=own
        )
        assert kept.status_code == 303
        other = await http.post("/console/cases/h-1/note", data={"text": "mine", "csrf": "old"}, headers=own)
        assert (other.status_code, ">mine</textarea>" in other.text) == (403, True)
        http.cookies.clear()
        gone = await http.post(
            "/console/cases/h-1/note", data={"text": "all of it", "csrf": csrf}, headers=own
        )
        assert (gone.status_code, ">all of it</textarea>" in gone.text) == (401, True)
        assert 'href="/staff/sign-in?next=/console/cases/h-1"' in gone.text
        part = await http.post(
            "/console/cases/h-1/note",
            data={"text": "x"},
            headers={"Origin": "http://desk.test", **HTMX, **FORM},
        )
        assert (part.status_code, part.headers["hx-retarget"]) == (401, "#refusal")
        quiet = await http.get("/console/cases/h-1/thread", headers=HTMX)
        assert quiet.status_code == 401, "a part of a page is not the sign-in page"
