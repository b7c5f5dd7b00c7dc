"""The list of unanswered questions over HTTP: for staff only, paged, closed with a note."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import build_app
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.store import open_store
from shared.settings import Settings
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD
from tests.store.asked import unanswered

NOBODY = "0123456789abcdef"


@pytest.fixture
async def staff(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client signed in as staff; three questions are open, the second was asked twice."""
    bus, vault = MemoryBus(), MemoryVault()
    async with open_store(tmp_path / "desk.db") as store:
        await store.record(
            [
                unanswered("May my dog come in?", "t-1", at=1.0),
                unanswered("Do you rent kayaks?", "t-2", at=2.0),
                unanswered("do you rent kayaks", "t-3", at=3.0),
                unanswered("Louez-vous des kayaks ?", "t-4", at=4.0, language="fr"),
            ]
        )
        desk = gateway_desk(Settings(data_dir=tmp_path), bus=bus, vault=vault, audit=vault.audit, store=store)
        transport = httpx.ASGITransport(build_app(desk))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", auth=("agent", PASSWORD)
        ) as client:
            yield client


async def _first(staff: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await staff.get("/console/gaps")).json()["gaps"][0]
    return found


async def test_staff_read_the_most_asked_question_first(staff: httpx.AsyncClient) -> None:
    """With what was close, and nothing that says who asked."""
    gap = await _first(staff)
    assert (gap["question"], gap["asked"], gap["status"]) == ("do you rent kayaks", 2, "open")
    assert gap["nearest"] == [{"id": "kb:store#dogs", "title": "Our store", "section": "Dogs", "score": 0.31}]
    assert "customer" not in gap


async def test_pages_lead_through_all_gaps(staff: httpx.AsyncClient) -> None:
    """`next` is the cursor of the following page, and null on the last, also when that is full."""
    seen: list[str] = []
    params: dict[str, str] = {"limit": "1"}
    for _ in range(3):
        page = (await staff.get("/console/gaps", params=params)).json()
        seen += [gap["turn_id"] for gap in page["gaps"]]
        params = {"limit": "1", "cursor": page["next"] or ""}
    assert seen == ["t-3", "t-4", "t-1"]
    assert page["next"] is None


async def test_a_gap_is_closed_and_opened_again(staff: httpx.AsyncClient) -> None:
    """The answer is the gap as it is then, and the list can be narrowed to what is open, or to a language."""
    gap = await _first(staff)
    url = f"/console/gaps/{gap['id']}"
    closed = await staff.post(url, json={"status": "answered", "note": "in rentals.md now"})
    assert closed.json() == gap | {"status": "answered", "note": "in rentals.md now"}
    still = (await staff.get("/console/gaps", params={"status": "open"})).json()["gaps"]
    assert [found["turn_id"] for found in still] == ["t-4", "t-1"]
    french = (await staff.get("/console/gaps", params={"language": "fr"})).json()["gaps"]
    assert [found["turn_id"] for found in french] == ["t-4"]
    opened = await staff.post(url, json={"status": "open"})
    assert opened.json() == gap


async def test_a_note_keeps_no_personal_data(staff: httpx.AsyncClient) -> None:
    """Staff's words go through the same door as a customer's."""
    url = f"/console/gaps/{(await _first(staff))['id']}"
    note = "Told ana.garcia@example.com by hand"
    said = (await staff.post(url, json={"status": "answered", "note": note})).json()["note"]
    assert said.startswith("Told TOKEN_")
    assert "example.com" not in said


@pytest.mark.parametrize("auth", [None, ("agent", "wrong"), ("ana", PASSWORD)])
async def test_nobody_else_reads_or_closes(staff: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    """A problem document, before anything is looked at."""
    # Unlike a missing one, `auth=None` sends no credentials.
    listed = await staff.get("/console/gaps?cursor=!", auth=auth)
    closed = await staff.post(f"/console/gaps/{NOBODY}", json={"status": "open"}, auth=auth)
    assert (listed.status_code, closed.status_code) == (401, 401)
    assert listed.headers["content-type"] == "application/problem+json"
    assert listed.headers["www-authenticate"] == 'Basic realm="staff"'


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"cursor": "nonsense"}, "cursor: 'nonsense' is no `next`"),
        ({"cursor": "é"}, "cursor: 'é' is no `next`"),
        ({"cursor": _cursor('[2,3.0,"no id"]')}, "is no `next`"),
        ({"cursor": _cursor(f'[{10**30},3.0,"{NOBODY}"]')}, "is no `next`"),
        ({"cursor": "A" * 301}, "cursor: "),
        ({"limit": "0"}, "limit: "),
        ({"limit": "101"}, "limit: "),
        ({"limit": "ten"}, "limit: "),
        ({"status": "closed"}, "'open', 'answered' or 'not_ours'"),
        ({"language": "de"}, "'en', 'fr' or 'es'"),
        ({"langauge": "fr"}, "langauge: remove it"),
    ],
)
async def test_a_bad_query_is_told_what_is_wrong_with_it(
    staff: httpx.AsyncClient, query: dict[str, str], says: str
) -> None:
    """422 with the parameter's name and what it may be."""
    refused = await staff.get("/console/gaps", params=query)
    assert refused.status_code == 422
    assert says in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "status: Field required"),
        ({"status": "done"}, "'open', 'answered' or 'not_ours'"),
        ({"status": "open", "note": "x" * 2001}, "note: "),
        ({"status": "open", "note": 7}, "note: "),
        ({"status": "open", "asked": 9}, "asked: remove it"),
    ],
)
async def test_a_bad_decision_changes_nothing(
    staff: httpx.AsyncClient, body: dict[str, Any], says: str
) -> None:
    """422 with the field's name."""
    before = await _first(staff)
    refused = await staff.post(f"/console/gaps/{before['id']}", json=body)
    assert refused.status_code == 422
    assert says in refused.json()["detail"]
    assert await _first(staff) == before


async def test_a_note_that_is_not_text_is_refused(staff: httpx.AsyncClient) -> None:
    """Half a surrogate pair cannot be stored."""
    url = f"/console/gaps/{(await _first(staff))['id']}"
    refused = await staff.post(
        url, content=rb'{"status": "open", "note": "\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert refused.status_code == 422
    assert "note: " in refused.json()["detail"]


async def test_a_gap_that_is_not_there_is_not_found(staff: httpx.AsyncClient) -> None:
    """404 for an id nobody has, 422 for what is no id at all."""
    missing = await staff.post(f"/console/gaps/{NOBODY}", json={"status": "answered", "note": "hm"})
    assert missing.status_code == 404
    assert NOBODY in missing.json()["detail"]
    assert (await staff.post("/console/gaps/t-1", json={"status": "open"})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/console/gaps", "GET"), ("DELETE", f"/console/gaps/{NOBODY}", "POST")],
)
async def test_another_method_is_refused(
    staff: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    """405, and which one there is."""
    refused = await staff.request(method, path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == allowed
    assert refused.json()["type"] == "/problems/method-not-allowed"
