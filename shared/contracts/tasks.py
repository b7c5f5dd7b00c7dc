"""Follow-ups: what somebody of staff or the bot has to do later, and what is told when its time comes.

Times are seconds since 1970. `title` and `note` are tokenized like all text; the events carry neither.
"""

from typing import Annotated, Literal

from msgspec import Meta

from shared.contracts.actions import Refund
from shared.contracts.words import Value

TaskKind = Literal[
    "follow_up", "call_back", "promise", "reminder",
    "tell_when_shipped", "tell_when_delivered", "tell_when_in_stock", "remind_customer",
    "pay_when_back", "privacy_export", "privacy_erase", "privacy_shop",
]  # fmt: skip
TaskStatus = Literal["open", "done", "cancelled", "missed"]
Every = Literal["day", "week", "month", "year"]

TaskId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,80}\Z")]
Reminder = Annotated[int, Meta(ge=60, le=90 * 86_400)]
"""Seconds before a task is due, from a minute to ninety days."""

REMINDERS: tuple[int, ...] = (15 * 60, 30 * 60, 3600, 86_400)
"""What the console offers besides a custom one: 15 and 30 minutes, an hour, a day before."""
MOST_REMINDERS = 8
BOT = "bot"
"""The assignee of what the bot does by itself."""
QUEUE = "queue:"
"""Begins an assignee that is nobody in particular: whoever of this queue is free (`queue:support`)."""
ADMINS = f"{QUEUE}admins"
"""Whoever may look after a person's rights."""
FOLLOWED: tuple[TaskKind, ...] = (
    "tell_when_shipped", "tell_when_delivered", "tell_when_in_stock", "remind_customer",
)  # fmt: skip
"""What customers ask the bot to tell them of, and may ask it to forget."""
PRIVACY: tuple[TaskKind, ...] = ("privacy_export", "privacy_erase", "privacy_shop")
"""What the shop asks for somebody's privacy."""


class Recurrence(Value, frozen=True, kw_only=True):
    """When a task comes again: each `interval` days, weeks, months or years after `starts`, local time.

    `starts` is the first occurrence on the wall clock of the task's zone, `2026-01-31T09:00`: all others are
    counted from it, so that the 31st comes back after a short month. Whichever of `until` (the last moment an
    occurrence may be due) and `count` (how many there are in all) comes first ends it; 0 is no such end.
    """

    every: Every
    starts: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\Z")]
    interval: Annotated[int, Meta(ge=1, le=999)] = 1
    until: float = 0.0
    count: Annotated[int, Meta(ge=0, le=9999)] = 0


class Task(Value, frozen=True, kw_only=True):
    """Something to be done by `due_at`.

    `id` is the maker's: made from what it is about, the same task is added once. `assignee` is a member's
    id, `BOT`, or `queue:<name>`. `order_number` is what a `tell_when_shipped` or `_delivered`
    waits for, `item` (an inventory item's number at the shop) a `tell_when_in_stock`: they have no hour of
    their own, at `due_at` they look. A task of a series is one occurrence: `series` is the id of the
    first, `occurrence` counts from 0. `action` is what a `pay_when_back` pays once the parcel of its return
    has arrived, `agreed` whether its amount is settled, `why` what speaks against that, and `tries` how
    often the shop could not be told. `alarm` counts how often its time was set, `version` its changes.
    `fired_at` is when its time came (0: not yet), `done_at` when it was over.
    """

    id: TaskId
    kind: TaskKind
    title: Annotated[str, Meta(min_length=1, max_length=4000)]
    due_at: float
    created_by: str
    created_at: float
    assignee: str = "queue:support"
    zone: str = "UTC"
    conversation_id: str = ""
    customer: str = ""
    order_number: str = ""
    item: Annotated[str, Meta(pattern=r"\A[0-9]{0,19}\Z")] = ""
    recurrence: Recurrence | None = None
    reminders: Annotated[tuple[Reminder, ...], Meta(max_length=MOST_REMINDERS)] = ()
    status: TaskStatus = "open"
    note: Annotated[str, Meta(max_length=12000)] = ""
    series: str = ""
    occurrence: int = 0
    alarm: int = 0
    fired_at: float = 0.0
    done_at: float = 0.0
    version: int = 1
    action: Refund | None = None
    agreed: bool = True
    why: tuple[str, ...] = ()
    tries: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status == "open"


class TaskDue(Value, frozen=True, kw_only=True):
    """A task's time came at `due_at`, and was noticed at `fired_at`."""

    task_id: str
    alarm: int
    kind: TaskKind
    assignee: str
    due_at: float
    fired_at: float
    conversation_id: str = ""

    @classmethod
    def of(cls, task: Task, *, at: float) -> "TaskDue":
        """The time of this task came, and it is `at` now."""
        return cls(
            task_id=task.id,
            alarm=task.alarm,
            kind=task.kind,
            assignee=task.assignee,
            due_at=task.due_at,
            fired_at=at,
            conversation_id=task.conversation_id,
        )

    @property
    def late(self) -> float:
        """Seconds; more than a few when no scheduler ran at the time."""
        return max(0.0, self.fired_at - self.due_at)


class TaskReminded(Value, frozen=True, kw_only=True):
    """A task will be due at `due_at`: `before` seconds ahead of it somebody wanted to know."""

    task_id: str
    alarm: int
    before: int
    kind: TaskKind
    assignee: str
    due_at: float
    fired_at: float
    conversation_id: str = ""

    @classmethod
    def of(cls, task: Task, *, before: int, at: float) -> "TaskReminded":
        """This task is due in about `before` seconds, and it is `at` now."""
        return cls(
            task_id=task.id,
            alarm=task.alarm,
            before=before,
            kind=task.kind,
            assignee=task.assignee,
            due_at=task.due_at,
            fired_at=at,
            conversation_id=task.conversation_id,
        )

    @property
    def late(self) -> float:
        """Seconds behind the moment it was for."""
        return max(0.0, self.fired_at - (self.due_at - self.before))


class TaskChanged(Value, frozen=True, kw_only=True):
    """A task was made, moved, given to somebody else, done, cancelled or missed."""

    task_id: str
    version: int
    kind: TaskKind
    assignee: str
    status: TaskStatus
    due_at: float
    changed_at: float
    conversation_id: str = ""

    @classmethod
    def of(cls, task: Task, *, at: float) -> "TaskChanged":
        """This is how the task is since `at`."""
        return cls(
            task_id=task.id,
            version=task.version,
            kind=task.kind,
            assignee=task.assignee,
            status=task.status,
            due_at=task.due_at,
            changed_at=at,
            conversation_id=task.conversation_id,
        )

    @property
    def key(self) -> str:
        """Names this change among all, for `Bus.publish`."""
        return f"{self.task_id}-{self.version}"


class TaskTold(Value, frozen=True, kw_only=True):
    """A passing sign for who watches now, never stored: a task's time came, or comes in `before` seconds.

    `conversation_id` is the task's; `task-<id>` of one that has none.
    """

    conversation_id: str
    task_id: str
    assignee: str
    before: int = 0

    @classmethod
    def of(cls, event: TaskDue | TaskReminded) -> "TaskTold":
        """What consoles are told of this."""
        return cls(
            conversation_id=event.conversation_id or f"task-{event.task_id}",
            task_id=event.task_id,
            assignee=event.assignee,
            before=event.before if isinstance(event, TaskReminded) else 0,
        )
