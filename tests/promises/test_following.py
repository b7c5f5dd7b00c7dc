"""A promise with a due time is a task of staff, which ends with it, and whose end keeps it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from msgspec import structs

from agents.promises import Ledger, hear_order, hear_task, hear_turn
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.promises import open_promises
from shared.adapters.sqlite.store import open_store
from shared.adapters.sqlite.tasks import SqliteTasks, open_tasks
from shared.errors import StoreDown
from shared.ports import TaskFilter
from shared.promises import Following
from tests.clock import Clock
from tests.promises.made import ANSWER, promised, turn
from tests.promises.replies import NOW
from tests.tasks import task

REFUND = "We'll refund you for order #1001 by Friday."
CALL = "We will call you back tomorrow at 10."


async def _dies(_: c.PromiseRecord) -> None:
    """Where a process ends, or cannot reach its tasks."""
    raise StoreDown("killed")


@dataclass
class Followed:
    """A ledger with the tasks beside it."""

    ledger: Ledger
    tasks: SqliteTasks
    clock: Clock

    async def titles(self) -> list[tuple[str, str]]:
        """Title and status of every task."""
        found = await self.tasks.page(TaskFilter(status=None))
        return [(each.title, each.status) for each in found]

    async def states(self) -> list[str]:
        """What became of the promises."""
        return [each.state for each in await self.ledger.promises.of("c-1")]


@pytest.fixture
async def followed(tmp_path: Path) -> AsyncIterator[Followed]:
    clock, path = Clock(NOW), tmp_path / "desk.db"
    async with (
        open_store(path) as store,
        open_promises(path) as promises,
        open_tasks(path) as tasks,
    ):
        following = Following(tasks, MemoryBus(), clock.now)
        yield Followed(Ledger(promises, store, clock, following.follow), tasks, clock)


async def test_a_promise_with_a_time_is_a_task(followed: Followed) -> None:
    """Once, however often its turn is heard; one without a time has no moment at which to tell of it."""
    for _ in range(2):
        await hear_turn(turn(CALL, "I'm sending you a new label."), ledger=followed.ledger)
    (call, _) = await followed.ledger.promises.of("c-1")
    kept = await followed.tasks.get(call.id)
    assert kept is not None
    assert call.promise.due is not None
    assert (kept.kind, kept.assignee, kept.due_at) == ("call_back", "queue:support", call.promise.due.until)
    assert await followed.titles() == [("We will call you back tomorrow at 10", "open")]


async def test_a_promise_is_followed_up_when_its_turn_is_heard_again(followed: Followed) -> None:
    """The process died when it had written the promise down, before there was a task."""
    killed = replace(followed.ledger, on_due=_dies)
    with pytest.raises(StoreDown):
        await hear_turn(turn(CALL), ledger=killed)
    assert (await followed.titles(), await followed.states()) == ([], ["open"])
    await hear_turn(turn(CALL), ledger=followed.ledger)
    assert await followed.titles() == [("We will call you back tomorrow at 10", "open")]


PAID_BACK = c.ShopOrderChanged(
    order_id=1, number="1001", total="20.00", currency="USD", changed_at=NOW + 60,
    payment="refunded", fulfillment="unfulfilled",
)  # fmt: skip


async def test_a_task_ends_when_the_evidence_is_heard_again(followed: Followed) -> None:
    """The process died while it settled the promise: it is open until its task has been ended."""
    await hear_turn(turn(REFUND), ledger=followed.ledger)
    with pytest.raises(StoreDown):
        await hear_order(PAID_BACK, ledger=replace(followed.ledger, on_due=_dies))
    assert await followed.states() == ["open"]
    await hear_order(PAID_BACK, ledger=followed.ledger)
    assert await followed.states() == ["kept"]
    assert [status for _, status in await followed.titles()] == ["done"]


async def test_what_ended_a_task_is_the_evidence(followed: Followed) -> None:
    """Not the task that ended with it, though the bus may tell of that before the promise is settled."""

    async def quick(record: c.PromiseRecord) -> None:
        await followed.ledger.on_due(record)
        if task := await followed.tasks.get(record.id):
            await hear_task(c.TaskChanged.of(task, at=NOW + 60), ledger=followed.ledger)

    await hear_turn(turn(REFUND), ledger=followed.ledger)
    await hear_order(PAID_BACK, ledger=replace(followed.ledger, on_due=quick))
    (record,) = await followed.ledger.promises.of("c-1")
    assert (record.state, record.why) == ("kept", "order:1001/payment")


async def test_what_staff_promise_is_theirs_to_do(followed: Followed) -> None:
    """The task is assigned to them; without knowing who it was, to whoever is free."""
    record = structs.replace(promised(), made_by="staff:m-emma")
    await followed.ledger.on_due(record)
    kept = await followed.tasks.get(record.id)
    assert kept is not None
    assert (kept.kind, kept.assignee, kept.created_by) == ("promise", "m-emma", "staff:m-emma")


async def test_the_answer_that_a_case_waits_for_is_no_second_task(followed: Followed) -> None:
    """It has a place in the queue, which tells when it is late."""
    await hear_turn(turn(ANSWER, state=c.ConversationState(hand_over_id="h-1")), ledger=followed.ledger)
    assert (await followed.titles(), await followed.states()) == ([], ["open"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [(CALL, "call_back"), ("I'll remind you on November 28 at 10:00 Eastern time.", "remind_customer")],
)
@pytest.mark.parametrize(("status", "state"), [("done", "kept"), ("cancelled", "cancelled")])
async def test_what_was_asked_for_is_no_second_task(
    followed: Followed, text: str, kind: str, status: str, state: str
) -> None:
    """The bot kept it as one before it said so; once that is done, or taken back, so is what was promised."""
    call = promised(text)
    assert call.promise.due is not None
    asked = task("w-1", kind=kind, conversation_id="c-1", due_at=call.promise.due.until + 60)
    await followed.tasks.add(asked)
    await hear_turn(turn(text), ledger=followed.ledger)
    assert [title for title, _ in await followed.titles()] == [asked.title]
    ended = structs.replace(asked, status=status)
    await hear_task(c.TaskChanged.of(ended, at=NOW + 1), ledger=followed.ledger)
    (record,) = await followed.ledger.promises.of("c-1")
    assert (record.state, record.why) == (state, "task:w-1")


@pytest.mark.parametrize(
    ("status", "state"), [("done", "kept"), ("cancelled", "cancelled"), ("open", "open")]
)
async def test_a_task_that_ends_settles_its_promise(followed: Followed, status: str, state: str) -> None:
    """And the other way round: what evidence keeps needs nobody any more."""
    await hear_turn(turn(CALL), ledger=followed.ledger)
    (record,) = await followed.ledger.promises.of("c-1")
    kept = await followed.tasks.get(record.id)
    assert kept is not None
    changed = c.TaskChanged.of(structs.replace(kept, status=status), at=NOW + 1)
    await hear_task(changed, ledger=followed.ledger)
    assert await followed.states() == [state]
    assert (await followed.titles())[0][1] == status


async def test_a_broken_promise_is_still_to_be_done(followed: Followed) -> None:
    """Its task stays open, late."""
    await hear_turn(turn(CALL), ledger=followed.ledger)
    (record,) = await followed.ledger.promises.of("c-1")
    broken = await followed.ledger.promises.break_(record.id, "clock", at=NOW + 1)
    assert broken is not None
    await followed.ledger.on_due(broken)
    assert [status for _, status in await followed.titles()] == ["open"]


async def test_a_long_title_is_cut_between_words(followed: Followed) -> None:
    """A token is never cut in two."""
    token = "TOKEN_11111111-2222-4333-8444-555555555555"
    record = promised(f"I'll write to {' '.join([token] * 12)} by Friday.")
    await followed.ledger.on_due(record)
    ((title, _),) = await followed.titles()
    assert len(title) <= 300
    assert title.endswith(token)
