"""An order that somebody waits for ships: the customer reads it once, whatever goes wrong on the way."""

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
from shared.errors import BusDown, VendorDown
from shared.ports import CommerceApi, TaskFilter, Tasks
from tests.bus.sample import until
from tests.clock import Clock
from tests.conversation.desk import ids, running, understood
from tests.orders import item, order
from tests.tasks import DAY, NOW, task

ANA = "TOKEN_3d4e28ba-2fa1-41d2-883f-0016d3cca427"
TRACKING = "TOKEN_4d4e28ba-2fa1-41d2-883f-0016d3cca427"
WAITING = order("1005", item("Tern Jacket", "M", "TJ-M"), status="unfulfilled")
SENT = structs.replace(
    WAITING, status="shipped", shipped_on="2027-01-15", carrier="DHL", tracking_number=TRACKING
)
TOLD = c.ShopOrderChanged(
    order_id=1, number="1005", payment="paid", fulfillment="fulfilled", total="249.00", currency="USD",
    changed_at=NOW,
)  # fmt: skip


@dataclass
class Shop:
    """One order, or an outage."""

    order: c.Order | None = WAITING
    down: int = 0
    read: list[str] = field(default_factory=list)

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order | None:
        self.read.append(conversation_id)
        if self.down:
            self.down -= 1
            raise VendorDown("shopify", "503")
        return self.order


@dataclass
class Scene:
    """A bot with its tasks, a shop, a clock, and a bus on which turns wait."""

    tasks: Tasks
    bus: MemoryBus
    shop: Shop
    clock: Clock

    @property
    def following(self) -> Following:
        return Following(self.tasks, self.bus, cast("CommerceApi", self.shop), self.clock.now)

    async def wish(self, name: str = "k-1", **values: object) -> c.Task:
        return await self.tasks.add(
            task(
                name,
                **{
                    "kind": "tell_when_shipped", "assignee": c.BOT, "order_number": "1005",
                    "conversation_id": f"c-{name}", "due_at": NOW + DAY,
                }
                | values,
            )
        )  # fmt: skip

    def said(self) -> list[tuple[str, str]]:
        """Conversation and goal of each turn the house began."""
        acts = [(each.turn.conversation_id, each.turn.act) for each in self.bus._turns.values()]
        return [(talk, act.goal) for talk, act in acts if isinstance(act, c.Notice)]

    async def kept(self, name: str = "k-1") -> c.Task:
        found = await self.tasks.get(name)
        assert found is not None
        return found


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_tasks(tmp_path / "desk.db") as tasks:
        yield Scene(tasks, MemoryBus(), Shop(), Clock(NOW))


async def test_everybody_who_waits_is_told(scene: Scene) -> None:
    """Those who wait for this order, once each, and the task is done."""
    for number in range(60):
        await scene.wish(f"k-{number}")
    await scene.wish("other", order_number="1006")
    scene.shop.order = SENT
    for _ in range(2):
        await scene.following.order_changed(TOLD)
    assert sorted(scene.said()) == sorted((f"c-k-{number}", "follow_up.shipped") for number in range(60))
    assert [each.id for each in await scene.tasks.page(limit=99)] == ["other"]


async def test_shipped_between_question_and_task(scene: Scene) -> None:
    """The webhook came before the task was kept: a new task looks at once."""
    scene.shop.order = SENT
    await scene.following.changed(c.TaskChanged.of(await scene.wish(), at=NOW))
    assert (scene.said(), (await scene.kept()).status) == ([("c-k-1", "follow_up.shipped")], "done")


async def test_a_webhook_that_never_came(scene: Scene) -> None:
    """The task looks by itself, day after day."""
    await scene.wish()
    work = Scheduling(tasks=scene.tasks, bus=scene.bus, now=scene.clock.now)
    async with kept_on_time(work, scene.following):
        for day in range(1, 4):
            scene.clock.at = NOW + day * DAY + 1
            scene.shop.order = SENT if day == 3 else WAITING
            await work.run()
            await until(lambda day=day: len(scene.shop.read) == day)  # type: ignore[misc]
        await until(lambda: scene.said() == [("c-k-1", "follow_up.shipped")])


async def test_a_shop_that_is_down_is_asked_again_soon(scene: Scene) -> None:
    """The event is not lost with the outage."""
    await scene.wish()
    scene.shop.order, scene.shop.down = SENT, 1
    await scene.following.order_changed(TOLD)
    kept = await scene.kept()
    assert (scene.said(), kept.is_open, kept.due_at) == ([], True, NOW + 300)
    await scene.following.due(c.TaskDue.of(kept, at=kept.due_at))
    assert scene.said() == [("c-k-1", "follow_up.shipped")]


async def test_a_shop_whose_pages_lag_behind_its_webhooks(scene: Scene) -> None:
    """It said "sent" and shows "not sent": look again in minutes, not tomorrow."""
    await scene.wish()
    await scene.following.order_changed(TOLD)
    assert (scene.said(), (await scene.kept()).due_at) == ([], NOW + 300)


async def test_killed_before_it_was_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task is due again: whoever dies in the middle leaves it to the next look."""
    await scene.wish()
    scene.shop.order = SENT

    async def away(*_: object) -> None:
        raise BusDown("away")

    with monkeypatch.context() as patched:
        patched.setattr(scene.bus, "submit", away)
        with pytest.raises(BusDown):
            await scene.following.order_changed(TOLD)
    kept = await scene.kept()
    assert (kept.is_open, kept.due_at, await scene.tasks.next_alarm()) == (True, NOW + 300, NOW + 300)
    await scene.following.due(c.TaskDue.of(kept, at=kept.due_at))
    assert len(scene.said()) == 1


@pytest.mark.parametrize(
    ("found", "goal", "status"),
    [
        (structs.replace(WAITING, status="cancelled"), ["follow_up.cancelled"], "done"),
        (structs.replace(SENT, status="returned"), [], "done"),
        (None, [], "open"),
    ],
)
async def test_what_will_never_ship(
    scene: Scene, found: c.Order | None, goal: list[str], status: str
) -> None:
    """A cancelled order is told of; one that is gone is a person's business."""
    await scene.wish()
    scene.shop.order = found
    await scene.following.order_changed(TOLD)
    kept = await scene.kept()
    assert ([each for _, each in scene.said()], kept.status) == (goal, status)
    assert kept.assignee == (c.BOT if status == "done" else "queue:support")


async def test_two_months_are_too_long(scene: Scene) -> None:
    """A person should look why it does not ship."""
    kept = await scene.wish(created_at=NOW - 61 * DAY)
    await scene.following.due(c.TaskDue.of(kept, at=NOW))
    assert [each.id for each in await scene.tasks.page(TaskFilter(assignees=("queue:support",)))] == ["k-1"]


async def test_of_others_it_keeps_its_hands(scene: Scene) -> None:
    """Staff's tasks, done ones, and other kinds are not looked at."""
    mine = await scene.wish("mine", assignee="m-1")
    done = await scene.wish("done")
    await scene.tasks.change(structs.replace(done, status="cancelled"), at=NOW)
    call = await scene.wish("call", kind="call_back")
    await scene.following.order_changed(TOLD)
    for each in (mine, done, call):
        await scene.following.due(c.TaskDue.of(each, at=NOW))
        await scene.following.changed(c.TaskChanged.of(each, at=NOW))
    assert scene.shop.read == []


async def test_the_whole_way(tmp_path: Path) -> None:
    """From the customer's wish over the shop's webhook to the words in the conversation."""
    shop, clock = Shop(), Clock(NOW)

    async def fetch(ask: c.FetchFacts) -> c.FactsFetched:
        return c.FactsFetched(**ids(ask), order=shop.order, orders=(WAITING,))

    answers = {c.FETCH: fetch, c.CLASSIFY: understood("ORDER_STATUS")}
    async with running(tmp_path, answers, clock) as desk:
        tasks = desk.service.steps.tasks
        assert tasks is not None
        following = Following(tasks, desk.bus, cast("CommerceApi", shop), clock.now)
        async with kept_on_time(Scheduling(tasks=tasks, bus=desk.bus, now=clock.now), following):
            await desk.say("Tell me when it ships", customer=ANA)
            await until(lambda: len(shop.read) == 1)  # the new task looked
            shop.order, clock.at = SENT, NOW + 60
            for key in ("w-1", "w-2"):  # the shop tells it twice
                await desk.bus.publish(c.SHOP_ORDER_FULFILLED, TOLD, key=key)

            async def told() -> bool:
                return len(await desk.bus.results("c-1")) == 2

            await until(told)

            async def done() -> bool:
                return await tasks.count(TaskFilter(status="done")) == 1

            await until(done)
        asked, said = (each.turn for each in await desk.bus.results("c-1"))
    assert "#1005" in asked.reply
    assert (said.status, said.speaker) == ("told", "system")
    assert ("DHL" in said.reply, TRACKING in said.reply) == (True, True)
    assert any("order:1005/tracking_number" in sentence.sources for sentence in said.sentences)
