"""A wish to be called or written to is a task of the bot's own, whatever staff have planned beside it."""

import pytest
from msgspec import structs

from shared import contracts as c
from shared.ports import TaskFilter, Tasks
from tests.routing.test_customers import PHONE, Shop, day

__all__ = ["day"]

OTHER = "TOKEN_22222222-2222-3333-4444-555555555555"
MORE_THAN_A_PAGE = 60


def tasks_of(shop: Shop) -> Tasks:
    """Where the desk keeps them."""
    found = shop.desk.service.steps.tasks
    assert found is not None
    return found


async def everything(shop: Shop) -> list[c.Task]:
    """All that is to be done, the earliest due first."""
    return list(await tasks_of(shop).page(TaskFilter(conversation_id="c-1"), limit=100))


async def planned(shop: Shop, kind: c.TaskKind) -> list[c.Task]:
    """What Emma wants to do for this customer within the hour."""
    one = c.Task(
        id="k-0",
        kind=kind,
        title="Ask the supplier",
        due_at=shop.clock.at + 60,
        created_by="staff:m-emma",
        created_at=shop.clock.at,
        assignee="m-emma",
        conversation_id="c-1",
    )
    many = [structs.replace(one, id=f"k-{n}", due_at=one.due_at + n) for n in range(MORE_THAN_A_PAGE)]
    return [await tasks_of(shop).add(each) for each in many]


@pytest.mark.parametrize(
    ("kind", "wish", "says"),
    [
        ("follow_up", "e-mail me instead", "your account"),
        ("call_back", f"call me back on {PHONE}", "calls you"),
    ],
)
async def test_what_staff_plan_is_left_alone(day: Shop, kind: c.TaskKind, wish: str, says: str) -> None:
    """The customer is told that we write or call: somebody has it to do, and staff's own tasks stay."""
    theirs = await planned(day, kind)
    await day.say("I want to talk to a person", customer="TOKEN_9")
    assert says in await day.say(wish)
    *staffs, ours = await everything(day)
    assert staffs == theirs
    assert (ours.kind, ours.title, ours.created_by) == (kind, wish, "bot")


@pytest.mark.parametrize(
    ("kind", "first", "then"),
    [
        ("follow_up", f"email me at {PHONE}", "email me at"),
        ("call_back", f"call me on {PHONE}", "call me on"),
    ],
)
async def test_another_number_joins_the_task(day: Shop, kind: str, first: str, then: str) -> None:
    """One task, with the number that was told last; a turn that is replayed adds nothing."""
    await day.say("I want to talk to a person")
    await day.say(first)
    turn = c.TurnAccepted(
        conversation_id="c-1", turn_id="t-9", text=f"better {then} {OTHER}", accepted_at=day.clock.at
    )
    for _ in range(2):
        await day.desk.service.answer([turn])
    (task,) = await everything(day)
    assert (task.kind, task.title) == (kind, f"{first} / better {then} {OTHER}")
