"""Customers' data in the console: looked up, exported, erased with a receipt."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.errors import StoreDown
from tests.rights.console import Console, open_console, said
from tests.tasks import task


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """One conversation of ana."""
    async with open_console(tmp_path) as opened:
        await said(opened, "ana", "t-1", "hello")
        yield opened


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
    assert (line["actor"], line["purpose"].partition(", ")[0]) == ("staff:m-admin", "legal duty")


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
    assert line["actor"] == "staff:m-admin"
    file = (await console.http.get(f"/console/customers/{done.headers['location']}/file")).json()
    assert (file["by"], file["purpose"]) == ("staff:m-admin", "test data")


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


async def test_a_store_that_is_down_issaid(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("kind", ["json", "html"])
async def test_follow_ups_are_exported_opened(console: Console, kind: str) -> None:
    """What is to be done for a customer is theirs to see; it counts among what is kept, and goes with it."""
    name = await console.rights.vault.token("Ana Lund", conversation_id="c-t-1", owner="ana")
    tasks = await console.services.tasks()
    await tasks.add(task(title=f"Call {name} back", conversation_id="c-t-1", created_at=time.time()))
    assert re.search(r'<td>tasks</td><td class="number">1</td>', (await console.post(customer="ana")).text)
    saved = await console.post("/export", customer="ana", format=kind, purpose="legal duty")
    assert "Call Ana Lund back" in saved.text
    await console.post("/erase", customer="ana", confirm="ana", purpose="test data")
    assert await tasks.page() == []
