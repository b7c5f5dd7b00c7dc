"""Pays what the bot owes for returns: looks whether the parcel is back, and has the conversation pay once."""

import logging
from dataclasses import dataclass

from msgspec import structs

from gateway.following import Following
from shared.contracts import BOT, PaymentDue, ShopParcelBack, Task, TaskDue, TurnAccepted
from shared.errors import VaultDown, VendorDown, VendorRefused
from shared.ports import CameBack, TaskFilter, TaskPlace

_LOG = logging.getLogger("answerdesk.paying")
_KIND = "pay_when_back"
_DAY = 86_400.0
_SOON = 300.0
LONGEST_SECONDS = 45 * _DAY
"""A label lasts ten days; after this a person should ask what has become of the parcel."""
_PAGE = 50


@dataclass(frozen=True)
class Paying:
    """The bot's other follow-up; it changes tasks and tells of them as `Following` does.

    What is owed is a task of the bot with the refund that was agreed to. The shop's webhook is the fast way;
    it may be lost, so a task looks again each day. The money itself is moved in a turn of the conversation,
    whose id is made from the task: however often it is submitted, it is paid once and the customer reads it
    once.
    """

    following: Following

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
        """Pay what is there; nothing yet: look `again` after so many seconds."""
        at = self.following.now()
        task = await self._changed(task, due_at=at + again) if task and task.is_open else None
        if task is None or task.action is None:
            return
        state: CameBack
        try:
            state = await self.following.shop.came_back(task.order_number, reference=task.action.of_return)
        except (VendorDown, VendorRefused, VaultDown) as error:
            _LOG.warning("task %s looks again in %.0f s: %s", task.id, _SOON, error)
            await self._changed(task, due_at=at + _SOON)
            return
        if state == "all":
            await self._pay(task, at=at)
            await self._changed(task, status="done")
        elif state != "not_yet" or at - task.created_at > LONGEST_SECONDS:
            # Something is missing, was taken back, or never came: staff see what is owed, and why not paid.
            await self._changed(task, assignee="queue:refunds", due_at=at)

    async def _pay(self, task: Task, *, at: float) -> None:
        turn_id = f"s-{task.id}"
        # The bus remembers ids of turns for ten minutes, results for as long as the conversation is kept.
        if await self.following.bus.result(task.conversation_id, turn_id) is not None:
            return
        action = task.action
        assert action is not None  # `_look` has looked
        act = PaymentDue(action=action, key=action.key, agreed=task.agreed)
        turn = TurnAccepted(
            conversation_id=task.conversation_id, turn_id=turn_id, text="", accepted_at=at, act=act
        )
        await self.following.bus.submit(turn)

    async def _changed(self, task: Task, **values: object) -> Task | None:
        return await self.following.changed_to(structs.replace(task, **values))
