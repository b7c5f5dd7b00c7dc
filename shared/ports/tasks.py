"""Follow-ups that are kept until they are done, and the moments at which something is told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.contracts.tasks import Task


@dataclass(frozen=True)
class TaskPlace:
    """Where a page of tasks ended: what its last one is ordered by."""

    due_at: float
    id: str


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks: all that are given must fit. `due_before` is strict, in seconds since 1970."""

    status: Literal["open", "done", "cancelled", "missed"] | None = "open"
    assignees: tuple[str, ...] = ()
    due_before: float | None = None
    conversation_id: str = ""
    order_number: str = ""
    item: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Alarm:
    """A moment at which something is told of a task: a reminder `before` seconds ahead, or its time (0)."""

    task: Task
    before: int
    at: float

    @property
    def key(self) -> str:
        """Names this moment once and for all: a task that was put off has another (`Task.alarm`)."""
        return f"{self.task.id}-{self.task.alarm}-{self.before}"


class Tasks(Protocol):
    """Shared by all processes. Raises `StoreDown`."""

    async def add(self, task: Task) -> Task:
        """Keep it, or return the one with this id that is there, as it is now.

        Nothing is kept for a conversation that was erased after `created_at`. Raises `BadMessage`, here as in
        `change`, for what is no task: it names the field.
        """
        ...

    async def get(self, task_id: str) -> Task | None:
        """By id."""
        ...

    async def change(self, task: Task, *, at: float) -> Sequence[Task]:
        """Replace what was read as this `version`; the tasks that changed by it, this one first.

        Nothing when it is gone or somebody was faster: read it again. A new `due_at`, or being open again,
        sets its alarms anew; reminders for moments before `at` are not set. Done, an occurrence makes the
        next, once; cancelled, it ends its series. `alarm`, `fired_at`, `series` and `occurrence` are the
        store's own.
        """
        ...

    async def page(
        self, which: TaskFilter | None = None, *, after: TaskPlace | None = None, limit: int = 50
    ) -> Sequence[Task]:
        """Those that fit, the earliest due first, behind `after`."""
        ...

    async def count(self, which: TaskFilter) -> int:
        """How many fit."""
        ...

    async def next_alarm(self) -> float | None:
        """When the next thing is to be told, in seconds since 1970; None when nothing is."""
        ...

    async def alarms(self, now: float, *, limit: int) -> Sequence[Alarm]:
        """What is to be told by now and was not, the longest overdue first."""
        ...

    async def told(self, alarm: Alarm, *, at: float) -> Sequence[Task]:
        """Note that it was told, once; the tasks that changed by it.

        A task's time passing makes the next occurrence, and an occurrence before it that is still open is
        missed then.
        """
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when it cannot be used."""
        ...
