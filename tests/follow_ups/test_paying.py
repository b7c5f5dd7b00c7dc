"""A parcel comes back: what is owed for it is paid by one turn, whatever goes wrong on the way."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from gateway.following import Following
from gateway.paying import LONGEST_SECONDS, Paying
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.tasks import open_tasks
from shared.errors import BusDown, VendorDown
from shared.ports import CameBack, CommerceApi, Tasks
from tests.clock import Clock
from tests.tasks import DAY, NOW, task

DUE = c.Refund(order_number="1014", amount="22.67", currency="USD", of_return="#1014-R1")
TOLD = c.ShopParcelBack(parcel=77, received_at=NOW)


@dataclass
class Shop:
    """One parcel, or an outage."""

    state: CameBack = "not_yet"
    down: int = 0
    asked: list[str] = field(default_factory=list)

    async def order_of_parcel(self, parcel: int) -> str:
        return "1014" if parcel == 77 else ""

    async def came_back(self, number: str, *, reference: str) -> CameBack:
        self.asked.append(f"{number} {reference}")
        if self.down:
            self.down -= 1
            raise VendorDown("shopify", "503")
        return self.state


@dataclass
class Scene:
    """A bot that owes, a shop, a clock, and a bus on which turns wait."""

    tasks: Tasks
    bus: MemoryBus
    shop: Shop
    clock: Clock

    @property
    def paying(self) -> Paying:
        return Paying(Following(self.tasks, self.bus, cast("CommerceApi", self.shop), self.clock.now))

    async def owes(self, name: str = "o-1", **values: object) -> c.Task:
        return await self.tasks.add(
            task(
                name,
                **{
                    "kind": "pay_when_back", "assignee": c.BOT, "order_number": "1014", "action": DUE,
                    "conversation_id": f"c-{name}", "due_at": NOW + DAY,
                }
                | values,
            )
        )  # fmt: skip

    def paid(self) -> list[tuple[str, str, c.StaffAct | None]]:
        """Conversation, turn and act of each turn the house began."""
        turns = [each.turn for each in self.bus._turns.values()]
        return [(each.conversation_id, each.turn_id, each.act) for each in turns]

    async def kept(self, name: str = "o-1") -> c.Task:
        found = await self.tasks.get(name)
        assert found is not None
        return found


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_tasks(tmp_path / "desk.db") as tasks:
        yield Scene(tasks, MemoryBus(), Shop(), Clock(NOW))


async def test_a_parcel_that_is_there_is_paid_for_once(scene: Scene) -> None:
    """However often the shop tells of it; what waits for another parcel waits on."""
    await scene.owes()
    other = await scene.owes("o-2", order_number="1015")
    await scene.paying.parcel_back(TOLD)
    assert (scene.paid(), scene.shop.asked) == ([], ["1014 #1014-R1"])
    scene.shop.state = "all"
    for _ in range(2):
        await scene.paying.parcel_back(TOLD)
    assert scene.paid() == [("c-o-1", "s-o-1", c.PaymentDue(action=DUE, key=DUE.key))]
    assert ((await scene.kept()).status, (await scene.kept("o-2")).due_at) == ("done", other.due_at)
    await scene.paying.parcel_back(c.ShopParcelBack(parcel=1, received_at=NOW))
    assert len(scene.shop.asked) == 2


async def test_a_webhook_that_never_came(scene: Scene) -> None:
    """The task looks by itself when it is due, and only at its own kind."""
    kept = await scene.owes()
    scene.shop.state = "all"
    await scene.paying.due(c.TaskDue.of(await scene.tasks.add(task("other")), at=NOW))
    assert scene.paid() == []
    await scene.paying.due(c.TaskDue.of(kept, at=NOW))
    assert [turn for _, turn, _ in scene.paid()] == ["s-o-1"]


async def test_a_shop_that_is_down_is_asked_again_soon(scene: Scene) -> None:
    """The event is not lost with the outage."""
    await scene.owes()
    scene.shop.state, scene.shop.down = "all", 1
    await scene.paying.parcel_back(TOLD)
    kept = await scene.kept()
    assert (scene.paid(), kept.is_open, kept.due_at) == ([], True, NOW + 300)
    await scene.paying.due(c.TaskDue.of(kept, at=kept.due_at))
    assert len(scene.paid()) == 1


async def test_killed_between_turn_and_task_it_is_paid_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bus failed, then the turn was submitted twice: one id, one payment."""
    await scene.owes()
    scene.shop.state = "all"
    submit = scene.bus.submit
    broken = [True]

    async def fails(turn: c.TurnAccepted) -> None:
        await submit(turn)
        if broken.pop() if broken else False:
            raise BusDown("gone")

    monkeypatch.setattr(scene.bus, "submit", fails)
    with pytest.raises(BusDown):
        await scene.paying.parcel_back(TOLD)
    assert (await scene.kept()).is_open
    await scene.paying.parcel_back(TOLD)
    assert ([turn for _, turn, _ in scene.paid()], (await scene.kept()).status) == (["s-o-1"], "done")


@pytest.mark.parametrize(
    ("state", "after"), [("incomplete", 0.0), ("gone", 0.0), ("not_yet", LONGEST_SECONDS + 1)]
)
async def test_what_does_not_come_back_as_agreed_is_for_a_person(
    scene: Scene, state: CameBack, after: float
) -> None:
    """Something is missing, the return was taken back, the parcel never came: staff have it on their list."""
    kept = await scene.owes()
    scene.shop.state = state
    scene.clock.at = NOW + after
    await scene.paying.due(c.TaskDue.of(kept, at=scene.clock.at))
    now = await scene.kept()
    assert (scene.paid(), now.assignee, now.is_open) == ([], "queue:refunds", True)
