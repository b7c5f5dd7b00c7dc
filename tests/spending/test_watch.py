"""What a process knows of the budget: its own calls at once, the others' when the ledger does."""

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.adapters.memory.spending import MemorySpending
from shared.budget import READ_SECONDS, Allowance, BudgetWatch, kept_read
from shared.budget import watch as watch_room
from shared.contracts import Spent, Usage
from shared.errors import SettingsError, StoreDown
from shared.ports.spending import NANO, Spend
from shared.settings import read_settings
from shared.spending import day_of
from tests.bus.sample import until
from tests.clock import Clock
from tests.spending.conftest import usage

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
HUNDRED = Allowance(month=100 * NANO)


class Ledger(MemorySpending):
    """One that can be away."""

    away = False

    async def of_month(self, day: date) -> Spend:
        if self.away:
            raise StoreDown("the disk is full")
        return await super().of_month(day)


class Process:
    """A process that calls models, with the watch it asks before."""

    def __init__(self, ledger: MemorySpending, clock: Clock, allowance: Allowance = HUNDRED) -> None:
        self.heard: list[str] = []
        self.clock, self.ledger, self.calls = clock, ledger, 0
        self.watch = BudgetWatch(ledger, allowance, now=clock.now, on_stage=self.heard.append)
        self.running: list[tuple[float, str, Usage]] = []

    def call(self, usd: float, *, seconds: float = 0.0) -> bool:
        """A call of the main model for a turn that ends in so many seconds, if the budget allows it."""
        if self.watch.tier() != "main":
            return False
        self.calls += 1
        paid, turn = usage(usd), f"t-{id(self)}-{self.calls}"
        self.watch.took(turn, [paid])
        self.running.append((self.clock.now() + seconds, turn, paid))
        return True

    async def end_turns(self) -> None:
        """The analytics agent hears of those that have ended."""
        due = [each for each in self.running if each[0] <= self.clock.now()]
        for each in due:
            self.running.remove(each)
            _, turn, paid = each
            await self.ledger.record(turn, conversation_id="c-1", at=self.clock.now(), usages=[paid])


async def spent(ledger: MemorySpending, usd: float, at: float = NOON) -> None:
    await ledger.record(f"before-{usd}-{at}", conversation_id="c-0", at=at, usages=[usage(usd)])


async def watching(usd: float, allowance: Allowance = HUNDRED) -> tuple[BudgetWatch, Ledger, Clock]:
    """A watch that has read this much in the ledger."""
    ledger, clock = Ledger(), Clock(NOON)
    if usd:
        await spent(ledger, usd)
    watch = BudgetWatch(ledger, allowance, now=clock.now)
    await watch.read()
    return watch, ledger, clock


@pytest.mark.parametrize(
    ("usd", "stage", "tier"),
    [(0.0, "within", "main"), (82.99, "within", "main"), (83.0, "warning", "cheaper"),
     (92.99, "warning", "cheaper"), (93.0, "limit", "embedded"), (250.0, "limit", "embedded")],
)  # fmt: skip
async def test_thresholds(usd: float, stage: str, tier: str) -> None:
    """At 83 % of the month the cheaper tier, at 93 % the engines without a model."""
    watch, _, _ = await watching(usd)
    found = watch.status()
    assert (found.stage, found.tier, found.month_usd, found.month_share) == (stage, tier, usd, usd / 100)


async def test_what_happens_then_is_a_setting() -> None:
    """And the day has a budget of its own; whichever is further decides."""
    settings = read_settings(
        model_budget_usd_month=1000, model_budget_usd_day=10, budget_at_warning="warn",
        budget_at_limit="cheaper", budget_warning_share=0.5, budget_limit_share=0.9,
    )  # fmt: skip
    for usd, stage, tier in ((4.9, "within", "main"), (5.0, "warning", "main"), (9.0, "limit", "cheaper")):
        watch, _, _ = await watching(usd, Allowance.of(settings))
        assert (watch.status().stage, watch.tier()) == (stage, tier)
    with pytest.raises(SettingsError, match=r"BUDGET_WARNING_SHARE=0.95 is over BUDGET_LIMIT_SHARE=0.93"):
        Allowance.of(read_settings(budget_warning_share=0.95))


async def test_a_shop_without_a_budget_is_never_held() -> None:
    watch, _, _ = await watching(1e6, Allowance())
    assert (watch.status().stage, watch.tier(), watch.status().month_share) == ("none", "main", None)


async def test_a_conversation_has_a_budget_of_its_own() -> None:
    """One that is dear is answered without a model; the others go on."""
    watch, _, _ = await watching(0, Allowance(conversation=NANO))
    assert watch.tier(Spent(nano_usd=0)) == "main"
    assert watch.tier(Spent(nano_usd=NANO * 84 // 100)) == "cheaper"
    assert watch.tier(Spent(nano_usd=NANO)) == "embedded"
    assert watch.tier() == "main"


async def test_own_calls_count_at_once_and_never_twice() -> None:
    """Before the turn is recorded, and after."""
    watch, ledger, _ = await watching(80)
    watch.took("t-1", [usage(2.0)])
    watch.took("t-1", [usage(2.0)])
    assert (watch.tier(), watch.status().month_usd) == ("cheaper", 84)
    await watch.read()
    assert watch.status().month_usd == 84
    await ledger.record("t-1", conversation_id="c-1", at=NOON, usages=[usage(2.0), usage(2.0)])
    await watch.read()
    assert watch.status().month_usd == 84
    await watch.read()
    assert watch.status().month_usd == 84


async def test_a_turn_that_failed_was_paid_all_the_same() -> None:
    """No result tells of it: this process counts it on, to the end of the month."""
    watch, _, clock = await watching(80)
    watch.took("t-1", [usage(4.0)])
    for _ in range(2):
        clock.at += 86_401
        await watch.read()
        assert (watch.status().month_usd, watch.status().day_usd) == (84, 0)
    clock.at = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    await watch.read()
    assert watch.status().month_usd == 0


async def test_a_ledger_that_is_not_fed_costs_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest turns are forgotten, what they took is not."""
    monkeypatch.setattr(watch_room, "_MOST_OWN", 10)
    watch, _, _ = await watching(0)
    for n in range(100):
        watch.took(f"t-{n}", [usage(0.5)])
    await watch.read()
    assert watch.status().month_usd == 50
    assert len(watch._own) == 10


async def test_what_no_turn_tells_is_recorded_once() -> None:
    """Calls whose answer failed, and vectors: with the next look, or when the process ends."""
    watch, ledger, _ = await watching(0)
    watch.lost("c-1", [usage(1.0)])
    watch.lost("", [usage(2.0, agent="embedding")])
    watch.lost("c-1", [Usage(engine="embedded", model="templates")])
    assert watch.status().month_usd == 3
    for _ in range(2):
        await watch.read()
        assert watch.status().month_usd == 3
    assert (await ledger.of_conversation("c-1")).usd == 1
    async with kept_read(watch, every=1000):
        watch.lost("c-1", [usage(4.0)])
    assert (await ledger.of_day(day_of(NOON))).usd == 7


async def test_what_is_dropped_while_it_is_told_was_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The look goes on, and says of no call that it is in no ledger."""
    monkeypatch.setattr(watch_room, "_MOST_UNTOLD", 1)
    watch, ledger, _ = await watching(0)
    told = ledger.record

    async def record(name: str, **what: Any) -> bool:
        if not await ledger.recorded(["t-2"]):
            await told("t-2", conversation_id="", at=NOON, usages=[usage(1.0)])
            watch.lost("c-1", [usage(2.0)])
        return await told(name, **what)

    monkeypatch.setattr(ledger, "record", record)
    watch.lost("c-1", [usage(4.0)])
    await watch.read()
    await watch.read()
    assert (await ledger.of_conversation("c-1")).usd == 6
    assert "in no ledger" not in caplog.text


async def test_a_new_month_begins_at_zero_without_being_read() -> None:
    """In UTC; what a process took in the last minutes of the old one is not the new one's."""
    watch, _, clock = await watching(90)
    clock.at = datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC).timestamp()
    watch.took("t-1", [usage(5.0)])
    assert watch.tier() == "embedded"
    clock.at += 10
    assert (watch.tier(), watch.status().month_usd) == ("main", 0)
    await watch.read()
    assert (watch.tier(), watch.status().month_usd, watch.status().day_usd) == ("main", 0, 0)


async def test_what_replays_took_is_no_budget_of_customers() -> None:
    """It has a bound of its own."""
    watch, ledger, _ = await watching(10)
    await ledger.record("r-1", conversation_id="", at=NOON, usages=[usage(200.0, tier="replay")])
    await watch.read()
    assert (watch.tier(), watch.status().month_usd) == ("main", 10)


async def test_a_fault_of_ours_does_not_end_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    """The next look is taken all the same."""

    class Broken(Ledger):
        looks = 0

        async def of_month(self, day: date) -> Spend:
            self.looks += 1
            if self.looks == 2:
                raise ZeroDivisionError
            return await super().of_month(day)

    ledger = Broken()
    async with kept_read(BudgetWatch(ledger, HUNDRED, now=Clock(NOON).now), every=0.001):
        await until(lambda: ledger.looks > 3)
    assert "the look at the spend ledger broke" in caplog.text


async def test_each_threshold_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """In the log, and to who listens."""
    process = Process(Ledger(), Clock(NOON))
    with caplog.at_level(logging.INFO):
        for usd in (82.0, 2.0, 1.0, 9.0, 1.0):
            await spent(process.ledger, usd)
            await process.watch.read()
    assert process.heard == ["within", "warning", "limit"]
    told = [record.__dict__["fields"] for record in caplog.records if record.name == "answerdesk.budget"]
    assert [(each["stage"], each["answers"], each["month_usd"]) for each in told] == [
        ("warning", "cheaper", 84.0),
        ("limit", "embedded", 94.0),
    ]


@pytest.mark.parametrize("processes", [1, 4])
async def test_several_processes_overshoot_no_more_than_is_documented(processes: int) -> None:
    """docs/costs.md: what the others take in READ_SECONDS and a turn's time, and one call of each."""
    ledger, clock, turn, price = MemorySpending(), Clock(NOON), 3.0, 0.01
    await spent(ledger, 80.0)
    all_of_them = [Process(ledger, clock) for _ in range(processes)]
    for second in range(400):
        for n, process in enumerate(all_of_them):
            process.call(price, seconds=turn)
            await process.end_turns()
            if (second + n) % READ_SECONDS == 0:
                await process.watch.read()
        clock.at += 1
    rate = price * processes  # USD a second, of all together
    bound = rate * (processes - 1) / processes * (READ_SECONDS + turn) + price * processes
    over = (await ledger.of_month(day_of(NOON))).nano_usd / NANO - 83.0
    assert 0 <= over <= bound + 1e-9
    assert all(process.watch.tier() == "cheaper" for process in all_of_them)
