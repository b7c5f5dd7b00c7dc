"""Customers' data in the console: looked up, exported, erased with a receipt, and never markup."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shared.errors import StoreDown
from tests.rights.console import Console, open_console
from tests.store.asked import unanswered

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
        await _said(opened, "ana", "t-1", "hello")
        yield opened


async def _said(console: Console, customer: str, turn: str, words: str) -> None:
    name = await console.rights.vault.token("Ana Lund", conversation_id=f"c-{turn}", owner=customer)
    await console.rights.store.record([unanswered(f"I am {name} {words}", turn)])


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


async def test_shows_how_much_is_kept_and_opens_nothing(console: Console) -> None:
    """Counts by store; no reveal for a look; nothing of it stands in an address or a cache."""
    shown = await console.post(customer=" ana ")
    assert shown.status_code == 200
    rows = dict(re.findall(r"<td>([\w -]+)</td><td class=\"number\">(\d+)</td>", shown.text))
    assert (rows["messages"], rows["personal values"], rows["tickets"]) == ("2", "1", "0")
    assert "Ana Lund" not in shown.text
    assert '"action":"reveal"' not in console.log()
    assert shown.headers["cache-control"] == "no-store"
    nobody = await console.post(customer="nobody")
    assert "No conversation is known" in nobody.text


@pytest.mark.parametrize(("kind", "start"), [("json", "{"), ("html", "<!doctype html>")])
async def test_exports_a_file(console: Console, kind: str, start: str) -> None:
    """The same as the command writes, opened, audited with who and why, under a name that says nothing."""
    saved = await console.post("/export", customer="ana", format=kind, purpose="legal duty")
    assert saved.status_code == 200
    assert re.fullmatch(
        rf'attachment; filename="export-[0-9a-f]{{16}}\.{kind}"', saved.headers["content-disposition"]
    )
    assert saved.text.startswith(start)
    assert "I am Ana Lund hello" in saved.text
    (line,) = [json.loads(row) for row in console.log().splitlines() if '"action":"export"' in row]
    assert (line["actor"], line["purpose"].partition(", ")[0]) == ("staff:staff", "legal duty")


async def test_erases_when_the_id_was_typed_again(console: Console) -> None:
    """Not otherwise; then with who and why in audit and receipt, which the list shows as genuine."""
    for confirm in ("", "bo", "ANA"):
        refused = await console.post("/erase", customer="ana", confirm=confirm, purpose="test data")
        assert refused.status_code == 422
        assert "Nothing was erased" in refused.text
    assert await console.rights.store.read("c-t-1") is not None
    done = await console.post("/erase", customer="ana", confirm="ana", purpose="test data")
    assert done.status_code == 303
    receipt = await console.http.get(f"/console/customers/{done.headers['location']}")
    assert "Genuine" in receipt.text
    assert await console.rights.store.read("c-t-1") is None
    (line,) = [json.loads(row) for row in console.log().splitlines() if '"action":"erase"' in row]
    assert line["actor"] == "staff:staff"
    file = (await console.http.get(f"/console/customers/{done.headers['location']}/file")).json()
    assert (file["by"], file["purpose"]) == ("staff:staff", "test data")


async def test_receipts_are_checked(console: Console) -> None:
    """A changed one is called so, in the list and on its own page; what is none is said to be none."""
    await console.post("/erase", customer="ana", confirm="ana", purpose="test data")
    (path,) = console.rights.erasures.iterdir()
    assert "genuine" in (await console.http.get("/console/customers/receipts")).text
    path.write_text(path.read_text().replace('"conversations": 1', '"conversations": 9'))
    (console.rights.erasures / "note.json").write_text("{}")
    listed = (await console.http.get("/console/customers/receipts")).text
    assert listed.count("changed, or not ours") == 2
    assert ">genuine<" not in listed
    assert "Not genuine" in (await console.http.get(f"/console/customers/receipts/{path.name}")).text


@pytest.mark.parametrize("name", ["..%2f..%2fvault%2fkey", "note.json", "a" * 16 + "-2026-ab12.json"])
async def test_only_receipts_are_served(console: Console, name: str) -> None:
    """No path leads out of their folder, and no other file of it is given."""
    (console.rights.erasures).mkdir()
    (console.rights.erasures / "note.json").write_text("{}")
    for ending in ("", "/file"):
        answer = await console.http.get(f"/console/customers/receipts/{name}{ending}")
        assert answer.status_code in {404, 422}


async def test_a_store_that_is_down_is_said(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """No receipt, and what to do; the next attempt goes on."""

    async def down(*_: object) -> None:
        raise StoreDown("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(type(console.rights.store), "erase", down)
        stuck = await console.post("/erase", customer="ana", confirm="ana", purpose="test data")
    assert (stuck.status_code, "the disk is full" in stuck.text) == (503, True)
    assert not list(console.rights.erasures.glob("*.json"))
    assert (
        await console.post("/erase", customer="ana", confirm="ana", purpose="test data")
    ).status_code == 303


@pytest.mark.parametrize("text", HOSTILE)
async def test_nothing_of_a_customer_is_markup(console: Console, text: str) -> None:
    """Neither their id nor their words, on a page or in an export; marks of direction are shown."""
    await _said(console, text, "t-2", text)
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
    assert len(asked) == 7
    for path, method in asked:
        url = path.replace("{name}", "a" * 16 + "-2026-11-26T205319+0000-ab12.json")
        answer = await console.http.request(method, url, auth=("staff", "wrong"))
        assert answer.status_code == 401
