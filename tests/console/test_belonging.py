"""A case shows what is open in its conversation, with forms that come back to the case."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.approving import Approving
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.promises import open_promises
from shared.adapters.sqlite.tasks import open_tasks
from tests.approvals.test_store import request
from tests.console.desk import HTMX, PAGE, ConsoleDesk, open_desk
from tests.promises.made import promised

CASE = "/console/cases/h-1"


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    """A case with a request for approval, a promise, and room for follow-ups."""
    file = tmp_path / "desk.db"
    async with (
        open_desk(tmp_path) as made, open_approvals(file) as approvals, open_promises(file) as promises,
        open_tasks(file) as tasks,
    ):  # fmt: skip
        await made.said("where is my order?", "It shipped on Monday.")
        await made.waits()
        now = time.time()
        await approvals.ask(request("a-1", at=now))
        await promises.record([promised("I'll write <b>by Friday</b>.", due=now + 9000)])
        approving = Approving(approvals, made.cases, made.desk.bus)
        for name, room in (("approving", approving), ("promises", promises), ("tasks", tasks)):
            object.__setattr__(made.desk, name, room)
        yield made


async def send(
    console: ConsoleDesk, path: str, role: str = "lead", *, htmx: bool = False, **form: str
) -> httpx.Response:
    """One of the forms beside the case, as a browser sends it and follows the answer."""
    headers = HTMX if htmx else PAGE
    answer = await console.http(role).post(f"/console/{path}", data={"case": "h-1", **form}, headers=headers)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith(CASE)
        return await console.http(role).get(answer.headers["location"], headers=headers)
    return answer


async def test_all_that_is_open_is_there(console: ConsoleDesk) -> None:
    """A lead decides right there, an agent sees that a lead must."""
    page = await console.page(role="lead")
    for words in (
        "Refund 123.00 USD for order #1005.",
        "Approve changed",
        "Promised, and still open",
        "Add a",
    ):
        assert words in page
    assert "<b>by" not in page
    page = await console.page(role="agent")
    assert "A lead decides on it." in page
    assert "/console/approvals/a-1" not in page


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"decision": "approve"}, "Approved</strong>"),
        ({"decision": "edit", "amount": "20", "instead": "refund"}, "Approved with a change"),
        ({"decision": "deny", "reason": "used"}, "Denied</strong>"),
    ],
)
async def test_a_decision_comes_back_to_the_case(
    console: ConsoleDesk, htmx: bool, form: dict[str, str], outcome: str
) -> None:
    """With what became of it, and by whom; with scripts only the part."""
    answer = await send(console, "approvals/a-1", htmx=htmx, **form)
    assert answer.status_code == 200
    assert ("<html" in answer.text) is not htmx
    assert outcome in answer.text
    assert "<bdi>lead</bdi>" in answer.text
    assert 'action="/console/approvals/a-1"' not in answer.text


async def test_a_refused_decision_says_why(console: ConsoleDesk) -> None:
    """In the page's place for it; without scripts on the page of approvals, with what was typed."""
    form = {"decision": "edit", "amount": "much"}
    answer = await send(console, "approvals/a-1", htmx=True, **form)
    assert (answer.status_code, answer.headers["hx-retarget"]) == (422, "#refusal")
    answer = await send(console, "approvals/a-1", **form)
    assert (answer.status_code, 'value="much"' in answer.text) == (422, True)
    assert (await send(console, "approvals/a-1", "agent", decision="approve")).status_code == 403


@pytest.mark.parametrize("htmx", [False, True])
async def test_follow_ups_of_the_conversation(console: ConsoleDesk, htmx: bool) -> None:
    """Added and done beside the case; those of others are not there."""
    due = {"due": "2027-11-30T09:00", "zone": "UTC"}
    new = {"title": "Ask the <i>carrier</i>", "key": "k1", "conversation_id": "c-1", **due}
    answer = await send(console, "tasks", "agent", htmx=htmx, **new)
    assert "Ask the &lt;i&gt;carrier" in answer.text
    await console.http().post("/console/tasks", data={"title": "Something else", "key": "k2", **due})
    page = await console.page()
    assert "Something else" not in page
    assert 'href="/console/tasks#t-k1"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    answer = await send(console, "tasks/k1", "agent", htmx=htmx, do="done", version=version[1])
    assert (answer.status_code, "carrier" in answer.text) == (200, False)


async def test_a_promise_is_settled_there(console: ConsoleDesk) -> None:
    """And is gone from what is open."""
    found = re.search(r"/console/promises/(p-\w+)", await console.page())
    assert found
    answer = await send(console, f"promises/{found[1]}", "agent", htmx=True, state="kept")
    assert (answer.status_code, "still open" in answer.text) == (200, False)


async def test_a_form_leads_nowhere_else(console: ConsoleDesk) -> None:
    """Whatever stands in the field, it is the name of a case."""
    answer = await console.http("lead").post(
        "/console/approvals/a-1", data={"decision": "approve", "case": "//evil.test/?"}, headers=PAGE
    )
    assert answer.headers["location"] == "/console/cases/%2F%2Fevil.test%2F%3F#belongs"
