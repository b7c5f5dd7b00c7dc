"""Keeps what was agreed for later, or takes it back, before anybody says so."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from conversation.memory import short
from conversation.turn import Plan
from shared.contracts import BOT, FOLLOWED, TASK_CHANGED, Task, TaskChanged, TurnAccepted
from shared.errors import StoreBusy
from shared.ports import Bus, TaskFilter, TaskPlace, Tasks

MOST_FOLLOWED = 10
"""What the bot watches at a time for one conversation."""
_LONGEST = 1500
_MOST_READ = 200


async def settled(plan: Plan, turn: TurnAccepted, *, tasks: Tasks | None, bus: Bus) -> Plan:
    """Keep the plan's task, or drop what it drops; the plan with what there is to say of that.

    Raises:
        StoreBusy: staff changed it in the same moment; the turn is tried again over what they wrote.
    """
    if tasks is None:
        return plan
    if plan.drop:
        stopped = await _stopped(plan, turn, tasks=tasks, bus=bus)
        return plan if stopped else _saying(plan, "follow_up.none")
    if plan.task is not None and plan.task.kind in FOLLOWED and await _too_many(plan.task, tasks):
        return _saying(plan, "follow_up.too_many")
    await keep_and_tell(plan.task, tasks, bus)
    return plan


def _saying(plan: Plan, goal: str) -> Plan:
    first, *_ = plan.topics
    return replace(plan, topics=(structs.replace(first, goal=goal, facts={}, values={}),))


async def _too_many(task: Task, tasks: Tasks) -> bool:
    """Whether this would be one more than the bot watches; asked again is not one more."""
    made = await _made_here(task.conversation_id, tasks)
    mine = [each for each in made if each.is_open and each.kind in FOLLOWED]
    same = [each for each in mine if each.id == task.id or _waits_for(each) == _waits_for(task)]
    return len(mine) >= MOST_FOLLOWED and not same


def _waits_for(task: Task) -> tuple[str, ...]:
    """What two tasks have in common that are one; a reminder is like no other."""
    return (task.kind, task.order_number, task.item, task.id if task.kind == "remind_customer" else "")


async def _stopped(plan: Plan, turn: TurnAccepted, *, tasks: Tasks, bus: Bus) -> int:
    """Cancel what the bot was to tell; how much. A replay of the turn counts what it cancelled before."""
    done = 0
    for each in await _made_here(turn.conversation_id, tasks):
        if each.kind not in plan.drop or (plan.drop_order and each.order_number != plan.drop_order):
            continue
        if each.status == "cancelled" and each.done_at == turn.accepted_at:
            done += 1
        if not each.is_open:
            continue
        changed = await tasks.change(structs.replace(each, status="cancelled"), at=turn.accepted_at)
        if not changed:
            raise StoreBusy(f"task {each.id} was changed by somebody else; read it again")
        for one in changed:
            event = TaskChanged.of(one, at=turn.accepted_at)
            await bus.publish(TASK_CHANGED, event, key=event.key)
        done += 1
    return done


async def _made_here(conversation_id: str, tasks: Tasks) -> Sequence[Task]:
    """What the bot has planned here, open or not."""
    which = TaskFilter(status=None, conversation_id=conversation_id)
    found: list[Task] = []
    after = None
    while (page := await tasks.page(which, after=after)) and len(found) < _MOST_READ:
        found += [each for each in page if each.created_by == BOT]
        after = TaskPlace(page[-1].due_at, page[-1].id)
    return found


async def keep_and_tell(task: Task | None, tasks: Tasks | None, bus: Bus) -> None:
    """Keep what was agreed, once however often its turn is replayed, and tell who watches."""
    if task is None or tasks is None:
        return
    for kept in await keep(task, tasks):
        changed = TaskChanged.of(kept, at=task.created_at)
        await bus.publish(TASK_CHANGED, changed, key=changed.key)


async def cancel_and_tell(turn: TurnAccepted, tasks: Tasks | None, bus: Bus) -> None:
    """Nobody calls or writes any more: what the bot planned of that is cancelled, and who watches is told.

    Raises:
        StoreBusy: staff changed it in the same moment; the turn is tried again over what they wrote.
    """
    if tasks is None:
        return
    for kind in ("call_back", "follow_up"):
        old = await _of_the_bot(tasks, TaskFilter(conversation_id=turn.conversation_id, kind=kind))
        if old is None:
            continue
        changed = await tasks.change(structs.replace(old, status="cancelled"), at=turn.accepted_at)
        if not changed:
            raise StoreBusy(f"task {old.id} was changed by somebody else; read it again")
        for each in changed:
            event = TaskChanged.of(each, at=turn.accepted_at)
            await bus.publish(TASK_CHANGED, event, key=event.key)


async def keep(task: Task, tasks: Tasks) -> Sequence[Task]:
    """Keep it, once in a conversation: asked again, the open one takes the new time and words. What changed.

    Only the bot's own count: what staff plan beside it is theirs.

    Raises:
        StoreBusy: staff changed it in the same moment; the turn is tried again over what they wrote.
    """
    same = TaskFilter(
        conversation_id=task.conversation_id, kind=task.kind, order_number=task.order_number, item=task.item
    )
    old = await _of_the_bot(tasks, same)
    if old is None or old.id == task.id or task.kind == "remind_customer":
        return [await tasks.add(task)]
    new = structs.replace(old, due_at=task.due_at, title=_both(old.title, short(task.title, _LONGEST)))
    if task.kind in FOLLOWED or new == old:
        return []
    moved = await tasks.change(new, at=task.created_at)
    if not moved:
        raise StoreBusy(f"task {old.id} was changed by somebody else; read it again")
    return moved


async def _of_the_bot(tasks: Tasks, which: TaskFilter) -> Task | None:
    """The first of these that the bot has made."""
    after = None
    while page := await tasks.page(which, after=after):
        ours = next((each for each in page if each.created_by == BOT), None)
        if ours is not None:
            return ours
        after = TaskPlace(page[-1].due_at, page[-1].id)
    return None


def _both(before: str, said: str) -> str:
    """The words of both; the last ones are whole, for they have the number that counts."""
    return before if said in before else f"{short(before, _LONGEST - len(said))} / {said}"
