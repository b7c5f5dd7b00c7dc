"""A parcel arrives, stock comes back, a reminder is due: each is told once, at its time, and not before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from msgspec import structs

from gateway.following import Following
from launch.scheduling import Scheduling, kept_on_time
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.tasks import open_tasks
from shared.ports import CommerceApi, TaskFilter, Tasks
from tests.bus.sample import until
from tests.clock import Clock
from tests.follow_ups.test_shipped import SENT
from tests.products import product, variant
from tests.tasks import DAY, HOUR, NOW, task

DELIVERED = structs.replace(SENT, status="delivered", delivered_on="2027-01-15")


def arrived(state: c.ParcelState = "delivered") -> c.ShopParcelChanged:
    return c.ShopParcelChanged(number="1005", state=state, changed_at=NOW)


def stock(available: int | None, item: int = 501) -> c.ShopStockChanged:
    return c.ShopStockChanged(inventory_item_id=item, location_id=1, available=available, changed_at=NOW)


def beanie(left: int) -> c.Product:
    return product("Driftwood Beanie", variant("Oat", "HP-OAT", price="28.00", in_stock=left))


@dataclass
class Shop:
    """One order and one item."""

    order: c.Order | None = SENT
    item: c.Product | None = field(default_factory=lambda: beanie(0))
    read: int = 0

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order | None:
        self.read += 1
        return self.order

    async def stocked(self, item: str) -> c.Product | None:
        self.read += 1
        return self.item


@dataclass
class Scene:
    """The bot with its tasks, a shop and a clock."""

    tasks: Tasks
    bus: MemoryBus = field(default_factory=MemoryBus)
    shop: Shop = field(default_factory=Shop)
    clock: Clock = field(default_factory=lambda: Clock(NOW))

    @property
    def following(self) -> Following:
        return Following(self.tasks, self.bus, cast("CommerceApi", self.shop), self.clock.now)

    async def wish(self, kind: c.TaskKind, name: str = "k-1", **values: object) -> c.Task:
        known = {"assignee": c.BOT, "conversation_id": f"c-{name}", "due_at": NOW + DAY}
        return await self.tasks.add(task(name, kind=kind, **known | values))

    def said(self) -> list[c.Notice]:
        acts = [each.turn.act for each in self.bus._turns.values()]
        return [act for act in acts if isinstance(act, c.Notice)]

    async def status(self, name: str = "k-1") -> str:
        found = await self.tasks.get(name)
        assert found is not None
        return found.status


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_tasks(tmp_path / "desk.db") as tasks:
        yield Scene(tasks)


async def test_a_parcel_that_arrives(scene: Scene) -> None:
    """Nothing is said of its way; delivered, once, however often the shop tells it."""
    await scene.wish("tell_when_delivered", order_number="1005")
    await scene.following.parcel_changed(arrived("out_for_delivery"))
    assert scene.shop.read == 0
    scene.shop.order = DELIVERED
    for _ in range(2):
        await scene.following.parcel_changed(arrived())
    assert [each.goal for each in scene.said()] == ["follow_up.delivered"]
    assert await scene.status() == "done"


@pytest.mark.parametrize(
    ("found", "goals", "status"),
    [
        (structs.replace(SENT, status="cancelled"), ["follow_up.never_delivered"], "done"),
        (structs.replace(SENT, status="returned"), [], "done"),
        (structs.replace(SENT, status="delayed"), [], "open"),
    ],
)
async def test_a_parcel_that_does_not(scene: Scene, found: c.Order, goals: list[str], status: str) -> None:
    """A cancelled order will never arrive; a late one is waited for."""
    await scene.wish("tell_when_delivered", order_number="1005")
    scene.shop.order = found
    await scene.following.parcel_changed(arrived())
    assert ([each.goal for each in scene.said()], await scene.status()) == (goals, status)


async def test_a_parcel_that_leaves_is_a_shipment(scene: Scene) -> None:
    """The first word of a parcel tells who waits for it to ship, though half of the order stays behind."""
    await scene.wish("tell_when_shipped", order_number="1005")
    scene.shop.order = structs.replace(SENT, status="partially_shipped")
    await scene.following.parcel_changed(arrived("in_transit"))
    assert [each.goal for each in scene.said()] == ["follow_up.shipped"]


async def test_stock_that_comes_back(scene: Scene) -> None:
    """Who waits for this item hears of it once a restock; others' items and a zero tell nothing."""
    await scene.wish("tell_when_in_stock", item="501")
    await scene.wish("tell_when_in_stock", "k-2", item="502")
    for news in (stock(0), stock(4, item=777)):
        await scene.following.stock_changed(news)
    assert scene.shop.read == 0
    await scene.following.stock_changed(stock(3))  # gone again by the time we look
    assert (scene.said(), await scene.status()) == ([], "open")
    scene.shop.item = beanie(3)
    for _ in range(2):
        await scene.following.stock_changed(stock(3))
    (told,) = scene.said()
    assert (told.goal, [fact.value for fact in told.facts]) == (
        "follow_up.in_stock", ["Driftwood Beanie", "28.00 USD"],
    )  # fmt: skip
    assert (told.values, await scene.status(), await scene.status("k-2")) == (
        {"variant": "Oat"},
        "done",
        "open",
    )


@pytest.mark.parametrize(
    ("item", "age", "goal"), [(None, 0.0, "follow_up.stock_gone"), (beanie(0), 61.0, "follow_up.stock_ended")]
)
async def test_stock_nobody_should_wait_for(
    scene: Scene, item: c.Product | None, age: float, goal: str
) -> None:
    """Taken out of the shop, or away for two months: the customer is told so."""
    kept = await scene.wish("tell_when_in_stock", item="501", created_at=NOW - age * DAY)
    scene.shop.item = item
    await scene.following.due(c.TaskDue.of(kept, at=NOW))
    assert ([each.goal for each in scene.said()], await scene.status()) == ([goal], "done")


async def test_a_reminder_comes_at_its_time(scene: Scene) -> None:
    """Not when it is made, not when it was put off; once, in the customer's words."""
    kept = await scene.wish("remind_customer", due_at=NOW + HOUR, note="to send the boots back")
    work = Scheduling(tasks=scene.tasks, bus=scene.bus, now=scene.clock.now)
    async with kept_on_time(work, scene.following):
        await scene.bus.publish(c.TASK_CHANGED, c.TaskChanged.of(kept, at=NOW), key="k-1-1")
        (later,) = await scene.tasks.change(structs.replace(kept, due_at=NOW + 2 * HOUR), at=NOW)
        scene.clock.at = NOW + HOUR + 1
        await work.run()
        await scene.following.due(c.TaskDue.of(kept, at=scene.clock.at))  # told before it was put off
        assert (scene.said(), await scene.status()) == ([], "open")
        scene.clock.at = later.due_at + 1
        for _ in range(2):
            await work.run()

        async def done() -> bool:
            return await scene.tasks.count(TaskFilter(status="done")) == 1

        await until(done)
    (told,) = scene.said()
    assert (told.goal, told.values) == (
        "follow_up.reminder", {"asked_on": "2027-01-15", "about": "to send the boots back"},
    )  # fmt: skip
