"""The bot's own follow-ups: looks whether an order has shipped, and tells the customer once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from shared.contracts import (
    BOT,
    TASK_CHANGED,
    Notice,
    Order,
    ShopOrderChanged,
    Task,
    TaskChanged,
    TaskDue,
    TurnAccepted,
)
from shared.errors import VaultDown, VendorDown, VendorRefused
from shared.ports import Bus, CommerceApi, TaskFilter, TaskPlace, Tasks

_LOG = logging.getLogger("answerdesk.following")
_KIND = "tell_when_shipped"
_DAY = 86_400.0
_SOON = 300.0
_LONGEST = 60 * _DAY
"""After which a person should look why an order does not ship."""
_PAGE = 50
_ON_ITS_WAY = {"partially_shipped", "shipped", "out_for_delivery", "delivered", "delayed"}
_WAITING = {"unfulfilled", "on_hold"}


@dataclass(frozen=True)
class Following:
    """What the bot does by itself. `now` in seconds since 1970.

    The shop's webhook is the fast way. It may be lost, come before the task is kept, or find the shop down:
    so a task looks again by itself, each time it is due, and is due again before it is looked at.
    """

    tasks: Tasks
    bus: Bus
    shop: CommerceApi
    now: Callable[[], float]

    async def order_changed(self, event: ShopOrderChanged) -> None:
        """The shop says that an order was sent or cancelled: look for everybody who waits for it."""
        which = TaskFilter(order_number=event.number, kind=_KIND, assignees=(BOT,))
        waiting: list[Task] = []
        after: TaskPlace | None = None
        # All first: a task that is looked at moves behind the page.
        while page := await self.tasks.page(which, after=after, limit=_PAGE):
            waiting += page
            after = TaskPlace(due_at=page[-1].due_at, id=page[-1].id)
        for task in waiting:
            await self._look(task, again=_SOON)

    async def due(self, event: TaskDue) -> None:
        """It is time to look again."""
        if event.kind == _KIND and event.assignee == BOT:
            await self._look(await self.tasks.get(event.task_id))

    async def changed(self, event: TaskChanged) -> None:
        """A task is new: the order may have shipped between the question and now."""
        if event.kind == _KIND and event.assignee == BOT and event.version == 1:
            await self._look(await self.tasks.get(event.task_id))

    async def _look(self, task: Task | None, *, again: float = _DAY) -> None:
        """Tell what there is to tell; nothing yet: look `again` after so many seconds."""
        began = self.now()
        task = await self._changed(task, due_at=began + again) if task and task.is_open else None
        if task is None:
            return
        try:
            order = await self.shop.order_proved(task.order_number, conversation_id=task.conversation_id)
        except (VendorDown, VendorRefused, VaultDown) as error:
            _LOG.warning("task %s looks again in %.0f s: %s", task.id, _SOON, error)
            await self._changed(task, due_at=began + _SOON)
            return
        if order is not None and order.status in _WAITING and began - task.created_at < _LONGEST:
            return
        if order is None or order.status in _WAITING:
            await self._changed(task, assignee="queue:support", due_at=began)
            return
        if order.status in _ON_ITS_WAY:
            await self._tell(task, order, "follow_up.shipped", at=began)
        elif order.status == "cancelled":
            await self._tell(task, order, "follow_up.cancelled", at=began)
        await self._changed(task, status="done")

    async def _tell(self, task: Task, order: Order, goal: str, *, at: float) -> None:
        """In a turn whose id is the task's: however often this is done, the customer reads it once."""
        turn_id = f"s-{task.id}"
        # The bus remembers ids of turns for ten minutes, results for as long as the conversation is kept.
        if await self.bus.result(task.conversation_id, turn_id) is not None:
            return
        items = ", ".join(item.title for item in order.items)
        turn = TurnAccepted(
            conversation_id=task.conversation_id,
            turn_id=turn_id,
            text="",
            # From before the order was read: an erasure that came between makes it void.
            accepted_at=at,
            act=Notice(goal=goal, values={"items": items} if items else {}, facts=order.facts()),
        )
        await self.bus.submit(turn)

    async def _changed(self, task: Task, **values: object) -> Task | None:
        return await self.changed_to(structs.replace(task, **values))

    async def changed_to(self, task: Task) -> Task | None:
        """The task as it is now, told to consoles; None when somebody was faster."""
        at = self.now()
        changed = await self.tasks.change(task, at=at)
        for each in changed:
            event = TaskChanged.of(each, at=at)
            await self.bus.publish(TASK_CHANGED, event, key=event.key)
        return changed[0] if changed else None
