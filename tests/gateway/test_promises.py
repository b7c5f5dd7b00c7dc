"""The page of promises: for staff only, by their own forms, useful without scripts, and as JSON."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from gateway.app import build_app
from gateway.console.promise_rows import checked
from gateway.console.promise_rows import open_promises as open_rows
from gateway.context import Desk
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.promises import open_promises
from shared.adapters.sqlite.store import open_store
from shared.ports import Delivered
from shared.ports.promises import CLOCK
from shared.settings import Settings
from tests.gateway_desk import gateway_desk
from tests.promises.made import promised, receipt, turn
from tests.staff import PASSWORD

PAGE = {"accept": "text/html"}
EMAIL = "TOKEN_11111111-2222-4333-8444-555555555555"


@dataclass
class Console:
    """A client that is an agent, and the desk behind it."""

    http: httpx.AsyncClient
    desk: Desk

    async def seen(self, **query: str) -> list[str]:
        """The turns of the promises that a view lists."""
        answer = await self.http.get("/console/promises", params=query)
        assert answer.status_code == 200, answer.text
        return [each["turn_id"] for each in answer.json()["promises"]]


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    bus, vault, path = MemoryBus(), MemoryVault(), tmp_path / "desk.db"
    async with open_store(path) as store, open_promises(path) as promises:
        now = time.time()
        late = promised(f"I'll write to {EMAIL} <b>by Friday</b>.", due=now - 5, turn_id="late")
        await promises.record(
            [
                late,
                promised(due=now + 1, turn_id="soon"),
                promised(due=now + 9 * 86_400, turn_id="far", conversation_id="c-2"),
                structs.replace(
                    promised("I'm sending you a new label for order #1001.", turn_id="undated"),
                    hand_over="h-9",
                ),
                promised(due=now - 99, turn_id="missed"),
            ]
        )
        missed = promised(due=now - 99, turn_id="missed")
        await promises.break_(missed.id, CLOCK, at=now)
        desk = gateway_desk(
            Settings(data_dir=tmp_path), bus=bus, vault=vault, audit=vault.audit, store=store,
            promises=promises,
        )  # fmt: skip
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(build_app(desk)), base_url="http://desk.test",
            auth=("agent", PASSWORD),
        ) as http:  # fmt: skip
            yield Console(http, desk)


async def test_views(console: Console) -> None:
    """What is due by the end of the shop's day, what nobody has looked at since it was broken, the rest."""
    assert (await console.seen())[0] == "late"
    assert set(await console.seen(view="today")) - {"soon"} == {"late"}  # midnight may be a second away
    assert await console.seen(view="overdue") == ["missed"]
    assert set(await console.seen(view="later")) - {"soon"} == {"far"}
    assert await console.seen(view="undated") == ["undated"]
    assert len(await console.seen(view="all")) == 5
    assert await console.seen(conversation_id="c-2") == ["far"]


async def test_pages(console: Console) -> None:
    """`next` leads through all of them and is null on the last page; a made-up one is refused."""
    seen: list[str] = []
    query: dict[str, str] = {"view": "all", "limit": "2"}
    while True:
        body = (await console.http.get("/console/promises", params=query)).json()
        seen += [each["turn_id"] for each in body["promises"]]
        if body["next"] is None:
            break
        query["cursor"] = body["next"]
    assert len(seen) == len(set(seen)) == 5
    wrong = await console.http.get("/console/promises", params={"cursor": "bm90IG9uZQ=="})
    assert (wrong.status_code, "leave it out" in wrong.json()["detail"]) == (422, True)


async def test_the_page_shows_no_value_and_obeys_no_text(console: Console) -> None:
    """Personal values are hidden, the customer's text is no markup, what is promised stands out."""
    page = (await console.http.get("/console/promises", headers=PAGE)).text
    assert EMAIL not in page
    assert "[hidden]" in page
    assert "<b>" not in page
    assert "&lt;b&gt;by Friday" in page
    assert re.search(r"<mark>I(?:'|&#39;)ll write to", page)
    assert 'class="bad">late' in page
    missed = (await console.http.get("/console/promises?view=overdue", headers=PAGE)).text
    assert "<strong>broken</strong>" in missed


@pytest.mark.parametrize("state", ["kept", "broken", "cancelled"])
async def test_staff_say_what_became_of_it(console: Console, state: str) -> None:
    """Also of what the clock has broken; with a note, tokenized, or with their name, and in the audit log."""
    (missed,) = (await console.http.get("/console/promises?view=overdue")).json()["promises"]
    url = f"/console/promises/{missed['id']}"
    settled = (await console.http.post(url, data={"state": state})).json()
    assert (settled["state"], settled["why"].partition(":")[0]) == (state, "staff")
    assert await console.seen(view="overdue") == []
    noted = await console.http.post(url, data={"state": state, "note": "mailed to ana@example.com"})
    assert "TOKEN_" in noted.json()["why"]
    assert "ana@example.com" not in noted.text
    back = await console.http.post(url, data={"state": state, "back": "conversation"}, headers=PAGE)
    assert (back.status_code, back.headers["location"]) == (303, "/console/promises?conversation_id=c-1")


@pytest.mark.parametrize(
    ("name", "form", "status"),
    [
        ("p-" + "0" * 20, {"state": "kept"}, 404),
        ("p-1", {"state": "kept"}, 422),
        ("", {"state": "mended"}, 422),
        ("", {"note": "x"}, 422),
        ("", {"state": "kept", "note": "x" * 2_001}, 422),
    ],
)
async def test_bad_forms(console: Console, name: str, form: dict[str, Any], status: int) -> None:
    """Each says what is wrong, and nothing has changed."""
    (missed,) = (await console.http.get("/console/promises?view=overdue")).json()["promises"]
    answer = await console.http.post(f"/console/promises/{name or missed['id']}", data=form)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
    assert await console.seen(view="overdue") == ["missed"]


async def test_a_case_shows_what_is_open(console: Console) -> None:
    """Rows for the page of a case; none where nothing is open."""
    now = time.time()
    rows = await open_rows(console.desk, "c-1", now=now)
    assert len(rows) == 3
    assert "missed" not in [row.record.turn_id for row in rows]
    assert await open_rows(console.desk, "c-none", now=now) == []


async def test_a_draft_is_checked_before_it_is_sent(console: Console) -> None:
    """Against the receipts of the conversation, in its language."""
    text = "J'ai remboursé 20 $ pour la commande #1001."
    state = c.ConversationState(language="fr")
    await console.desk.store.record([Delivered(seq=1, turn=turn("Bonjour.", state=state))])
    before = await checked(console.desk, "c-1", text, now=time.time())
    assert [each.kind for each in before.warnings] == ["no_receipt"]
    done = structs.replace(turn("C'est fait.", turn_id="t-2", state=state), actions=(receipt(),))
    await console.desk.store.record([Delivered(seq=2, turn=done)])
    after = await checked(console.desk, "c-1", text, now=time.time())
    assert (len(after.promises), after.warnings) == (1, ())
