"""The pages on customers' data: for staff only, from their own forms, and no text of a customer is markup."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.rights.console import Console, open_console, said
from tests.staff import PASSWORD

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)//</textarea></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "evil \u202egnp.exe \u2069\u2066 \u200f",
)


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """One conversation of ana."""
    async with open_console(tmp_path) as opened:
        await said(opened, "ana", "t-1", "hello")
        yield opened


class Tags(HTMLParser):
    """Which tags and attributes a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", ["..%2f..%2fvault%2fkey", "note.json", "a" * 16 + "-2026-ab12.json"])
async def test_only_receipts_are_served(console: Console, name: str) -> None:
    """No path leads out of their folder, and no other file of it is given."""
    (console.rights.erasures).mkdir()
    (console.rights.erasures / "note.json").write_text("{}")
    for ending in ("", "/file"):
        answer = await console.http.get(f"/console/customers/receipts/{name}{ending}")
        assert answer.status_code in {404, 422}


@pytest.mark.parametrize("text", HOSTILE)
async def test_nothing_of_a_customer_is_markup(console: Console, text: str) -> None:
    """Neither their id nor their words, on a page or in an export; marks of direction are shown."""
    await said(console, text, "t-2", text)
    clean = Tags((await console.post(customer="ana")).text)
    page = (await console.post(customer=text)).text
    wrong = (await console.post("/erase", customer=text, confirm="x", purpose="test data")).text
    saved = (await console.post("/export", customer=text, format="html", purpose="test data")).text
    plain = (await console.post("/export", customer="ana", format="html", purpose="test data")).text
    assert Tags(page).tags == clean.tags
    assert Tags(page).attributes == clean.attributes
    assert Tags(wrong).tags - {"p"} == clean.tags - {"p"}
    assert Tags(wrong).attributes - {"role"} == clean.attributes - {"role"}
    assert (Tags(saved).tags, Tags(saved).attributes) == (Tags(plain).tags, Tags(plain).attributes)
    assert ("7 * 7" in text) == ("7 * 7" in saved)  # text is no template either
    for shown in (saved, *re.findall(r"<bdi>.*?</bdi>", page)):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f]", shown)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"customer": ""}, ""),
        ({"customer": "a" * 201}, ""),
        ({"customer": "a\r\nSet-Cookie: x=1"}, ""),
        ({"customer": "ana", "format": "exe", "purpose": "test data"}, "/export"),
        ({"customer": "ana", "format": "json", "purpose": "Ana asked on the phone"}, "/export"),
        ({"customer": "ana", "confirm": "ana"}, "/erase"),
    ],
)
async def test_wrong_fields_are_named(console: Console, fields: dict[str, str], where: str) -> None:
    """422 with the field, and nothing is done."""
    answer = await console.post(where, **fields)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert '"action":"export"' not in console.log()
    assert '"action":"erase"' not in console.log()


async def test_only_forms_of_ours(console: Console) -> None:
    """A form on another site's page, with the browser's remembered password, erases nobody."""
    form = {"customer": "ana", "confirm": "ana", "purpose": "test data"}
    url = "/console/customers/erase"
    for site in ("cross-site", "same-site"):
        answer = await console.http.post(url, data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert (await console.http.post(url, json=form)).status_code == 415
    assert (
        await console.http.post(
            url, content=b"&&=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
    ).status_code == 422
    assert await console.rights.store.read("c-t-1") is not None


async def test_strangers_see_nothing(console: Console) -> None:
    """Every route of these pages asks who it is, before it looks at anything else."""
    routes = [r for r in console.app.openapi()["paths"].items() if r[0].startswith("/console/customers")]
    asked = [(path, method) for path, methods in routes for method in methods]
    assert len(asked) == 8
    for path, method in asked:
        url = path.replace("{name}", "a" * 16 + "-2026-11-26T205319+0000-ab12.json")
        for auth, status in ((None, 401), (("agent", PASSWORD), 403), (("operator", PASSWORD), 403)):
            console.http.auth = None
            answer = await console.http.request(method, url, auth=auth)
            assert answer.status_code == status, path
