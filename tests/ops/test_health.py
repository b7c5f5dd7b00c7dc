"""The health page: who takes what comes, what waits, which parts answer; one look serves all who watch."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from gateway.ops import looking
from gateway.ops.looking import Looks
from gateway.ops.standing import Standing, standings
from shared.adapters.memory.bus import MemoryBus
from shared.agent import Agent
from shared.budget import BudgetStatus
from shared.contracts import SCREEN
from shared.errors import BusDown, VaultDown
from shared.ports import ConsumerLoad, Load
from shared.telemetry.sending import Losses
from tests.bus.sample import Screener, accepted, answer_all, nothing, screen
from tests.console.desk import HTMX, PAGE, ConsoleDesk


@dataclass
class Part:
    """A part that counts how often it is asked."""

    error: Exception | None = None
    asked: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def ping(self) -> None:
        self.asked += 1
        if isinstance(self.error, TimeoutError):
            await self.held.wait()
        if self.error is not None:
            raise self.error


def furnish(ops: ConsoleDesk, **more: object) -> None:
    """Put these into the room of the operators' pages."""
    assert ops.desk.ops is not None
    object.__setattr__(ops.desk, "ops", replace(ops.desk.ops, **more))  # type: ignore[arg-type]


def consumer(name: str, service: str, **more: float | None) -> ConsumerLoad:
    counts = {"pending": 0, "ack_pending": 0, "redelivered": 0, "waiting": 1, "idle": 1.0} | more
    return ConsumerLoad(name=name, stream="ASKS", service=service, **counts)  # type: ignore[arg-type]


async def test_who_takes_what_comes(ops: ConsoleDesk) -> None:
    """A service that runs, one that does not and has work, a part that is down; the page says so of each."""
    bus = ops.desk.bus
    parts = {"vault": Part(VaultDown("key vault: 503 <b>")).ping, "store": Part().ping}
    furnish(ops, looks=Looks(bus, parts))
    async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
        await bus.ask(SCREEN, screen(), timeout=5)
    late = asyncio.create_task(bus.ask(SCREEN, screen(step="b"), timeout=5))
    await asyncio.sleep(0)
    async with bus.work(answer_all, finished=nothing):
        page = (await ops.http("operator").get("/ops", headers=PAGE)).text
        told = (await ops.http("operator").get("/ops")).json()
    late.cancel()
    assert (
        '<tr id="service-critic"><th scope="row">critic</th>\n<td><span class="tag late">nobody</span>'
        in page
    )
    assert '<th scope="row">conversation</th>\n<td><span class="tag">yes</span>' in page
    assert "key vault: 503 &lt;b&gt;" in page
    assert "1 of 2</dd>" in page
    assert "exact: counted, not estimated" in page
    assert told["services"]["critic"] == {
        "state": "nobody", "pending": 1, "in_hand": 0, "redelivered": 0, "consumers": 1, "taken": 0,
    }  # fmt: skip
    assert [each["said"] for each in told["parts"]] == ["", "key vault: 503 <b>"]


async def test_a_fragment_for_who_watches(ops: ConsoleDesk) -> None:
    """What the page fetches again and again is the figures alone."""
    answer = await ops.http("operator").get("/ops", headers=HTMX)
    assert "<html" not in answer.text
    assert 'id="services"' in answer.text


async def test_who_answers_and_what_was_lost(ops: ConsoleDesk) -> None:
    """By the budget, and while a model rests after failures; spans that never arrived are counted."""
    status = BudgetStatus(
        stage="warning", tier="cheaper", month_usd=9.0, month_share=0.9, day_usd=1.0, day_share=None,
        unpriced_tokens=0, read_at=1.0, stale=True,
    )  # fmt: skip
    furnish(
        ops,
        budget=lambda: status,
        resting=lambda: {"first": 12.4},
        losses=lambda: Losses(failed=3, overflowed=4),
    )
    page = (await ops.http("operator").get("/ops", headers=PAGE)).text
    assert '<a href="/ops/dead-letters">0</a>' in page
    assert "warning is passed" in page
    assert "the ledger cannot be read" in page
    assert "first failed and rests for 12 s" in page
    assert '<dd class="late">7</dd>' in page


async def test_a_bus_that_is_down_is_told(ops: ConsoleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts are shown all the same, and no number is made up."""

    async def down(_: object) -> None:
        raise BusDown("NATS does not answer; is nats-server up?")

    monkeypatch.setattr(MemoryBus, "load", down)
    furnish(ops, looks=Looks(ops.desk.bus, {"store": Part().ping}))
    answer = await ops.http("operator").get("/ops", headers=PAGE)
    assert answer.status_code == 200
    assert "is nats-server up?" in answer.text
    assert '<th scope="row">store</th>' in answer.text
    assert "Waiting</dt>" not in answer.text
    assert (await ops.http("operator").get("/ops")).json()["load"] is None


async def test_one_look_serves_all_who_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty screens ask the bus once, and once more when the look is old; parts are asked less often."""
    bus, part = MemoryBus(), Part()
    loads = 0
    load = bus.load

    async def counted() -> Load:
        nonlocal loads
        loads += 1
        return await load()

    monkeypatch.setattr(bus, "load", counted)
    looks = Looks(bus, {"vault": part.ping})
    seen = await asyncio.gather(*(looks.now() for _ in range(50)))
    assert (loads, part.asked, len({id(each) for each in seen})) == (1, 1, 1)
    monkeypatch.setattr(looking, "FRESH_SECONDS", 0.0)
    looks._until = 0.0
    await looks.now()
    assert (loads, part.asked) == (2, 1)


async def test_a_part_that_hangs_or_breaks_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it longer than it may take."""
    monkeypatch.setattr(looking, "PING_SECONDS", 0.01)
    bus = MemoryBus()
    await bus.submit(accepted())
    parts = {"vault": Part(TimeoutError()).ping, "audit": Part(RuntimeError("Robert")).ping}
    look = await Looks(bus, parts).now()
    assert look.parts[0].said == "RuntimeError: it cannot be asked"
    assert look.parts[1].said.startswith("no answer within")
    assert look.load is not None


def test_how_a_service_stands() -> None:
    """All of its queues are taken, some, or none; what is asked for with both hands full counts as taken."""
    idle, busy = consumer("a", "critic", waiting=0), consumer("b", "critic", waiting=0, ack_pending=3)
    stuck = consumer("c", "critic", waiting=0, ack_pending=3, idle=90.0, pending=7)
    assert Standing("critic", (consumer("d", "critic"), busy)).state == "taking"
    assert Standing("critic", (idle, busy)).state == "partly"
    found = Standing("critic", (idle, stuck))
    assert (found.state, found.pending, found.in_hand, found.idle) == ("nobody", 7, 3, 1.0)
    load = Load(
        at=1.0,
        streams=(),
        consumers=(busy, consumer("x", "actions"), idle, consumer("y", "")),
        dead_letters=0,
    )
    assert [(each.service, len(each.consumers)) for each in standings(load)] == [
        ("actions", 1),
        ("critic", 2),
    ]
