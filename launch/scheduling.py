"""Tells of tasks when their time comes: once, by however many processes, and late rather than never."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from gateway.following import Following
from gateway.paying import Paying
from gateway.privacy import Privacy
from shared.contracts import (
    SHOP_ORDER_CANCELLED,
    SHOP_ORDER_FULFILLED,
    SHOP_PARCEL_BACK,
    SHOP_PARCEL_CHANGED,
    SHOP_STOCK_UPDATED,
    TASK_CHANGED,
    TASK_DUE,
    TASK_REMINDED,
    TaskChanged,
    TaskDue,
    TaskReminded,
    TaskTold,
)
from shared.errors import BusDown, DeskError
from shared.ports import Alarm, Approvals, Bus, Tasks
from shared.wiring import Services

_LOG = logging.getLogger("answerdesk.scheduling")
LISTENER = "gateway"
"""The service that runs it, as the bus knows it: those of all its processes hear an event once."""
LONGEST_SLEEP = 60.0
"""A change is heard by one of several schedulers, which may die before it is due: then another looks."""
_AFTER_TROUBLE = 5.0


@dataclass(kw_only=True)
class Scheduling:
    """The job over one installation. `now` in seconds since 1970; `batch` alarms are read at a time.

    The event is stored before the alarm is taken off, both under one key. Whoever is killed between the two
    leaves the alarm to the next, and the bus takes the event once: for as long as it keeps events, that is,
    7 days (`RETENTION_EVENTS_DAYS`). What was taken off is never told again, however long ago it was. So an
    event can only come twice when the process died in that instant and no scheduler ran for all of 7 days.
    """

    tasks: Tasks
    bus: Bus
    now: Callable[[], float]
    batch: int = 100
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Tell of everything whose time has come; how much that was. Raises a `DeskError`."""
        told = 0
        while alarms := await self.tasks.alarms(self.now(), limit=self.batch):
            for alarm in alarms:
                await self._tell(alarm)
            told += len(alarms)
        return told

    async def _tell(self, alarm: Alarm) -> None:
        task, at = alarm.task, self.now()
        if alarm.before:
            reminded = TaskReminded.of(task, before=alarm.before, at=at)
            await self.bus.publish(TASK_REMINDED, reminded, key=alarm.key)
        else:
            await self.bus.publish(TASK_DUE, TaskDue.of(task, at=at), key=alarm.key)
        for each in await self.tasks.told(alarm, at=at):
            changed = TaskChanged.of(each, at=at)
            await self.bus.publish(TASK_CHANGED, changed, key=changed.key)

    async def wait(self) -> None:
        """Sleep until the next alarm, or until a task changes. Raises a `DeskError`."""
        following = await self.tasks.next_alarm()
        left = LONGEST_SLEEP if following is None else following - self.now()
        # Not wait_for: in Python 3.11 it may swallow a cancellation that comes together with the waking.
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(left, 0.0), LONGEST_SLEEP)):
                await self.woken.wait()
        self.woken.clear()

    async def wake(self, _: TaskChanged) -> None:
        """Some task has another time now."""
        self.woken.set()


async def open_scheduling(services: Services, bus: Bus) -> tuple[Scheduling, Following]:
    """The scheduler, and the bot's own follow-ups, over these services."""
    tasks, now = await services.tasks(), services.clock.now
    shop = await services.shop()
    return Scheduling(tasks=tasks, bus=bus, now=now), Following(tasks, bus, shop, now)


@asynccontextmanager
async def kept_on_time(
    job: Scheduling,
    following: Following,
    privacy: Privacy | None = None,
    approvals: Approvals | None = None,
) -> AsyncIterator[None]:
    """Run the job in the background, whatever fails, and let the bot do what is its own to do."""
    paying = Paying(following, approvals)

    async def changed(event: TaskChanged) -> None:
        await job.wake(event)
        await following.changed(event)

    async def due(event: TaskDue) -> None:
        await following.due(event)
        await paying.due(event)
        if privacy is not None:
            await privacy.due(event)
        await show(event)

    async def show(event: TaskDue | TaskReminded) -> None:
        # One process hears the event; the sign goes to all of them, whose consoles show it.
        with suppress(BusDown):
            await job.bus.progress(TaskTold.of(event))

    async with (
        job.bus.listen(TASK_CHANGED, changed, name=LISTENER),
        job.bus.listen(TASK_DUE, due, name=LISTENER),
        job.bus.listen(TASK_REMINDED, show, name=LISTENER),
        job.bus.listen(SHOP_ORDER_FULFILLED, following.order_changed, name=LISTENER),
        job.bus.listen(SHOP_ORDER_CANCELLED, following.order_changed, name=LISTENER),
        job.bus.listen(SHOP_PARCEL_BACK, paying.parcel_back, name=LISTENER),
        job.bus.listen(SHOP_PARCEL_CHANGED, following.parcel_changed, name=LISTENER),
        job.bus.listen(SHOP_STOCK_UPDATED, following.stock_changed, name=LISTENER),
    ):
        running = asyncio.create_task(_forever(job))
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})


async def _forever(job: Scheduling) -> None:
    while True:
        try:
            await job.run()
            await job.wait()
        except DeskError as error:
            _LOG.warning("tasks that are due wait for %.0f s: %s", _AFTER_TROUBLE, error)
            await asyncio.sleep(_AFTER_TROUBLE)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or nobody would ever be reminded again.
            _LOG.exception("the scheduler broke")
            await asyncio.sleep(_AFTER_TROUBLE)
