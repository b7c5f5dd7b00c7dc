"""Makes a follow-up of a promise that has a due time, and ends it when the promise is settled."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from shared.contracts import (
    QUEUE,
    TASK_CHANGED,
    PromiseRecord,
    Task,
    TaskChanged,
    TaskKind,
    TaskStatus,
)
from shared.ports import Bus, TaskFilter, Tasks

SAME_SECONDS = 3600.0
"""A call-back that was asked for and one that was promised are the same one, when this near each other."""
_REMIND_SECONDS = 15 * 60
_LONGEST_TITLE = 300
_STAFF = "staff:"
_ENDS: dict[str, TaskStatus] = {"kept": "done", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Following:
    """Promises among the tasks of staff. `now` is in seconds since 1970; what was told twice is done once."""

    tasks: Tasks
    bus: Bus
    now: Callable[[], float]

    async def follow(self, record: PromiseRecord) -> None:
        """Keep a task for an open promise; end it with the promise. A broken one is still to be done."""
        if record.state == "open":
            await self._keep(record)
        elif record.state in _ENDS:
            await self._end(record, _ENDS[record.state])

    async def _keep(self, record: PromiseRecord) -> None:
        due = record.promise.due
        if due is None or _waits_in_a_queue(record) or await self._known(record, due.until):
            return
        staffs = record.made_by.startswith(_STAFF)
        kept = await self.tasks.add(
            Task(
                id=record.id,
                kind="call_back" if record.promise.kind == "call_back" else "promise",
                title=_title(record.promise.span),
                due_at=due.until,
                created_by=record.made_by,
                created_at=record.made_at,
                assignee=record.made_by.removeprefix(_STAFF) if staffs else f"{QUEUE}support",
                zone=due.zone,
                conversation_id=record.conversation_id,
                reminders=(_REMIND_SECONDS,),
            )
        )
        await self._tell(kept)

    async def _known(self, record: PromiseRecord, due: float) -> bool:
        """Whether the call or reminder was asked for by the customer, and is a task already."""
        kind = asked_for(record)
        if kind is None:
            return False
        which = TaskFilter(conversation_id=record.conversation_id, kind=kind)
        found = await self.tasks.page(which)
        return any(abs(each.due_at - due) <= SAME_SECONDS for each in found)

    async def _end(self, record: PromiseRecord, status: TaskStatus) -> None:
        task = await self.tasks.get(record.id)
        if task is None or not task.is_open:
            return
        for changed in await self.tasks.change(structs.replace(task, status=status), at=self.now()):
            await self._tell(changed)

    async def _tell(self, task: Task) -> None:
        changed = TaskChanged.of(task, at=self.now())
        await self.bus.publish(TASK_CHANGED, changed, key=changed.key)


def asked_for(record: PromiseRecord) -> TaskKind | None:
    """What is a task by the customer's wish before the reply promises it: nobody is to do it twice."""
    if record.promise.kind == "call_back":
        return "call_back"
    return "remind_customer" if record.promise.kind == "other" and record.made_by == "bot" else None


def _waits_in_a_queue(record: PromiseRecord) -> bool:
    """The answer that a case waits for has its place and its due time in the queue."""
    return record.promise.kind == "answer_by" and bool(record.hand_over) and record.made_by == "bot"


def _title(words: str) -> str:
    """The words that promise, cut between them: a token is never cut in two."""
    while len(words) > _LONGEST_TITLE and " " in words:
        words = words.rpartition(" ")[0]
    return words[:_LONGEST_TITLE]
