"""Pays what the bot owes for returns: looks whether the parcel is back, and has the conversation pay once."""

import logging
from dataclasses import dataclass

from msgspec import structs

from gateway.acting import submit_act
from gateway.following import Following
from shared.contracts import (
    BOT,
    QUEUE,
    Notice,
    PaymentDue,
    ShopParcelBack,
    StaffAct,
    Task,
    TaskDue,
    TurnAccepted,
    TurnFinished,
)
from shared.errors import VaultDown, VendorDown, VendorRefused
from shared.ports import Approvals, CameBack, TaskFilter, TaskPlace
from shared.routing.queues import routing

_LOG = logging.getLogger("answerdesk.paying")
_KIND = "pay_when_back"
_DAY = 86_400.0
_SOON = 300.0
LONGEST_SECONDS = 45 * _DAY
"""A label lasts ten days; after this a person should ask what has become of the parcel."""
MOST_TRIES = 12
"""Each waits twice as long as the one before, a day at most: some five days in all."""
_PAGE = 50
_WHY: dict[CameBack, str] = {
    "incomplete": "Something is missing from the parcel.",
    "gone": "The return was taken back, or is no longer at the shop.",
    "not_yet": f"The parcel has not come after {LONGEST_SECONDS / _DAY:.0f} days.",
}
_TRIED = f"The shop could not be told to pay in {MOST_TRIES} tries."
_REFUSED = "The shop did not do it; the case of this conversation says why."
_UNDECIDED = "Nobody decided on the amount in time."


@dataclass(frozen=True)
class Paying:
    """The bot's other follow-up; it changes tasks and tells of them as `Following` does.

    What is owed is a task of the bot with the refund that was agreed to, open until a receipt proves that it
    was paid. The shop's webhook is the fast way; it may be lost, so a task looks again each day. The money
    itself is moved in a turn of the conversation, whose id is made from the task and the try: however often
    it is submitted, it is paid once and the customer reads it once. A try that reached nobody is followed by
    another under the same key. Without `approvals` a request to agree to the amount is left to who has it.
    """

    following: Following
    approvals: Approvals | None = None

    async def parcel_back(self, event: ShopParcelBack) -> None:
        """The warehouse took something in: look for all who wait for its money. Raises `VendorDown`."""
        number = await self.following.shop.order_of_parcel(event.parcel)
        which = TaskFilter(order_number=number, kind=_KIND, assignees=(BOT,))
        waiting: list[Task] = []
        after: TaskPlace | None = None
        while number and (page := await self.following.tasks.page(which, after=after, limit=_PAGE)):
            waiting += page
            after = TaskPlace(due_at=page[-1].due_at, id=page[-1].id)
        for task in waiting:
            await self._look(task, again=_SOON)

    async def due(self, event: TaskDue) -> None:
        """It is time to look again."""
        if event.kind == _KIND and event.assignee == BOT:
            await self._look(await self.following.tasks.get(event.task_id))

    async def _look(self, task: Task | None, *, again: float = _DAY) -> None:
        """What came of the last try, and else whether the parcel is back; look `again` in so many seconds."""
        at = self.following.now()
        task = await self._changed(task, due_at=at + again) if task and task.is_open else None
        if task is None or task.action is None:
            return
        # The bus remembers ids of turns for ten minutes, results for as long as the conversation is kept.
        tried = await self.following.bus.result(task.conversation_id, _turn_id(task))
        if tried is not None:
            task = await self._after(task, tried.turn, at=at)
        if task is not None:
            await self._look_at_parcel(task, at=at)

    async def _look_at_parcel(self, task: Task, *, at: float) -> None:
        assert task.action is not None  # `_look` has looked
        try:
            state = await self.following.shop.came_back(task.order_number, reference=task.action.of_return)
        except (VendorDown, VendorRefused, VaultDown) as error:
            _LOG.warning("task %s looks again in %.0f s: %s", task.id, _SOON, error)
            await self._changed(task, due_at=at + _SOON)
            return
        if state == "all":
            act = PaymentDue(action=task.action, key=task.action.key, agreed=task.agreed, why=task.why)
            await self._submit(task, _turn_id(task), act, at=at)
            await self._changed(task, due_at=at + min(_SOON * 2**task.tries, _DAY))
        elif state != "not_yet" or at - task.created_at > LONGEST_SECONDS:
            await self._to_staff(task, _WHY[state], at=at, tell=True)

    async def _after(self, task: Task, tried: TurnFinished, *, at: float) -> Task | None:
        """The task, when it is to be tried again."""
        if any(receipt.status == "done" for receipt in tried.actions):
            await self._changed(task, status="done")
        elif tried.approval is not None:
            await self._asked(task, tried.approval.id, at=at)
        elif tried.escalation is not None:
            await self._to_staff(task, _REFUSED, at=at)
        elif task.tries + 1 >= MOST_TRIES:
            await self._to_staff(task, _TRIED, at=at, tell=True)
        else:
            return await self._changed(task, tries=task.tries + 1)
        return None

    async def _asked(self, task: Task, approval_id: str, *, at: float) -> None:
        """A person was asked to agree: who decides settles it, and what nobody decides stays owed."""
        asked = await self.approvals.get(approval_id) if self.approvals else None
        if asked is None:
            return  # the daily look sees it, once it is kept
        if asked.status in {"expired", "void"} or asked.expired(at):
            await self._to_staff(task, _UNDECIDED, at=at)
        elif asked.status != "open":
            await self._changed(task, status="done")

    async def _to_staff(self, task: Task, why: str, *, at: float, tell: bool = False) -> None:
        """Staff see what is owed and why; the customer hears of it where nothing else has told them."""
        if tell:
            notice = Notice(goal="follow_up.refund_looked_into", values={"number": task.order_number})
            await self._submit(task, f"s-{task.id}-staff", notice, at=at)
        queue = routing().route("refund_limit")[1].name
        await self._changed(task, assignee=f"{QUEUE}{queue}", due_at=at, note=why)

    async def _submit(self, task: Task, turn_id: str, act: StaffAct, *, at: float) -> None:
        if await self.following.bus.result(task.conversation_id, turn_id) is None:
            turn = TurnAccepted(
                conversation_id=task.conversation_id, turn_id=turn_id, text="", accepted_at=at, act=act
            )
            await submit_act(self.following.bus, turn)

    async def _changed(self, task: Task, **values: object) -> Task | None:
        return await self.following.changed_to(structs.replace(task, **values))


def _turn_id(task: Task) -> str:
    """The turn of the try that is on: a result of an earlier one does not stand for it."""
    return f"s-{task.id}-{task.tries}" if task.tries else f"s-{task.id}"
