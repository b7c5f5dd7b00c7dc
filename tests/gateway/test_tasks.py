"""Follow-ups over HTTP: listed, made, done, put off, given away, with and without a browser."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec import structs

from gateway.app import build_app
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.store import open_store
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import TASK_CHANGED, Task
from shared.ports import Tasks
from shared.recurrence import wall
from shared.routing.queues import house
from shared.settings import Settings
from tests.gateway_desk import gateway_desk
from tests.staff import PASSWORD, member_id
from tests.store.asked import unanswered
from tests.tasks import DAY, HOUR, task

PAGE = {"Accept": "text/html"}
HOME, PARIS = house().zone, ZoneInfo("Europe/Paris")


@dataclass
class Console:
    """A client that is an agent, and what is behind it."""

    http: httpx.AsyncClient
    tasks: Tasks
    bus: MemoryBus

    async def add(self, name: str = "k1", **values: Any) -> Task:
        now = time.time()
        return await self.tasks.add(task(name, **({"created_at": now, "due_at": now + HOUR} | values)))

    async def post(
        self, path: str = "", *, headers: dict[str, str] | None = None, **form: str
    ) -> httpx.Response:
        return await self.http.post(f"/console/tasks{path}", data=form, headers=headers)

    def told(self) -> list[tuple[str, str]]:
        return [(each.task_id, each.status) for each in self.bus._events[TASK_CHANGED.subject].values()]


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    bus, vault = MemoryBus(), MemoryVault()
    async with open_store(tmp_path / "desk.db") as store, open_tasks(tmp_path / "desk.db") as tasks:
        await store.record([unanswered("Where is it?", "t-1", customer="TOKEN_customer")])
        desk = gateway_desk(
            Settings(data_dir=tmp_path), bus=bus, vault=vault, audit=vault.audit, store=store, tasks=tasks
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(build_app(desk)),
            base_url="http://desk.test",
            auth=("agent", PASSWORD),
        ) as http:
            yield Console(http, tasks, bus)


def soon(seconds: float = HOUR) -> str:
    return wall(time.time() + seconds, HOME)


async def test_lists_lead_through_all(console: Console) -> None:
    """By due time, with a cursor; counts of what is overdue and mine."""
    now = time.time()
    for number in range(3):
        await console.add(f"k{number}", due_at=now + number * HOUR)
    await console.add("late", due_at=now - DAY, assignee=member_id("agent"))
    seen: list[str] = []
    params = {"limit": "2"}
    for _ in range(2):
        page = (await console.http.get("/console/tasks", params=params)).json()
        seen += [each["id"] for each in page["tasks"]]
        params = {"limit": "2", "cursor": page["next"] or ""}
    assert (seen, page["next"]) == (["late", "k0", "k1", "k2"], None)
    assert page["counts"] == {"open": 4, "overdue": 2, "mine": 1}
    for view in ("overdue", "mine"):
        found = (await console.http.get("/console/tasks", params={"view": view})).json()["tasks"]
        assert found[0]["id"] == "late"


async def test_made_with_everything(console: Console) -> None:
    """Times are of the zone's clock; names in the words are tokens; the same key makes it once."""
    due = f"{datetime.now(PARIS) + timedelta(days=40):%Y-%m-%d}T09:00"
    form = {
        "title": "Call Ana Lund back at ana@lund.example", "kind": "call_back", "due": due,
        "zone": "Europe/Paris", "repeat": "month", "count": "4", "remind_900": "on", "remind_minutes": "5",
        "conversation_id": "c-t-1", "assignee": "queue:returns", "key": "abc123",
    }  # fmt: skip
    for _ in range(2):
        made = (await console.post(**form)).json()
    assert wall(made["due_at"], PARIS) == due
    assert made["recurrence"] == {
        "every": "month", "starts": due, "interval": 1, "until": 0.0, "count": 4,
    }  # fmt: skip
    assert (made["reminders"], made["assignee"]) == ([300, 900], "queue:returns")
    assert (made["customer"], made["created_by"]) == ("TOKEN_customer", f"staff:{member_id('agent')}")
    assert "lund" not in made["title"]
    assert [each.id for each in await console.tasks.page()] == ["abc123"]
    assert console.told() == [("abc123", "open")]


WRONG = (
    ("title", ""), ("title", "x" * 301), ("due", "tomorrow"), ("due", "2020-01-01T09:00"),
    ("due", "2099-01-01T09:00"), ("due", "2027-02-30T09:00"), ("zone", "Mars/Olympus"), ("kind", "party"),
    ("assignee", "nobody"), ("assignee", "bot"), ("repeat", "hour"), ("interval", "0"), ("count", "²"),
    ("until", "2027-13-01"), ("until", "2020-01-01"), ("remind_minutes", "-5"),
    ("remind_minutes", "1,2,3,4,5,6,7,8,9"), ("conversation_id", "c-nobody"), ("key", "../x"),
)  # fmt: skip


async def test_what_cannot_be_taken_is_named(console: Console) -> None:
    """The field and the remedy; nothing is kept."""
    for field, value in WRONG:
        form = {"title": "Call", "due": soon(), "repeat": "day", "until": "", field: value}
        answer = await console.post(**form)
        assert answer.status_code == 422, (field, value)
        assert answer.json()["detail"].startswith(f"{field}: ")
    broken = f"title=x&due={soon()}&note=%ED%A0%80"  # half a character
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await console.http.post("/console/tasks", content=broken, headers=headers)).status_code == 422
    assert await console.tasks.page() == []


async def test_done_put_off_given_away_cancelled(console: Console) -> None:
    """Each with the version that was shown; everybody is told."""
    kept = await console.add()
    put_off = (await console.post("/k1", do="snooze", version="1", **{"for": "3 hours"})).json()
    assert put_off["due_at"] == pytest.approx(time.time() + 3 * HOUR, abs=60)
    given = (await console.post("/k1", do="reassign", version="2", assignee=member_id("lead"))).json()
    assert given["assignee"] == member_id("lead")
    done = (
        await console.post("/k1", do="done", version="3", note="Reached Ana Lund, ana@lund.example")
    ).json()
    assert (done["status"], done["done_at"] > kept.created_at) == ("done", True)
    assert "@" not in done["note"]
    (await console.post("/k1", do="note", version="4", note="It rang twice")).raise_for_status()
    reopened = (await console.post("/k1", do="open", version="5")).json()
    assert (reopened["status"], reopened["version"], reopened["note"]) == ("open", 6, "It rang twice")
    assert (await console.post("/k1", do="cancel", version="6")).json()["status"] == "cancelled"
    assert [status for _, status in console.told()] == ["open", "open", "done", "done", "open", "cancelled"]


async def test_a_day_is_one_on_the_wall_clock(console: Console) -> None:
    """Put off for a week, the hour is the same, whatever the clocks did."""
    await console.add(zone=house().calendar.zone)
    before = soon(0)
    put_off = (await console.post("/k1", do="snooze", version="1", **{"for": "1 week"})).json()
    # The minute may have passed meanwhile.
    assert wall(put_off["due_at"], HOME)[11:] in {before[11:], soon(0)[11:]}


async def test_the_next_one_is_told_too(console: Console) -> None:
    """Done, a task that comes again makes the next."""
    await console.post(title="Report", due=soon(), repeat="day", key="r1")
    await console.post("/r1", do="done", version="1")
    assert console.told() == [("r1", "open"), ("r1", "done"), ("r1-1", "open")]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "done", "version": "7"}, 409), ({"do": "done"}, 409),
        ({"do": "explode", "version": "1"}, 422),
        ({"do": "snooze", "version": "1", "for": "ever"}, 422), ({"do": "snooze", "version": "1"}, 422),
        ({"do": "reassign", "version": "1", "assignee": "operator"}, 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_changed(console: Console, form: dict[str, str], status: int) -> None:
    """Somebody was faster, no such deed, nobody who may: the task stays."""
    kept = await console.add()
    assert (await console.post("/k1", **form)).status_code == status
    assert await console.tasks.get("k1") == kept
    assert (await console.post("/nobody", **form)).status_code == 404


async def test_what_is_over_is_opened_first(console: Console) -> None:
    """A cancelled task is not done by who still sees it open; a missed one may have been done after all."""
    kept = await console.add()
    (cancelled,) = await console.tasks.change(structs.replace(kept, status="cancelled"), at=time.time())
    over = await console.post("/k1", do="done", version=str(cancelled.version))
    assert (over.status_code, "cancelled" in over.json()["detail"]) == (409, True)


async def test_the_page(console: Console) -> None:
    """Works without JavaScript: forms with version and key, hidden values, no way to data of customers."""
    await console.add("late", due_at=time.time() - 2 * DAY, title="Call <b>TOKEN_" + "0" * 8 + "-0000" * 3)
    await console.add("k2", title=f"Call TOKEN_{'0' * 8}-0000-0000-0000-{'0' * 12}", kind="call_back")
    await console.add("k3", title=f"TOKEN_{'0' * 8}-0000-0000-0000-{'0' * 12}", kind="call_back")
    shown = await console.http.get("/console/tasks", headers=PAGE)
    assert "2 days late" in shown.text
    assert "Call back: [hidden]" in shown.text, "a number alone does not say what is to be done"
    assert "Call [hidden]" in shown.text
    assert "&lt;b&gt;" in shown.text
    assert 'name="version" value="1"' in shown.text
    assert re.search(r'name="key" value="[0-9a-f]{32}"', shown.text)
    assert "/console/customers" not in shown.text
    assert shown.text.count("<script") == 3, "those that tell times in the reader's zone, the bar, and alarms"
    made = await console.post(headers=PAGE, title="Call", due=soon(), key="k9")
    assert (made.status_code, made.headers["location"]) == (303, "/console/tasks")


async def test_the_page_leads_to_the_conversation_and_back_to_the_queue(console: Console) -> None:
    """Whoever is to call a customer reads first what they wanted."""
    await console.add("k1", conversation_id="c-t-1")
    shown = await console.http.get("/console/tasks", headers=PAGE)
    assert 'href="/console/conversations/c-t-1"' in shown.text
    assert 'href="/console"' in shown.text


async def test_nothing_typed_is_lost(console: Console) -> None:
    """What could not be taken stands in the form again, with what was wrong."""
    await console.add()
    wrong = await console.post(
        headers=PAGE, title="Call <Ana>", due="2020-01-01T09:00", remind_900="on", key="k5"
    )
    assert wrong.status_code == 422
    for kept in ('value="Call &lt;Ana&gt;"', 'value="2020-01-01T09:00"', 'value="k5"', 'remind_900" checked'):
        assert kept in wrong.text
    assert "is over" in wrong.text
    slow = await console.post("/k1", headers=PAGE, do="done", version="9", note="Half an hour of typing")
    assert (slow.status_code, 'value="Half an hour of typing"' in slow.text) == (409, True)
    assert "Somebody changed this task meanwhile" in slow.text
