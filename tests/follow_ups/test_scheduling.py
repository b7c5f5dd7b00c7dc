"""What is told of tasks when their time comes, in what order, and after which accidents."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from gateway.following import Following
from launch import scheduling
from launch.scheduling import Scheduling, kept_on_time
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import TASK_CHANGED, TASK_DUE, TASK_REMINDED, TaskChanged, TaskDue, TaskReminded
from shared.errors import StoreDown
from shared.ports import CommerceApi, Tasks
from tests.bus.sample import until
from tests.clock import Clock
from tests.tasks import DAY, HOUR, NINE, NOW, daily, task


@pytest.fixture
async def tasks(tmp_path: Path) -> AsyncIterator[Tasks]:
    async with open_tasks(tmp_path / "desk.db") as opened:
        yield opened


def told(bus: MemoryBus, subject: str) -> list[Any]:
    """The events of this subject, as the bus keeps them."""
    return list(bus._events[subject].values())


def job(tasks: Tasks, bus: MemoryBus, at: float) -> Scheduling:
    return Scheduling(tasks=tasks, bus=bus, now=Clock(at).now, batch=3)


def nobody(tasks: Tasks, bus: MemoryBus) -> Following:
    """A bot without follow-ups of its own here."""
    return Following(tasks, bus, cast("CommerceApi", None), Clock(NOW).now)


async def test_each_in_its_time(tasks: Tasks) -> None:
    """Reminders ahead of it, then that it is due; not a second before, and not twice."""
    bus, clock = MemoryBus(), Clock(NOW)
    await tasks.add(task(reminders=(900,), conversation_id="c-1", assignee="m-1"))
    work = Scheduling(tasks=tasks, bus=bus, now=clock.now)
    for at, count in ((HOUR - 901, 0), (HOUR - 900, 1), (HOUR - 1, 0), (HOUR, 1), (9 * DAY, 0)):
        clock.at = NOW + at
        assert await work.run() == count
    (reminded,) = told(bus, TASK_REMINDED.subject)
    (due,) = told(bus, TASK_DUE.subject)
    assert isinstance(reminded, TaskReminded)
    assert isinstance(due, TaskDue)
    assert (reminded.before, reminded.late, reminded.due_at) == (900, 0.0, NOW + HOUR)
    assert (due.task_id, due.conversation_id, due.assignee, due.late) == ("k-1", "c-1", "m-1", 0.0)


async def test_late_rather_than_never(tasks: Tasks) -> None:
    """Every occurrence of three days in which nothing ran, each saying how late it is."""
    bus = MemoryBus()
    await tasks.add(task(due_at=NINE, recurrence=daily()))
    assert await job(tasks, bus, NINE + 2 * DAY + HOUR).run() == 3
    assert [(each.task_id, each.late) for each in told(bus, TASK_DUE.subject)] == [
        ("k-1", 2 * DAY + HOUR), ("k-1-1", DAY + HOUR), ("k-1-2", HOUR),
    ]  # fmt: skip
    changes = [(each.task_id, each.status) for each in told(bus, TASK_CHANGED.subject)]
    assert changes == [
        ("k-1-1", "open"), ("k-1", "missed"), ("k-1-2", "open"), ("k-1-1", "missed"), ("k-1-3", "open"),
    ]  # fmt: skip


async def test_what_was_told_is_known_for_longer_than_the_bus_keeps_it(tasks: Tasks) -> None:
    """Eight days later the event is gone from the bus, and its key free again."""
    await tasks.add(task(reminders=(900,)))
    assert await job(tasks, MemoryBus(), NOW + HOUR).run() == 2
    empty = MemoryBus()
    assert await job(tasks, empty, NOW + 8 * DAY).run() == 0
    assert told(empty, TASK_DUE.subject) == []


class Killed(BaseException):
    """The process is gone: nothing of ours handles that."""


class Mortal:
    """A port that dies at its n-th call, before or after the call had its effect."""

    def __init__(self, port: Any, calls: list[int], *, after: bool) -> None:
        self._port, self._calls, self._after = port, calls, after

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def called(*given: Any, **named: Any) -> Any:
            self._calls[0] -= 1
            if self._calls[0] == 0 and not self._after:
                raise Killed
            done = await getattr(self._port, name)(*given, **named)
            if self._calls[0] == 0:
                raise Killed
            return done

        return called


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_anywhere(tasks: Tasks, after: bool) -> None:
    """At every call of a run, before and after its effect: the next scheduler misses and repeats nothing."""
    deaths = 0
    for number in range(1, 100):
        bus, calls, name = MemoryBus(), [number], f"k-{number}"
        await tasks.add(task(name, due_at=NINE, recurrence=daily(count=2), reminders=(900,)))
        first = job(tasks, bus, NINE + 5 * DAY)
        first.tasks, first.bus = Mortal(tasks, calls, after=after), Mortal(bus, calls, after=after)
        try:
            await first.run()
        except Killed:
            deaths += 1
        await job(tasks, bus, NINE + 6 * DAY).run()
        assert [each.task_id for each in told(bus, TASK_DUE.subject)] == [name, f"{name}-1"]
        assert len(told(bus, TASK_REMINDED.subject)) == 2
        assert await tasks.next_alarm() is None
        if calls[0] > 0:
            break
    assert deaths == number - 1
    assert deaths > 10


async def test_two_at_once(tmp_path: Path, tasks: Tasks) -> None:
    """Each its own connection: together they tell of everything once."""
    bus = MemoryBus()
    for number in range(20):
        await tasks.add(task(f"k-{number}", due_at=NINE, recurrence=daily(count=2)))
    async with open_tasks(tmp_path / "desk.db") as other:
        at = NINE + 3 * DAY
        await asyncio.gather(job(tasks, bus, at).run(), job(other, bus, at).run())
    assert len(told(bus, TASK_DUE.subject)) == 40
    assert await tasks.next_alarm() is None


async def test_it_sleeps_until_something_is_due_or_changes(tasks: Tasks) -> None:
    """It looks when it starts and when a task was changed, and does not look in between."""
    looked = 0

    class Counted(Scheduling):
        async def run(self) -> int:
            nonlocal looked
            looked += 1
            return await super().run()

    bus = MemoryBus()
    work = Counted(tasks=tasks, bus=bus, now=Clock(NOW).now)
    async with kept_on_time(work, nobody(tasks, bus)):
        await until(lambda: looked == 1)
        added = await tasks.add(task(due_at=NOW))
        assert told(bus, TASK_DUE.subject) == []
        await bus.publish(TASK_CHANGED, TaskChanged.of(added, at=NOW), key="k-1-1")
        await until(lambda: bool(told(bus, TASK_DUE.subject)))
    assert looked == 2


async def test_it_outlives_trouble(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is down, and a fault of ours: a moment later it looks again."""
    monkeypatch.setattr(scheduling, "_AFTER_TROUBLE", 0.01)
    troubles: list[Exception] = [StoreDown("disk full"), RuntimeError("a bug")]

    class Troubled(Scheduling):
        async def run(self) -> int:
            if troubles:
                raise troubles.pop()
            return await super().run()

    bus = MemoryBus()
    await tasks.add(task(due_at=NOW))
    async with kept_on_time(Troubled(tasks=tasks, bus=bus, now=Clock(NOW).now), nobody(tasks, bus)):
        await until(lambda: bool(told(bus, TASK_DUE.subject)))
    assert troubles == []


async def test_put_off_while_it_is_told(tasks: Tasks) -> None:
    """Somebody is faster than the scheduler: it is told again at its new time, under another key."""
    kept = await tasks.add(task())

    class Busy(MemoryBus):
        async def publish(self, event: Any, body: Any, *, key: str) -> None:
            await super().publish(event, body, key=key)
            if event is TASK_DUE and body.alarm == 0:
                await tasks.change(structs.replace(kept, due_at=NOW + DAY), at=NOW + HOUR)

    bus = Busy()
    await job(tasks, bus, NOW + HOUR).run()
    assert await job(tasks, bus, NOW + DAY).run() == 1
    assert [each.due_at for each in told(bus, TASK_DUE.subject)] == [NOW + HOUR, NOW + DAY]
