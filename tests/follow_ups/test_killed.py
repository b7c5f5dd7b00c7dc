"""Two schedulers on one store and one nats-server are killed again and again: nothing twice, nothing lost."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import TASK_DUE, TASK_REMINDED, Recurrence, TaskDue, TaskReminded
from shared.ports import Tasks
from shared.recurrence import wall
from tests.bus.sample import until
from tests.tasks import DAY, task

TASKS = 30
EACH = 2
KILLS = 2


@contextmanager
def scheduler(url: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.follow_ups.actor", url, str(path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


async def ready(child: subprocess.Popen[bytes]) -> None:
    assert child.stdout is not None
    assert await asyncio.to_thread(child.stdout.readline) == b"ready\n"


async def fill(tasks: Tasks) -> None:
    """Tasks that were due while nothing ran: ten days ago, and on the days after."""
    began = time.time() // 60 * 60 - 10 * DAY
    rule = Recurrence(every="day", starts=wall(began, ZoneInfo("UTC")), count=EACH)
    for number in range(TASKS):
        await tasks.add(
            task(f"k-{number}", due_at=began, created_at=began - DAY, recurrence=rule, reminders=(900,))
        )


async def test_killed_at_random(tmp_path: Path, nats_server: str) -> None:
    """Each occurrence and each reminder is heard once, whoever died in the middle of what."""
    chance, path = random.Random(5), tmp_path / "desk.db"
    due: Counter[str] = Counter()
    reminded: Counter[str] = Counter()

    async def hear(event: TaskDue) -> None:
        due[event.task_id] += 1

    async def hear_reminder(event: TaskReminded) -> None:
        reminded[f"{event.task_id} {event.before}"] += 1

    async with (
        embedded_server(tmp_path / "nats", nats_server) as url,
        open_bus(url, name="listener") as bus,
        open_tasks(path) as tasks,
        bus.listen(TASK_DUE, hear, name="listener"),
        bus.listen(TASK_REMINDED, hear_reminder, name="listener"),
    ):
        await fill(tasks)
        left = TASKS * EACH
        for kill in range(KILLS):
            with scheduler(url, path) as one, scheduler(url, path) as two:
                await asyncio.gather(ready(one), ready(two))
                # One of them dies somewhere in its share of the work; the other goes on, and dies next.
                goal = left * (kill + 1) // (KILLS + 1)
                await until(lambda goal=goal: due.total() >= goal, 60.0)  # type: ignore[misc]
                await asyncio.sleep(chance.random() / 100)
                chance.choice((one, two)).kill()
                await asyncio.sleep(chance.random() / 100)
        with scheduler(url, path) as last:
            await ready(last)
            await until(lambda: len(due) == left, 60.0)

            async def nothing_left() -> bool:
                return await tasks.next_alarm() is None

            await until(nothing_left, 60.0)
    ids = {f"k-{n}-{again}".removesuffix("-0") for n in range(TASKS) for again in range(EACH)}
    assert due == dict.fromkeys(ids, 1)
    assert reminded == {f"{each} 900": 1 for each in ids}
