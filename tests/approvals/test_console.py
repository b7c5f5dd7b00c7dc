"""Approvals over HTTP: listed and decided by a lead, with and without a browser."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from gateway.app import build_app
from gateway.approving import Approving
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.store import open_store
from shared.contracts.previews import previews
from shared.ports import Approvals, ConversationStore
from shared.settings import Settings
from tests.approvals.test_store import NOW, request
from tests.cases.examples import hand_over
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD

PAGE = {"Accept": "text/html"}


@dataclass
class Console:
    """Clients that are staff, and what is behind them."""

    app: Any
    approvals: Approvals
    vault: MemoryVault
    store: ConversationStore

    async def send(
        self, path: str = "", *, role: str = "lead", headers: dict[str, str] | None = None, **form: str
    ) -> httpx.Response:
        """GET, or POST with a form."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", auth=(role, PASSWORD)
        ) as http:
            url = f"/console/approvals{path}"
            return await (
                http.post(url, data=form, headers=headers) if form else http.get(url, headers=headers)
            )


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    bus, vault, file = MemoryBus(), MemoryVault(), tmp_path / "desk.db"
    async with open_store(file) as store, open_cases(file) as cases, open_approvals(file) as approvals:
        desk = gateway_desk(
            Settings(data_dir=tmp_path),
            bus=bus,
            vault=vault,
            audit=vault.audit,
            store=store,
            cases=cases,
            approving=Approving(approvals, cases, bus, now=lambda: NOW + 60),
        )
        await approvals.ask(request())
        yield Console(build_app(desk), approvals, vault, store)


async def test_a_lead_sees_what_waits_and_why(console: Console) -> None:
    """JSON for scripts, a page for people; the page works by plain forms."""
    listed = (await console.send()).json()
    assert [each["id"] for each in listed["approvals"]] == ["a-1"]
    assert (listed["waiting"], listed["next"]) == (1, None)
    page = await console.send(headers=PAGE)
    assert page.headers["cache-control"] == "no-store"
    for words in ("Refund 123.00 USD for order #1005.", "over the amount", "/console/cases/h-a-1", "Approve"):
        assert words in page.text
    assert page.text.count("<script") == 3, "those that tell times in the reader's zone, the bar, and alarms"


async def test_the_customer_s_words_stand_beside_the_buttons(console: Console) -> None:
    """And which items it is about; a personal value is the label that it is in the thread."""
    said = "Please refund the <jacket> to TOKEN_abcd0000-0000-4000-8000-000000000000, it leaks"
    wish = c.Refund(order_number="1004", items=("TJ-M",), amount="89.00", currency="USD")
    asked = structs.replace(
        request("a-2", "c-2").asked, action=wish, preview=previews(wish, {"TJ-M": "Tern Jacket"})
    )
    case = hand_over("h-a-2", "c-2")
    packet = structs.replace(case.packet, words=(c.Quote(of="happened", text=said),))
    await console.store.open_hand_over(structs.replace(case, packet=packet))
    await console.approvals.ask(structs.replace(request("a-2", "c-2"), asked=asked))
    page = (await console.send(headers=PAGE)).text
    assert "Refund 89.00 USD for Tern Jacket from order #1004." in page
    assert page.count("The customer:") == 1
    (quote,) = re.findall("<q>.*</q>", page)
    assert "refund the &lt;jacket&gt; to " in quote
    assert "‹hidden abcd›" in quote
    assert "TOKEN_" not in page


async def test_an_agent_may_not_decide(console: Console) -> None:
    """Nor see the list: money is a lead's."""
    assert (await console.send(role="agent")).status_code == 403
    assert (await console.send("/a-1", role="agent", decision="approve")).status_code == 403
    found = await console.approvals.get("a-1")
    assert found is not None
    assert found.status == "open"


async def test_pages_end(console: Console) -> None:
    """Each request on one page; a cursor that is none is refused."""
    for n in range(2, 5):
        await console.approvals.ask(request(f"a-{n}", f"c-{n}"))
    first = (await console.send("?limit=3")).json()
    second = (await console.send(f"?limit=3&cursor={first['next']}")).json()
    assert [len(first["approvals"]), len(second["approvals"]), second["next"]] == [3, 1, None]
    assert (await console.send("?cursor=x")).status_code == 422


async def test_decided_in_a_browser_the_list_comes_back(console: Console) -> None:
    """And says what happens now; it is in the audit log who decided."""
    answer = await console.send("/a-1", headers=PAGE, decision="approve")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/approvals?done=approve")
    after = await console.send("?done=approve", headers=PAGE)
    assert re.search(r'role="status">Approved', after.text)
    assert "Nothing waits" in after.text
    written = [line.deed for line in console.vault.audit.lines]
    deeds = [(deed.action, deed.actor, deed.purpose) for deed in written]
    assert ("approval_decided", "staff:m-lead", "a-1 approve") in deeds


async def test_who_comes_second_is_told_who_was_first(console: Console) -> None:
    """With what they typed still on the page, had it been about something that waits."""
    await console.send("/a-1", decision="deny", reason="used", words="The sole is worn.")
    late = await console.send("/a-1", role="admin", decision="approve")
    assert (late.status_code, late.json()["detail"]) == (
        409,
        "lead decided on this before you (denied); nothing else was done.",
    )
    page = await console.send("/a-1", role="admin", headers=PAGE, decision="approve")
    assert (page.status_code, "lead decided on this before you" in page.text) == (409, True)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"decision": "maybe"}, "decision: 'maybe' is not one of approve, edit, deny"),
        ({"decision": "deny"}, "reason: '' is not one of window"),
        ({"decision": "deny", "reason": "used", "words": "x" * 1001}, "1,001 characters; 1,000 are the most"),
        ({"decision": "edit", "amount": "ten"}, "amount: 'ten' is no amount; write it like 49.90"),
        ({"decision": "edit", "amount": "-1"}, "is no amount"),
        ({"decision": "edit", "amount": "NaN"}, "is no amount"),
        ({"decision": "edit", "amount": "1e9"}, "is no amount"),
        ({"decision": "edit", "amount": "123.00"}, "nothing is different"),
        (
            {"decision": "edit", "amount": "1000"},
            "amount: '1000.00' is more than was asked for; 123.00 USD is",
        ),
        ({"decision": "edit", "amount": "123.01", "instead": "store_credit"}, "123.00 USD is the most"),
        ({"decision": "edit", "instead": "gift"}, "instead: 'gift' is not one of"),
    ],
)
async def test_what_cannot_be_is_refused_and_kept(console: Console, form: dict[str, str], words: str) -> None:
    """The error names field and remedy; on the page what was typed stays."""
    assert words in (await console.send("/a-1", **form)).json()["detail"]
    page = await console.send("/a-1", headers=PAGE, **form)
    assert page.status_code == 422
    for value in form.values():
        assert value in page.text
    found = await console.approvals.get("a-1")
    assert found is not None
    assert found.status == "open"


@pytest.mark.parametrize(
    ("form", "edited"),
    [
        ({"amount": "49.9"}, c.Refund(order_number="1005", amount="49.90", currency="USD")),
        ({"instead": "store_credit"}, c.StoreCredit(order_number="1005", amount="123.00", currency="USD")),
        ({"instead": "resend", "amount": "5"}, c.Resend(order_number="1005")),
    ],
)
async def test_a_change_is_made_by_the_form(console: Console, form: dict[str, str], edited: c.Action) -> None:
    """Another amount, credit, or a second parcel."""
    assert (await console.send("/a-1", decision="edit", **form)).status_code == 200
    found = await console.approvals.get("a-1")
    assert found is not None
    assert (found.status, found.edited) == ("edited", edited)


async def test_staff_s_words_are_tokenized(console: Console) -> None:
    """What they write goes through the intake's door like everything else."""
    await console.send("/a-1", decision="deny", reason="other", words="Write to emma.j@example.com please")
    found = await console.approvals.get("a-1")
    assert found is not None
    assert "TOKEN_" in found.words
    assert "example.com" not in found.words


async def test_an_unknown_request_is_not_found(console: Console) -> None:
    """Erased ones too."""
    assert (await console.send("/a-9", decision="approve")).status_code == 404
