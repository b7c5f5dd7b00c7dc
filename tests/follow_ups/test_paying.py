"""A parcel comes back: what is owed for it is paid by one turn, whatever goes wrong on the way."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from conversation.later.owing import owed
from gateway.following import Following
from gateway.paying import LONGEST_SECONDS, MOST_TRIES, Paying
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts.previews import preview_owed
from shared.errors import BusDown, VendorDown
from shared.ports import Approvals, CameBack, CommerceApi, Delivered, Tasks
from shared.routing.queues import routing
from tests.cases.examples import hand_over
from tests.clock import Clock
from tests.tasks import DAY, NOW, task

PAID = c.Receipt(kind="refund", order_number="1014", status="done", reference="R-1")
LOOKED_INTO = c.Notice(goal="follow_up.refund_looked_into", values={"number": "1014"})
DUE = c.Refund(order_number="1014", amount="22.67", currency="USD", of_return="#1014-R1")
TOLD = c.ShopParcelBack(parcel=77, received_at=NOW)
OWED = {
    "en": "Refund 22.67 USD for order #1014 when return #1014-R1 has arrived.",
    "fr": "Rembourser 22.67 USD pour la commande #1014 quand le retour #1014-R1 sera arrivé.",
    "es": "Reembolsar 22.67 USD por el pedido #1014 cuando llegue la devolución #1014-R1.",
}


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


class Answering(MemoryBus):
    """A bus on which turns wait, until a test says what came of them."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, Delivered] = {}

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        return self.came.get(turn_id) or await super().result(conversation_id, turn_id)


@dataclass
class Scene:
    """A bot that owes, a shop, a clock, and a bus on which turns wait."""

    tasks: Tasks
    bus: Answering
    shop: Shop
    clock: Clock
    approvals: c.Approval | None = None

    @property
    def paying(self) -> Paying:
        following = Following(self.tasks, self.bus, cast("CommerceApi", self.shop), self.clock.now)
        return Paying(following, cast("Approvals", self))

    async def get(self, approval_id: str) -> c.Approval | None:
        """The one request there is."""
        return self.approvals if self.approvals and self.approvals.id == approval_id else None

    async def comes_of(self, turn_id: str, **values: Any) -> None:
        """The conversation has answered this turn."""
        result = c.TurnFinished(
            conversation_id="c-o-1", turn_id=turn_id, finished_at=NOW, accepted_at=NOW, status="told",
            sentences=(), intent=None, language="en", **values,
        )  # fmt: skip
        self.bus.came[turn_id] = Delivered(seq=1, turn=result)

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
        yield Scene(tasks, Answering(), Shop(), Clock(NOW))


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
    assert (await scene.kept()).is_open  # until it is proved
    await scene.comes_of("s-o-1", actions=(PAID,))
    await scene.paying.due(c.TaskDue.of(await scene.kept(), at=NOW))
    assert ((await scene.kept()).status, (await scene.kept("o-2")).due_at) == ("done", other.due_at)
    await scene.paying.parcel_back(c.ShopParcelBack(parcel=1, received_at=NOW))
    assert len(scene.shop.asked) == 3


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
    assert [turn for _, turn, _ in scene.paid()] == ["s-o-1"]


async def test_a_try_that_reached_nobody_is_followed_by_another(scene: Scene) -> None:
    """Under the same key, later and later; in the end staff see it and the customer hears that."""
    await scene.owes()
    scene.shop.state = "all"
    for n in range(MOST_TRIES):
        await scene.paying.due(c.TaskDue.of(await scene.kept(), at=scene.clock.at))
        turn, kept = scene.paid()[-1][1], await scene.kept()
        assert (turn, kept.due_at) == (f"s-o-1-{n}" if n else "s-o-1", scene.clock.at + min(300 * 2**n, DAY))
        await scene.comes_of(turn)
        scene.clock.at = kept.due_at
    assert {act for _, _, act in scene.paid()} == {c.PaymentDue(action=DUE, key=DUE.key)}
    await scene.paying.due(c.TaskDue.of(await scene.kept(), at=scene.clock.at))
    now = await scene.kept()
    assert (now.assignee, now.is_open, "12 tries" in now.note) == ("queue:approvals", True, True)
    assert scene.paid()[-1][2] == LOOKED_INTO


@pytest.mark.parametrize(
    ("status", "after", "assignee", "open_still"),
    [
        ("open", 0.0, c.BOT, True),
        ("open", c.APPROVAL_SECONDS + 1, "queue:approvals", True),
        ("void", 0.0, "queue:approvals", True),
        ("approved", 0.0, c.BOT, False),
        ("denied", 0.0, c.BOT, False),
    ],
)
async def test_what_a_person_is_to_agree_to_stays_owed_until_they_decide(
    scene: Scene, status: c.ApprovalStatus, after: float, assignee: str, open_still: bool
) -> None:
    """A request that nobody decided on in time is no end of the debt: staff have it as a task."""
    await scene.owes()
    asked = c.ApprovalAsked(id="a-1", case_id="h-1", action=DUE, why=("amount",), preview={}, language="en")
    scene.approvals = c.Approval(id="a-1", conversation_id="c-o-1", asked=asked, asked_at=NOW, status=status)
    await scene.comes_of("s-o-1", approval=asked)
    scene.clock.at = NOW + after
    await scene.paying.due(c.TaskDue.of(await scene.kept(), at=scene.clock.at))
    now = await scene.kept()
    assert (scene.paid(), now.assignee, now.is_open) == ([], assignee, open_still)


async def test_what_the_shop_refuses_to_pay_stays_with_staff(scene: Scene) -> None:
    """A case was opened for it by the turn, and said so; erased or closed, the debt is still there."""
    await scene.owes()
    await scene.comes_of("s-o-1", escalation=hand_over())
    await scene.paying.due(c.TaskDue.of(await scene.kept(), at=NOW))
    assert (scene.paid(), (await scene.kept()).assignee) == ([], "queue:approvals")


@pytest.mark.parametrize(
    ("state", "after", "why"),
    [
        ("incomplete", 0.0, "missing"),
        ("gone", 0.0, "taken back"),
        ("not_yet", LONGEST_SECONDS + 1, "45 days"),
    ],
)
async def test_what_does_not_come_back_as_agreed_is_for_a_person(
    scene: Scene, state: CameBack, after: float, why: str
) -> None:
    """Something is missing, the return was taken back, the parcel never came: staff have it, and know why."""
    kept = await scene.owes()
    scene.shop.state = state
    scene.clock.at = NOW + after
    await scene.paying.due(c.TaskDue.of(kept, at=scene.clock.at))
    now = await scene.kept()
    assert scene.paid() == [("c-o-1", "s-o-1-staff", LOOKED_INTO)]
    assert (now.assignee, now.is_open, why in now.note) == ("queue:approvals", True, True)
    assert now.assignee.removeprefix(c.QUEUE) in routing().queues


def test_every_queue_that_is_named_in_code_is_one() -> None:
    """What is given to a queue that does not exist is on nobody's list."""
    root = Path(__file__).parents[2]
    files = [
        each
        for room in ("agents", "conversation", "gateway", "launch", "shared")
        for kind in ("*.py", "*.html")
        for each in (root / room).rglob(kind)
    ]
    named = {name for each in files for name in re.findall(r"""["'`]queue:(\w+)""", each.read_text("utf-8"))}
    assert named - {"admins"} <= routing().queues.keys()
    assert "support" in named


def test_what_is_owed_has_not_arrived_yet() -> None:
    """Staff read it from the minute the label is out: the parcel has yet to come."""
    label = c.Receipt(kind="return", order_number="1014", status="done", reference="#1014-R1")
    wanted = c.Return(order_number="1014", items=("TENT",), amount="22.67", currency="USD")
    turn = c.TurnAccepted(conversation_id="c-1", turn_id="t-1", text="Yes", accepted_at=NOW)
    task = owed(wanted, label, turn, customer="")
    assert task is not None
    assert (task.action, task.title) == (structs.replace(DUE, items=("TENT",)), OWED["en"])
    assert {language: preview_owed(DUE, language) for language in c.LANGUAGES} == OWED
