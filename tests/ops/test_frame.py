"""The frame of the operators' pages: who comes in, where it leads, and refusals that people can read."""

import re

import httpx
import pytest

from gateway.access import RULES
from gateway.staff.pages import onward
from gateway.ways import OPERATIONS
from tests.console.desk import PAGE, ConsoleDesk


def links(page: str) -> list[str]:
    """Where the bar leads."""
    found = re.search(r'<nav aria-label="Operations">(.*?)</nav>', page, re.DOTALL)
    assert found
    return re.findall(r'<a href="([^"]+)"', found[1])


@pytest.mark.parametrize(
    ("role", "first", "ways"),
    [
        ("operator", "/ops", ["/ops", "/ops/conversations", "/ops/query", "/ops/spend"]),
        ("lead", "/ops/query", ["/ops/conversations", "/ops/query", "/console"]),
        ("admin", "/ops", ["/ops", "/ops/conversations", "/ops/query", "/ops/spend", "/console"]),
    ],
)
async def test_the_bar_leads_to_what_is_theirs(
    ops: ConsoleDesk, role: str, first: str, ways: list[str]
) -> None:
    """To no room that is not built; who may read the queue finds the way to the console."""
    assert all(f"GET {way.href}" in RULES for way in OPERATIONS)
    page = (await ops.http(role).get(first, headers=PAGE)).text
    assert links(page) == ways
    assert f'href="{first}" aria-current="page"' in page
    assert page.count("aria-current") == 1


@pytest.mark.parametrize(
    ("role", "path", "permission", "onward"),
    [
        ("operator", "/console", "queue", ["/ops", "/staff"]),
        ("operator", "/console/wall", "bulk", ["/ops", "/staff"]),
        ("agent", "/console/wall", "bulk", ["/console", "/staff"]),
        ("agent", "/ops", "metrics", ["/console", "/staff"]),
        ("lead", "/ops", "metrics", ["/console", "/ops/conversations", "/staff"]),
    ],
)
async def test_a_refusal_is_readable(
    ops: ConsoleDesk, role: str, path: str, permission: str, onward: list[str]
) -> None:
    """On a page of its own that leads to what is theirs, or inside the page for a fragment."""
    http: httpx.AsyncClient = ops.http(role)
    page = await http.get(path, headers=PAGE)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    assert f"&#39;{permission}&#39;" in page.text
    assert re.findall(r'<a href="([^"]+)"', page.text) == onward
    for way in onward:
        assert (await http.get(way, headers=PAGE)).status_code == 200, "it leads in a circle"
    fragment = await http.get(path, headers={**PAGE, "HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-retarget"]) == (403, "#refusal")
    assert "<html" not in fragment.text
    told = await http.get(path)
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
