"""The bot's own follow-ups: looks whether what a customer waits for has come, and tells them once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from gateway.acting import submit_act
from shared.contracts import (
    BOT,
    FOLLOWED,
    TASK_CHANGED,
    Fact,
    Notice,
    Order,
    Product,
    ShopOrderChanged,
    ShopParcelChanged,
    ShopStockChanged,
    Task,
    TaskChanged,
    TaskDue,
    TaskKind,
    TurnAccepted,
)
from shared.errors import VaultDown, VendorDown, VendorRefused
from shared.ports import Bus, CommerceApi, TaskFilter, TaskPlace, Tasks
from shared.recurrence import known_zone
from shared.routing.queues import house

_LOG = logging.getLogger("answerdesk.following")
_DAY = 86_400.0
_SOON = 300.0
_LONGEST = 60 * _DAY
"""After which a person should look why an order does not ship, and nobody waits for stock any more."""
_PAGE = 50
_OF_ORDERS: tuple[TaskKind, ...] = ("tell_when_shipped", "tell_when_delivered")
_NOT_SENT = {"unfulfilled", "on_hold"}
_ON_ITS_WAY = {"partially_shipped", "shipped", "out_for_delivery", "delayed"}
_WAITS = {"tell_when_shipped": _NOT_SENT, "tell_when_delivered": _NOT_SENT | _ON_ITS_WAY}
_ONLY_FORM = {"Default Title", "Standard"}
"""What a product's only variant is called that has no name of its own."""
_CANCELLED = {
    "tell_when_shipped": "follow_up.cancelled", "tell_when_delivered": "follow_up.never_delivered",
}  # fmt: skip


@dataclass(frozen=True)
class _Verdict:
    """What a look comes to: wait on, ask a person to look, or be done, with what the customer is told."""

    waits: bool = False
    person: bool = False
    notice: Notice | None = None


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
        await self._look_at_all(TaskFilter(order_number=event.number, assignees=(BOT,)), _OF_ORDERS)

    async def parcel_changed(self, event: ShopParcelChanged) -> None:
        """A parcel left or came further; who waits for it to arrive hears nothing of the way."""
        kinds = _OF_ORDERS if event.state == "delivered" else _OF_ORDERS[:1]
        await self._look_at_all(TaskFilter(order_number=event.number, assignees=(BOT,)), kinds)

    async def stock_changed(self, event: ShopStockChanged) -> None:
        """There are so many of an item now; None is there for who asks."""
        if event.available is None or event.available > 0:
            which = TaskFilter(item=str(event.inventory_item_id), assignees=(BOT,))
            await self._look_at_all(which, ("tell_when_in_stock",))

    async def due(self, event: TaskDue) -> None:
        """It is time to look again, or to remind."""
        if event.kind in FOLLOWED and event.assignee == BOT:
            task = await self.tasks.get(event.task_id)
            # A reminder that was put off meanwhile has another time by now.
            if task is None or event.kind != "remind_customer" or task.alarm == event.alarm:
                await self._look(task)

    async def changed(self, event: TaskChanged) -> None:
        """A task is new: what it waits for may have come between the question and now."""
        waits = event.kind in FOLLOWED and event.kind != "remind_customer"
        if waits and event.assignee == BOT and event.version == 1:
            await self._look(await self.tasks.get(event.task_id))

    async def _look_at_all(self, which: TaskFilter, kinds: Sequence[TaskKind]) -> None:
        waiting: list[Task] = []
        after: TaskPlace | None = None
        # All first: a task that is looked at moves behind the page.
        while page := await self.tasks.page(which, after=after, limit=_PAGE):
            waiting += [each for each in page if each.kind in kinds]
            after = TaskPlace(due_at=page[-1].due_at, id=page[-1].id)
        for task in waiting:
            await self._look(task, again=_SOON)

    async def _look(self, task: Task | None, *, again: float = _DAY) -> None:
        """Tell what there is to tell; nothing yet: look `again` after so many seconds."""
        began = self.now()
        again = _SOON if task and task.kind == "remind_customer" else again
        task = await self._changed(task, due_at=began + again) if task and task.is_open else None
        if task is None:
            return
        try:
            verdict = await self._verdict(task, at=began)
        except (VendorDown, VendorRefused, VaultDown) as error:
            _LOG.warning("task %s looks again in %.0f s: %s", task.id, _SOON, error)
            await self._changed(task, due_at=began + _SOON)
            return
        if verdict.person:
            await self._changed(task, assignee="queue:support", due_at=began)
        elif not verdict.waits:
            if verdict.notice is not None:
                await self._tell(task, verdict.notice, at=began)
            await self._changed(task, status="done")

    async def _verdict(self, task: Task, *, at: float) -> _Verdict:
        late = at - task.created_at >= _LONGEST
        if task.kind == "remind_customer":
            return _Verdict(notice=_reminder(task))
        if task.kind == "tell_when_in_stock":
            return _of_stock(await self.shop.stocked(task.item), late=late)
        order = await self.shop.order_proved(task.order_number, conversation_id=task.conversation_id)
        return _of_order(task, order, late=late)

    async def _tell(self, task: Task, notice: Notice, *, at: float) -> None:
        """In a turn whose id is the task's: however often this is done, the customer reads it once."""
        turn_id = f"s-{task.id}"
        # The bus remembers ids of turns for ten minutes, results for as long as the conversation is kept.
        if await self.bus.result(task.conversation_id, turn_id) is not None:
            return
        turn = TurnAccepted(
            conversation_id=task.conversation_id,
            turn_id=turn_id,
            text="",
            # From before the order was read: an erasure that came between makes it void.
            accepted_at=at,
            act=notice,
        )
        await submit_act(self.bus, turn)

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


def _of_order(task: Task, order: Order | None, *, late: bool) -> _Verdict:
    if order is not None and order.status in _WAITS[task.kind]:
        return _Verdict(waits=not late, person=late)
    if order is None:
        return _Verdict(person=True)
    if order.status == "cancelled":
        return _Verdict(notice=_about(order, _CANCELLED[task.kind]))
    if task.kind == "tell_when_delivered":
        return _Verdict(notice=_about(order, "follow_up.delivered") if order.status == "delivered" else None)
    sent = order.status in _ON_ITS_WAY | {"delivered"}
    return _Verdict(notice=_about(order, "follow_up.shipped") if sent else None)


def _about(order: Order, goal: str) -> Notice:
    items = ", ".join(item.title for item in order.items)
    return Notice(goal=goal, values={"items": items} if items else {}, facts=order.facts())


def _of_stock(product: Product | None, *, late: bool) -> _Verdict:
    """There again, gone for good, or awaited for so long that nobody should wait on."""
    if product is None:
        return _Verdict(notice=Notice(goal="follow_up.stock_gone"))
    variant, title = product.variants[0], product.facts()[0]
    several = variant.title not in _ONLY_FORM
    values = {"variant": variant.title} if several else {}
    if variant.in_stock:
        # Named as the reply's slot is: a notice brings its facts so.
        price = Fact(id=f"product:{product.handle}/price", value=f"{variant.price} {product.currency}")
        return _Verdict(notice=Notice(goal="follow_up.in_stock", values=values, facts=(title, price)))
    return _Verdict(
        waits=not late, notice=Notice(goal="follow_up.stock_ended", values=values, facts=(title,))
    )


def _reminder(task: Task) -> Notice:
    zone = known_zone(task.zone) or house().zone
    asked = {"asked_on": datetime.fromtimestamp(task.created_at, zone).date().isoformat()}
    return Notice(goal="follow_up.reminder", values=asked | ({"about": task.note} if task.note else {}))
