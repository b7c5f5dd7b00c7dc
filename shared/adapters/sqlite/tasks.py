"""Follow-ups in the conversation store's file, so that a conversation is erased with its tasks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from shared.adapters.sqlite import rights
from shared.adapters.sqlite.room import Room
from shared.adapters.sqlite.task_rows import SCHEMA, checked, keep, next_of, read, reset, where
from shared.contracts import Task
from shared.ports import Alarm, TaskFilter, TaskPlace

_TASK = msgspec.msgpack.Decoder(Task)


@asynccontextmanager
async def open_tasks(path: Path) -> AsyncIterator["SqliteTasks"]:
    """The tasks in the file at `path`, made when absent; several processes may open it."""
    tasks = await asyncio.to_thread(SqliteTasks, path)
    try:
        yield tasks
    finally:
        tasks.close()


class SqliteTasks(Room):
    """The `Tasks` port. A power cut must not take back that something was told, so each write is synced."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "tasks", schema=rights.SCHEMA + SCHEMA, synced="FULL")

    async def add(self, task: Task) -> Task:
        """See `Tasks.add`."""

        def work() -> Task:
            there = read(self._db, task.id)
            if there is not None or task.created_at < rights.erased_at(self._db, task.conversation_id):
                return there or task
            kept = structs.replace(checked(task), series=task.series or task.id)
            keep(self._db, kept)
            reset(self._db, kept, after=kept.created_at)
            return kept

        return self._write(work)

    async def get(self, task_id: str) -> Task | None:
        """See `Tasks.get`."""
        return self._try(lambda: read(self._db, task_id))

    async def change(self, task: Task, *, at: float) -> Sequence[Task]:
        """See `Tasks.change`."""
        return self._write(lambda: self._change(checked(task), at))

    def _change(self, task: Task, at: float) -> list[Task]:
        old = read(self._db, task.id)
        if old is None or old.version != task.version:
            return []
        again = task.is_open and (task.due_at != old.due_at or not old.is_open)
        new = structs.replace(
            task,
            version=old.version + 1,
            series=old.series,
            occurrence=old.occurrence,
            alarm=old.alarm + again,
            fired_at=0.0 if again else old.fired_at,
            done_at=0.0 if task.is_open else old.done_at or at,
        )
        keep(self._db, new)
        if again or not new.is_open or new.reminders != old.reminders:
            reset(self._db, new, after=at, due=again or (new.is_open and not new.fired_at))
        following = next_of(self._db, new, at=at) if new.status == "done" else None
        return [new, following] if following else [new]

    async def page(
        self, which: TaskFilter | None = None, *, after: TaskPlace | None = None, limit: int = 50
    ) -> Sequence[Task]:
        """See `Tasks.page`."""
        condition, values = where(which or TaskFilter())
        place = (after.due_at, after.id) if after else (float("-inf"), "")
        statement = (
            f"SELECT record FROM tasks WHERE {condition} AND (due_at, id) > (?, ?)"  # noqa: S608  ours
            " ORDER BY due_at, id LIMIT ?"
        )
        return self._try(
            lambda: [
                _TASK.decode(record) for (record,) in self._db.execute(statement, (*values, *place, limit))
            ]
        )

    async def count(self, which: TaskFilter) -> int:
        """See `Tasks.count`."""
        condition, values = where(which)
        statement = f"SELECT COUNT(*) FROM tasks WHERE {condition}"  # noqa: S608  ours
        return self._try(lambda: int(self._db.execute(statement, values).fetchone()[0]))

    async def next_alarm(self) -> float | None:
        """See `Tasks.next_alarm`."""
        row = self._try(lambda: self._db.execute("SELECT MIN(at) FROM task_alarms").fetchone())
        return None if row[0] is None else float(row[0])

    async def alarms(self, now: float, *, limit: int) -> Sequence[Alarm]:
        """See `Tasks.alarms`."""
        statement = (
            "SELECT t.record, a.before, a.at FROM task_alarms AS a JOIN tasks AS t ON t.id = a.task_id"
            " WHERE a.at <= ? ORDER BY a.at, a.task_id, a.before DESC LIMIT ?"
        )
        rows: list[tuple[Any, ...]] = self._try(lambda: self._db.execute(statement, (now, limit)).fetchall())
        return [Alarm(task=_TASK.decode(record), before=before, at=at) for record, before, at in rows]

    async def told(self, alarm: Alarm, *, at: float) -> Sequence[Task]:
        """See `Tasks.told`."""
        return self._write(lambda: self._told(alarm, at))

    def _told(self, alarm: Alarm, at: float) -> list[Task]:
        task = read(self._db, alarm.task.id)
        if task is None or task.alarm != alarm.task.alarm:
            return []  # erased, or put off meanwhile
        gone = self._db.execute(
            "DELETE FROM task_alarms WHERE task_id = ? AND before = ?", (task.id, alarm.before)
        ).rowcount
        if alarm.before or not gone:
            return []
        # The version stays: its time coming must not void the form somebody has open.
        fired = structs.replace(task, fired_at=at)
        keep(self._db, fired)
        changed = [*self._missed(fired, at), next_of(self._db, fired, at=at)]
        return [each for each in changed if each]

    def _missed(self, task: Task, at: float) -> list[Task]:
        """Occurrences before this one that nobody did, unless they were put off beyond it."""
        statement = (
            "SELECT record FROM tasks WHERE series = ? AND occurrence < ? AND status = 'open' AND due_at <= ?"
        )
        rows = self._db.execute(statement, (task.series, task.occurrence, task.due_at)).fetchall()
        missed = []
        for (record,) in rows:
            old = _TASK.decode(record)
            new = structs.replace(old, status="missed", done_at=at, version=old.version + 1)
            keep(self._db, new)
            reset(self._db, new, after=at)
            missed.append(new)
        return missed

    async def ping(self) -> None:
        """See `Tasks.ping`."""
        self._try(lambda: self._db.execute("SELECT 1 FROM tasks LIMIT 1").fetchall())
