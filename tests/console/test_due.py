"""Consoles hear when a follow-up is due: whose it is, everybody of a queue's, and who comes later."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.following import Following
from launch.scheduling import Scheduling, kept_on_time
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import BOT, CaseRaised, TaskTold
from tests.bus.sample import until
from tests.console.desk import HTMX, PAGE, ConsoleDesk, open_desk
from tests.console.test_live import AGENT, LEAD, following, hearing, opened
from tests.tasks import task


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    """A console with room for follow-ups."""
    async with open_desk(tmp_path) as made, open_tasks(tmp_path / "desk.db") as tasks:
        object.__setattr__(made.desk, "tasks", tasks)
        yield made


def told(task_id: str, assignee: str) -> TaskTold:
    return TaskTold(conversation_id=f"task-{task_id}", task_id=task_id, assignee=assignee)


async def test_who_hears_of_it(console: ConsoleDesk) -> None:
    """Of a member's they alone, of a queue's everybody, of the bot's nobody."""
    async with hearing(console):
        agent, lead = opened(console, AGENT), opened(console, LEAD)
        for stream in (agent, lead):
            await following(stream, "hello")
        for n, assignee in enumerate((BOT, LEAD.id, AGENT.id, "queue:support")):
            await console.desk.bus.progress(told(f"k-{n}", assignee))
        assert [(await following(agent, "task"))["id"] for _ in range(2)] == ["k-2", "k-3"]
        assert [(await following(lead, "task"))["id"] for _ in range(2)] == ["k-1", "k-3"]
        await agent.aclose()
        await lead.aclose()


async def test_the_bus_tells_the_consoles(console: ConsoleDesk) -> None:
    """Both events, by the scheduler's own way: ahead of it, and when it is due."""
    tasks, bus, now = console.desk.tasks, console.desk.bus, time.time
    assert tasks is not None
    await tasks.add(task("k-1", assignee=AGENT.id, due_at=now() + 800, reminders=(900,), created_at=0.0))
    await tasks.add(task("k-2", assignee=AGENT.id, due_at=now() - 1, created_at=0.0))
    work, bots = Scheduling(tasks=tasks, bus=bus, now=now), Following(tasks, bus, None, now)  # type: ignore[arg-type]
    async with hearing(console):
        stream = opened(console, AGENT)
        await following(stream, "hello")
        async with kept_on_time(work, bots):
            heard = [await following(stream, "task") for _ in range(2)]
        assert sorted((str(each["id"]), each["before"]) for each in heard) == [("k-1", 900), ("k-2", 0)]
        await stream.aclose()
    await until(lambda: console.desk.consoles.count == 0)


async def test_who_comes_later_sees_how_many(console: ConsoleDesk) -> None:
    """Theirs and those of queues that are due, in the bar of the page, as a part of it, and as JSON."""
    tasks, past = console.desk.tasks, time.time() - 60
    assert tasks is not None
    assert 'class="due-count"></span>' in (await console.http().get("/console", headers=PAGE)).text
    for n, assignee in enumerate((AGENT.id, "queue:support", LEAD.id, BOT)):
        await tasks.add(task(f"k-{n}", assignee=assignee, due_at=past))
    await tasks.add(task("k-9", assignee=AGENT.id, due_at=past + 9000))
    for path in ("", "/tasks", "/promises", "/search"):
        page = (await console.http().get(f"/console{path}", headers=PAGE)).text
        assert 'class="due-count">2 <span class="unseen">due</span>' in page, path
    assert (await console.http().get("/console/due", headers=HTMX)).text.startswith("2 <span")
    assert json.loads((await console.http("lead").get("/console/due")).text) == {"due": 2}


async def test_what_cannot_wait_stands_on_every_page_until_somebody_has_it(console: ConsoleDesk) -> None:
    """A new urgent case and a raised one, in words and as links; not what is claimed, nor what can wait."""
    empty = (await console.http("lead").get("/console/search", headers=PAGE)).text
    assert 'class="alarms" role="status"></div>' in empty
    await console.waits("h-n", "c-n", priority="normal")
    await console.waits("h-r", "c-r", priority="normal")
    await console.waits("h-u", "c-u", priority="urgent")
    told = CaseRaised(
        at=time.time(), reason="safety", queue="safety", priority="urgent", due_at=9e9, turn_id="t-7"
    )
    await console.cases.append("h-r", told)
    for path in ("", "/cases/h-n", "/search", "/tasks", "/promises", "/bulk", "/gaps", "/cases/h-n/do"):
        page = (await console.http("lead").get(f"/console{path}", headers=PAGE)).text
        assert '<a href="/console/cases/h-r">A customer tells of an injury or a danger</a>' in page, path
        assert '<a href="/console/cases/h-u">An urgent customer waits</a>' in page, path
        assert '<a href="/console/cases/h-n">A' not in page, path
    for name in ("h-r", "h-u"):
        await console.act("claim", name)
    part = (await console.http().get("/console/due/alarms", headers=PAGE)).text
    assert part.strip().endswith('role="status"></div>')
