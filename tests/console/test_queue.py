"""The queue: who waits, the most urgent first, a page at a time."""

import base64
import re

import pytest

from tests.console.desk import HTMX, PAGE, ConsoleDesk


async def rows(console: ConsoleDesk, path: str) -> tuple[list[str], str]:
    """The cases of a page in order, and where the next page is."""
    answer = await console.http().get(path, headers=HTMX)
    assert answer.status_code == 200
    more = re.search(r'href="/console\?([^"]*cursor=[^"]*)"', answer.text)
    return re.findall(r'id="row-(h-\d+)"', answer.text), more[1].replace("&amp;", "&") if more else ""


async def test_long_queues_page(console: ConsoleDesk) -> None:
    """Every case once, over the pages, urgent ones first; a page that has more rows gets as many again."""
    for n in range(2, 122):
        priority = "urgent" if n % 40 == 0 else "normal"
        await console.waits(f"h-{n}", f"c-{n}", at=100.0 + n, priority=priority)  # type: ignore[arg-type]
    found, more = await rows(console, "/console/queue")
    assert found[:4] == ["h-40", "h-80", "h-120", "h-1"]
    while more:
        page, more = await rows(console, f"/console/queue?{more}")
        found += page
    assert sorted(found) == sorted(f"h-{n}" for n in range(1, 122))
    again, _ = await rows(console, "/console/queue?count=100")
    assert again == found[:100]


@pytest.mark.parametrize(
    "place", [b"nonsense", b'[9223372036854775808,1.0,"h-1"]', b'[-1,1.0,"h-1"]', b'[1,1e999,"h-1"]']
)
async def test_what_is_no_cursor(console: ConsoleDesk, place: bytes) -> None:
    """Told so, whatever somebody made of the address, numbers that no store holds included."""
    cursor = base64.urlsafe_b64encode(place).decode()
    wrong = await console.http().get(f"/console/queue?cursor={cursor}", headers=PAGE)
    assert (wrong.status_code, "leave it out to start at the top" in wrong.text) == (422, True)


async def test_views(console: ConsoleDesk) -> None:
    """Waiting, mine, done: the same cases by where they stand."""
    await console.waits("h-2", "c-2")
    await console.waits("h-3", "c-3")
    await console.act("claim", "h-2")
    await console.act("claim", "h-3", role="lead")
    await console.act("close", "h-3", role="lead")
    views = {
        view: (await rows(console, f"/console/queue?view={view}"))[0]
        for view in ("open", "waiting", "mine", "over")
    }
    assert views == {"open": ["h-1", "h-2"], "waiting": ["h-1"], "mine": ["h-2"], "over": ["h-3"]}
    wrong = await console.http().get("/console/queue?view=all", headers=PAGE)
    assert (wrong.status_code, "is not one of open, waiting" in wrong.text) == (422, True)


async def test_without_javascript(console: ConsoleDesk) -> None:
    """Whole pages: views, more and cases are links, acts are forms with the session's token."""
    page = (await console.http().get("/console", headers=PAGE)).text
    assert page.startswith("<!doctype html>")
    assert 'href="/console?view=mine"' in page
    assert 'href="/console/cases/h-1#newest"' in page
    lead_there = await console.http().get("/console?case=h-1", headers=PAGE)
    assert lead_there.headers["location"] == "/console/cases/h-1"
    case = await console.page()
    for act in ("claim", "give-back", "close", "note"):
        assert re.search(rf'(action|formaction)="/console/cases/h-1/{act}"', case)
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", case)


async def test_scripts_get_json(console: ConsoleDesk) -> None:
    """As before there was a page."""
    answer = await console.http().get("/console/queue")
    assert [each["id"] for each in answer.json()["waiting"]] == ["h-1"]
