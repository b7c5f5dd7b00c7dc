"""The frame of the operators' pages: who comes in, where it leads, and refusals that people can read."""

import re

import httpx
import pytest

from gateway.access import RULES
from gateway.ops.ways import WAYS
from gateway.staff.pages import onward
from tests.console.desk import PAGE, ConsoleDesk


def links(page: str) -> list[str]:
    """Where the bar leads."""
    found = re.search(r'<nav aria-label="Operations">(.*?)</nav>', page, re.DOTALL)
    assert found
    return re.findall(r'<a href="([^"]+)"', found[1])


async def test_the_bar_leads_to_every_room_that_is_built(ops: ConsoleDesk) -> None:
    """And to none that is not; who may read the queue finds the way back to the console."""
    built = [way.href for way in WAYS if f"GET {way.href}" in RULES]
    assert "/ops" in built
    page = (await ops.http("operator").get("/ops", headers=PAGE)).text
    assert links(page) == built
    assert 'href="/ops" aria-current="page"' in page
    assert 'href="/console"' not in page
    page = (await ops.http("admin").get("/ops", headers=PAGE)).text
    assert links(page) == built
    assert 'href="/console"' in page


@pytest.mark.parametrize("role", ["agent", "lead"])
async def test_a_refusal_is_readable(ops: ConsoleDesk, role: str) -> None:
    """On a page of its own that leads on, or inside the page for a fragment; scripts get a problem."""
    http: httpx.AsyncClient = ops.http(role)
    page = await http.get("/ops", headers=PAGE)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    assert "&#39;metrics&#39;" in page.text
    fragment = await http.get("/ops", headers={**PAGE, "HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-retarget"]) == (403, "#refusal")
    assert "<html" not in fragment.text
    told = await http.get("/ops")
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/ops/conversations/<script>", "/ops/spend?day=never", "/ops/dead-letters/confirm"]
)
async def test_what_is_no_field_of_ours_is_refused_readably(ops: ConsoleDesk, path: str) -> None:
    """A person reads a page, never a document for scripts."""
    page = await ops.http("operator").get(path, headers=PAGE)
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "Invalid request" in page.text
    assert "<script>" not in page.text
    told = await ops.http("operator").get(path)
    assert told.headers["content-type"] == "application/problem+json"


async def test_a_stranger_is_sent_to_the_sign_in(ops: ConsoleDesk) -> None:
    """And comes back here from it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ops.app), base_url="http://desk.test") as http:
        sent = await http.get("/ops", headers=PAGE)
        assert (sent.status_code, sent.headers["location"]) == (303, "/staff/sign-in?next=/ops")
        sent = await http.get("/ops/conversations/c-1?turn=t-1", headers=PAGE)
        there = httpx.URL(sent.headers["location"]).params["next"]
        assert onward(there) == there == "/ops/conversations/c-1?turn=t-1"
        sent = await http.get("/ops/conversations?id=my+words", headers=PAGE)
        assert sent.headers["location"] == "/staff/sign-in?next=/ops/conversations"


async def test_its_pages_may_use_htmx_and_nothing_else(ops: ConsoleDesk) -> None:
    """The policy of the console."""
    found = await ops.http("operator").get("/ops", headers=PAGE)
    assert "trusted-types htmx" in found.headers["content-security-policy"]
    assert found.headers["cache-control"] == "no-store"
