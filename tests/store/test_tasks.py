"""Tasks: kept once, changed by one at a time, told of once, coming again once."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from shared.adapters.sqlite.store import open_store
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import BOT, Recurrence
from shared.errors import BadMessage, StoreDown
from shared.ports import Alarm, TaskFilter, TaskPlace, Tasks
from tests.tasks import DAY, HOUR, NINE, NOW, daily, task


@pytest.fixture
async def tasks(tmp_path: Path) -> AsyncIterator[Tasks]:
    async with open_tasks(tmp_path / "desk.db") as opened:
        yield opened


@pytest.fixture
async def other(tasks: Tasks, tmp_path: Path) -> AsyncIterator[Tasks]:
    """The same file, opened by another process."""
    async with open_tasks(tmp_path / "desk.db") as opened:
        yield opened


async def due(tasks: Tasks, at: float) -> list[Alarm]:
    return list(await tasks.alarms(at, limit=100))


async def open_ids(tasks: Tasks) -> list[str]:
    return [each.id for each in await tasks.page()]


async def test_the_same_task_is_kept_once(tasks: Tasks, other: Tasks) -> None:
    """Whoever adds it again gets what became of it meanwhile."""
    first = await tasks.add(task())
    await other.change(structs.replace(first, status="done"), at=NOW + 1)
    again = await tasks.add(task(title="Something else"))
    assert (again.status, again.title, again.done_at) == ("done", first.title, NOW + 1)
    assert await tasks.get("k-nobody") is None


async def test_one_change_at_a_time(tasks: Tasks, other: Tasks) -> None:
    """Of two who read the same version, the second is told to read again."""
    read = await tasks.add(task())
    (mine,) = await tasks.change(structs.replace(read, assignee="m-1"), at=NOW)
    assert (mine.assignee, mine.version) == ("m-1", 2)
    assert list(await other.change(structs.replace(read, assignee="m-2"), at=NOW)) == []
    kept = await other.get(read.id)
    assert kept == mine


async def test_pages_lose_and_repeat_nothing(tasks: Tasks) -> None:
    """By due time, then id; of those due at the same time too."""
    for number in range(7):
        await tasks.add(task(f"k-{number}", due_at=NOW + (number // 3) * HOUR))
    seen: list[str] = []
    after: TaskPlace | None = None
    while page := await tasks.page(after=after, limit=2):
        seen += [each.id for each in page]
        after = TaskPlace(due_at=page[-1].due_at, id=page[-1].id)
    assert seen == [f"k-{number}" for number in range(7)]


async def test_filters(tasks: Tasks) -> None:
    """All that are given must fit; without a status, every one does."""
    await tasks.add(task("k-1", assignee="m-1", conversation_id="c-1"))
    await tasks.add(task("k-2", assignee="bot", kind="tell_when_shipped", order_number="1001"))
    done = await tasks.add(task("k-3", assignee="m-1", due_at=NOW + 2 * HOUR))
    await tasks.change(structs.replace(done, status="done"), at=NOW)
    for which, found in (
        (TaskFilter(), ["k-1", "k-2"]),
        (TaskFilter(status=None), ["k-1", "k-2", "k-3"]),
        (TaskFilter(assignees=("m-1", "queue:returns")), ["k-1"]),
        (TaskFilter(order_number="1001", kind="tell_when_shipped"), ["k-2"]),
        (TaskFilter(conversation_id="c-1"), ["k-1"]),
        (TaskFilter(due_before=NOW + HOUR), []),
    ):
        assert [each.id for each in await tasks.page(which)] == found
        assert await tasks.count(which) == len(found)


async def test_alarms_are_told_once(tasks: Tasks, other: Tasks) -> None:
    """In order of time; what was told is told no more, by nobody, and the task knows when."""
    await tasks.add(task(reminders=(900, 1800, 7200)))  # two hours before was before it was made
    assert await tasks.next_alarm() == NOW + HOUR - 1800
    assert await due(tasks, NOW + 60) == []
    alarms = await due(tasks, NOW + DAY)
    assert [(each.before, each.at - NOW) for each in alarms] == [(1800, 1800), (900, 2700), (0, 3600)]
    for each in alarms:
        await tasks.told(each, at=NOW + DAY)
        assert list(await other.told(each, at=NOW + DAY)) == []
    assert (await due(other, NOW + 9 * DAY), await other.next_alarm()) == ([], None)
    kept = await other.get("k-1")
    assert kept is not None
    assert (kept.fired_at, kept.version, kept.is_open) == (NOW + DAY, 1, True)


async def test_a_task_that_is_put_off_is_told_again(tasks: Tasks) -> None:
    """Under another key, and what somebody tells of the old time meanwhile does not take the new one."""
    kept = await tasks.add(task(reminders=(900,)))
    old = await due(tasks, NOW + HOUR)
    await tasks.told(old[-1], at=NOW + HOUR)
    (later,) = await tasks.change(structs.replace(kept, due_at=NOW + DAY), at=NOW + HOUR)
    assert (later.alarm, later.fired_at) == (1, 0.0)
    assert list(await tasks.told(old[-1], at=NOW + HOUR)) == []
    new = await due(tasks, NOW + DAY)
    assert [each.at for each in new] == [NOW + DAY - 900, NOW + DAY]
    assert {each.key for each in new}.isdisjoint(each.key for each in old)


async def test_other_reminders(tasks: Tasks) -> None:
    """They replace the old ones; a time that came stays come."""
    kept = await tasks.add(task(reminders=(900,)))
    (kept,) = await tasks.change(structs.replace(kept, reminders=(600,)), at=NOW)
    assert [each.before for each in await due(tasks, NOW + HOUR)] == [600, 0]
    for each in await due(tasks, NOW + HOUR):
        await tasks.told(each, at=NOW + HOUR)
    await tasks.change(structs.replace(kept, reminders=(300,)), at=NOW + HOUR)
    assert await due(tasks, NOW + DAY) == []


@pytest.mark.parametrize("status", ["done", "cancelled"])
async def test_what_is_no_longer_open_is_not_told(tasks: Tasks, status: str) -> None:
    """Opened again, it is."""
    kept = await tasks.add(task())
    (ended,) = await tasks.change(structs.replace(kept, status=status), at=NOW)
    assert await due(tasks, NOW + DAY) == []
    (again,) = await tasks.change(structs.replace(ended, status="open"), at=NOW + 1)
    assert (again.done_at, [each.at for each in await due(tasks, NOW + DAY)]) == (0.0, [NOW + HOUR])


async def test_the_next_is_made_once_when_one_is_done(tasks: Tasks, other: Tasks) -> None:
    """Neither its time coming nor opening and doing it again makes a second one, even when that is gone."""
    kept = await tasks.add(task(due_at=NINE, recurrence=daily(), note="Called, no answer", reminders=(900,)))
    (alarm,) = await due(tasks, NINE - 900)
    done, following = await tasks.change(structs.replace(kept, status="done"), at=NOW)
    assert (following.id, following.due_at, following.note) == ("k-1-1", NINE + DAY, "")
    assert (following.series, following.occurrence, following.reminders) == ("k-1", 1, (900,))
    await other.change(structs.replace(following, status="cancelled"), at=NOW)
    (again,) = await tasks.change(structs.replace(done, status="open"), at=NOW)
    assert list(await tasks.told(alarm, at=NINE)) == []
    assert [each.id for each in await tasks.change(structs.replace(again, status="done"), at=NOW)] == ["k-1"]
    assert await open_ids(tasks) == []


async def test_the_next_is_made_once_when_its_time_passes(tasks: Tasks, other: Tasks) -> None:
    """Its reminder a day ahead comes too; the one that nobody did is missed when the next is due."""
    await tasks.add(task(due_at=NINE, recurrence=daily(count=3), reminders=(86_400,)))
    told = []
    while await tasks.next_alarm():
        at = await tasks.next_alarm() or 0.0
        for each in await due(tasks, at):
            told.append((each.task.id, each.before, each.at - NINE))
            await tasks.told(each, at=at)
            await other.told(each, at=at)
    assert sorted(told, key=lambda each: (each[2], each[0])) == [
        ("k-1", 86_400, -DAY), ("k-1", 0, 0), ("k-1-1", 86_400, 0),
        ("k-1-1", 0, DAY), ("k-1-2", 86_400, DAY), ("k-1-2", 0, 2 * DAY),
    ]  # fmt: skip
    statuses = [(each.id, each.status) for each in await tasks.page(TaskFilter(status=None))]
    assert statuses == [("k-1", "missed"), ("k-1-1", "missed"), ("k-1-2", "open")]


async def test_a_reminder_a_day_ahead_of_a_short_day(tasks: Tasks) -> None:
    """On 14 March 2027 New York's day has 23 hours: a day before nine is eight, when the last was not due."""
    ahead = datetime(2027, 3, 13, 9, tzinfo=ZoneInfo("America/New_York")).timestamp()
    rule = Recurrence(every="day", starts="2027-03-13T09:00")
    await tasks.add(
        task(due_at=ahead, recurrence=rule, reminders=(86_400,), zone="America/New_York", created_at=ahead)
    )
    await tasks.told((await due(tasks, ahead))[0], at=ahead)
    assert [(each.before, each.at - ahead) for each in await due(tasks, ahead + DAY)] == [
        (86_400, -HOUR), (0, 23 * HOUR),
    ]  # fmt: skip


async def test_what_was_put_off_beyond_the_next_is_not_missed(tasks: Tasks) -> None:
    """Somebody said when they would do it."""
    kept = await tasks.add(task(due_at=NINE, recurrence=daily()))
    await tasks.told((await due(tasks, NINE))[0], at=NINE)
    await tasks.change(structs.replace(kept, due_at=NINE + 3 * DAY), at=NINE)
    (alarm,) = await due(tasks, NINE + DAY)
    await tasks.told(alarm, at=NINE + DAY)
    assert await open_ids(tasks) == ["k-1-1", "k-1-2", "k-1"]


async def test_cancelled_it_ends_its_series(tasks: Tasks) -> None:
    """No next one."""
    kept = await tasks.add(task(due_at=NINE, recurrence=daily()))
    await tasks.change(structs.replace(kept, status="cancelled"), at=NOW)
    assert (await open_ids(tasks), await tasks.next_alarm()) == ([], None)


async def test_erased_with_its_conversation(tasks: Tasks, tmp_path: Path) -> None:
    """Alarms too; it is in what is held before, and what comes behind the erasure's back is not kept."""
    async with open_store(tmp_path / "desk.db") as store:
        mine = task(conversation_id="c-1", created_at=time.time() - 60)
        await tasks.add(mine)
        await tasks.add(task("k-2", conversation_id="c-2"))
        (held,) = await store.held(["c-1"])
        assert [each.id for each in held.tasks] == ["k-1"]
        assert (await store.erase(["c-1"]))["tasks"] == 1
        await tasks.add(mine)
    assert await open_ids(tasks) == ["k-2"]
    assert [each.task.id for each in await due(tasks, NOW + DAY)] == ["k-2"]


async def test_many_at_once_are_told_in_turn(tasks: Tasks, other: Tasks) -> None:
    """Two processes write: nothing is lost and nothing is locked for good."""
    made = [task(f"k-{number}", due_at=NOW + number) for number in range(40)]
    await asyncio.gather(*((tasks, other)[n % 2].add(each) for n, each in enumerate(made)))
    assert [each.at - NOW for each in await tasks.alarms(NOW + DAY, limit=25)] == list(range(25))


async def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """With what to look at."""
    (tmp_path / "desk.db").write_bytes(b"no database " * 1000)
    with pytest.raises(StoreDown, match=r"desk\.db: cannot open the tasks.*it is damaged: restore a copy"):
        async with open_tasks(tmp_path / "desk.db"):
            pass


@pytest.mark.parametrize("starts", ["2026-02-30T09:00", "2026-01-01T24:00", "0000-01-01T09:00"])
async def test_a_day_that_is_none_begins_no_series(tasks: Tasks, starts: str) -> None:
    """It has the form of one: kept, its next occurrence would break the scheduler for everybody's tasks."""
    with pytest.raises(BadMessage, match=r"recurrence\.starts"):
        await tasks.add(task(recurrence=Recurrence(every="day", starts=starts)))


async def test_who_waits_for_an_item_is_found_by_it(tasks: Tasks) -> None:
    """An item's number is no order's."""
    await tasks.add(task("k-1", kind="tell_when_in_stock", item="1005", assignee=BOT))
    await tasks.add(task("k-2", kind="tell_when_shipped", order_number="1005", assignee=BOT))
    found = [await tasks.page(which) for which in (TaskFilter(item="1005"), TaskFilter(order_number="1005"))]
    assert [[each.id for each in page] for page in found] == [["k-1"], ["k-2"]]
