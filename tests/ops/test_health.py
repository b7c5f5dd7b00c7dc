"""The health page: who takes what comes, what waits, which parts answer; one look serves all who watch."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.ops import looking
from gateway.ops.looking import Looks
from gateway.ops.standing import Standing, standings
from gateway.ops.tracing import Shown
from gateway.ops.tracing import told as reason
from shared.adapters.memory.bus import MemoryBus
from shared.agent import Agent
from shared.budget import BudgetStatus
from shared.contracts import SCREEN, TracesSent
from shared.errors import BusDown, VaultDown
from shared.ports import ConsumerLoad, Load
from shared.telemetry.taking import UNREACHABLE, Health
from shared.telemetry.taking import Standing as ServiceStanding
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
        await bus.ask(SCREEN, screen(), timeout=20)
    late = asyncio.create_task(bus.ask(SCREEN, screen(step="b"), timeout=20))
    await asyncio.sleep(0)
    async with bus.work(answer_all, finished=nothing):
        page = (await ops.http("operator").get("/ops", headers=PAGE)).text
        told = (await ops.http("operator").get("/ops")).json()
    late.cancel()
    assert 'data-label="Taken"><span class="tag late">nobody</span>' in row(page, "service-critic")
    assert 'data-label="Taken"><span class="tag">yes</span>' in row(page, "service-conversation")
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


async def test_who_answers(ops: ConsoleDesk) -> None:
    """By the budget, and while a model rests after failures."""
    status = BudgetStatus(
        stage="warning", tier="cheaper", month_usd=9.0, month_share=0.9, day_usd=1.0, day_share=None,
        unpriced_tokens=0, read_at=1.0, stale=True,
    )  # fmt: skip
    furnish(ops, budget=lambda: status, resting=lambda: {"first": 12.4})
    page = (await ops.http("operator").get("/ops", headers=PAGE)).text
    assert '<a href="/ops/dead-letters">0</a>' in page
    assert "warning is passed" in page
    assert "model spend is not counted" in page
    assert "first failed and rests for 12 s" in page


async def test_spend_that_is_not_counted(ops: ConsoleDesk) -> None:
    """Since when, why, what helps, and what happens to customers meanwhile; on both pages."""
    status = BudgetStatus(
        stage="unknown", tier="embedded", month_usd=0.0, month_share=0.0, day_usd=0.0, day_share=None,
        unpriced_tokens=0, read_at=0.0, stale=True, uncounted_since=1_795_000_000.0,
        trouble="spending.db: file is not a database; it is <b>damaged</b>: restore a copy",
    )  # fmt: skip
    remote = ops.desk.settings.model_copy(update={"model_url": "https://models.example.com"})
    for settings, says in (
        (ops.desk.settings, "nothing is missed"),
        (remote, "as if the budget were used up"),
    ):
        furnish(ops, budget=lambda: status)
        object.__setattr__(ops.desk, "settings", settings)
        for page in ("/ops", "/ops/spend"):
            text = (await ops.http("operator").get(page, headers=PAGE)).text
            assert "Model spend is not counted; this process saw it first" in text
            assert "it is &lt;b&gt;damaged&lt;/b&gt;: restore a copy" in text
            assert says in text
    assert (
        "how much of the budget is left is not known"
        in (await ops.http("operator").get("/ops", headers=HTMX)).text
    )


def sent(service: str, **more: Any) -> TracesSent:
    """What a process tells of its traces now."""
    given = {"service": service, "run": "a1", "at": time.time(), "kind": "embedded", **more}
    return TracesSent(**given)


async def test_how_traces_are_taken(ops: ConsoleDesk) -> None:
    """By each process, with the reason of each loss and what may help; no address is told."""
    now = time.time()
    processes = (
        sent("answerdesk-gateway", up=True, since=now - 60, accepted_at=now - 3, accepted=12, sent=4012),
        sent(
            "answerdesk-intent",
            up=False,
            since=now - 60,
            why="402",
            waiting=9,
            lost={"402": 3, "full": 4, "late": 2},
        ),
        sent("answerdesk-critic", at=now - 90, up=True, since=now - 900, waiting=500),
        sent("answerdesk-<b>", lost={}),
    )
    health = Health(kind="application insights", processes=processes)
    furnish(ops, tracing=lambda: health)
    page = (await ops.http("operator").get("/ops", headers=PAGE)).text
    told = (await ops.http("operator").get("/ops")).json()["traces"]
    assert "They go to Application Insights." in page
    assert '<span class="bad">not taken now</span>, 9 wait' in page
    assert '<dd class="late">7</dd>' in page
    assert row(page, "traces-gateway-a1").startswith(
        '<th scope="row">gateway</th> <td data-label="Taken"><span class="tag">yes'
    )
    assert '12 spans</td> <td data-label="Sent" class="number">4,012</td>' in row(page, "traces-gateway-a1")
    assert '<span class="tag late">no</span> for 1 min' in row(page, "traces-intent-a1")
    assert "2 more were flagged too late" in page
    assert "4 more than may be held, 3 the daily cap is used up (402), 2 let go before" in row(
        page, "traces-intent-a1"
    )
    assert "silent</span> for 1 min 3" in row(page, "traces-critic-a1")
    assert "nothing was sent yet" in page
    assert "&lt;b&gt;" in page
    assert "raise the daily cap of the resource" in page
    assert [each["lost"] for each in told["processes"]][1] == {"402": 3, "full": 4, "late": 2}


def row(page: str, name: str) -> str:
    """The cells of a row, on one line."""
    return " ".join(page.partition(f'<tr id="{name}">')[2].partition("</tr>")[0].split())


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (ServiceStanding(since=1.0), "starting</span>"),
        (ServiceStanding(up=True, since=1.0), "up</span>"),
        (ServiceStanding(up=False, since=1.0, restarts=2, said="Killed <i>"), "down</span>"),
    ],
)
async def test_the_service_of_our_own(ops: ConsoleDesk, standing: ServiceStanding, says: str) -> None:
    """It starts, is up, or is started again; how much its file holds."""
    health = Health(kind="embedded", standing=standing, held=12_500_000, days=7)
    furnish(ops, tracing=lambda: health)
    page = (await ops.http("operator").get("/ops", headers=HTMX)).text
    assert "They go to the embedded service on this machine" in page
    assert says in page
    assert ("not taken now" in page) == (standing.up is False)
    assert "Its file holds 12.5 MB (exact) and keeps 7 days" in page
    assert ("started again 2 times" in page, "Killed &lt;i&gt;" in page) == (bool(standing.restarts),) * 2


async def test_traces_that_are_off(ops: ConsoleDesk) -> None:
    """Nothing is counted, and the page says what that means."""
    page = (await ops.http("operator").get("/ops", headers=HTMX)).text
    assert "TRACES_URL=off" in page
    assert "Spans lost" not in page


def test_a_collector_has_no_roles_of_azure() -> None:
    """What may help is told of what takes traces here."""
    refused = [sent("answerdesk-intent", up=False, why=each) for each in ("403", UNREACHABLE)]
    shown = Shown(Health(kind="otlp", processes=refused), at=time.time())
    assert shown.remedies == ["nobody answered: check TRACES_URL and that the service runs"]


def test_every_reason_has_words() -> None:
    """A status that nobody thought of too."""
    assert [reason(each) for each in (UNREACHABLE, "402", "418", "new")] == [
        "nobody answered", "the daily cap is used up (402)", "its answer was 418", "new",
    ]  # fmt: skip


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
