"""What budgets go by while the ledger cannot be read or written."""

import pytest

from shared.budget import Allowance, BudgetWatch, kept_read
from shared.budget import watch as watch_room
from shared.contracts import Spent
from shared.errors import StoreDown
from shared.ports.spending import NANO
from tests.spending.conftest import usage
from tests.spending.test_watch import HUNDRED, NOON, watching


async def test_what_was_known_is_good_for_an_hour() -> None:
    """Then nobody knows what the other processes took meanwhile, and a budget is one whatever is broken."""
    watch, ledger, clock = await watching(10)
    ledger.away = True
    await watch.read()
    clock.at += watch_room.BLIND_SECONDS - 1
    await watch.read()
    assert (watch.tier(), watch.status().uncounted_since) == ("main", NOON)
    clock.at += 1
    assert (watch.tier(), watch.status().stage) == ("embedded", "unknown")
    assert watch.tier(Spent(nano_usd=0)) == "embedded"
    ledger.away = False
    await watch.read()
    assert (watch.tier(), watch.status().stage, watch.status().trouble) == ("main", "within", "")


async def test_a_full_disk_that_can_still_be_read_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums are read and nothing is counted: that is told with the remedy, until it is written again."""
    watch, ledger, clock = await watching(50)

    async def full() -> None:
        raise StoreDown("spending.db: database or disk is full; free disk space")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "ping", full)
        clock.at += 1
        await watch.read()
        assert not watch.status().stale, "it is not written at every look"
        clock.at += watch_room._WRITTEN_SECONDS
        watch.took("t-2", [usage(1.0)])
        await watch.read()
        found = watch.status()
        assert (found.stale, found.month_usd, found.read_at) == (True, 51, clock.at)
        assert found.trouble.endswith("free disk space")
    await watch.read()
    assert not watch.status().stale


async def test_a_ledger_that_is_away_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The last state stays, with what the process takes itself; said once, and once when it is back."""
    watch, ledger, _ = await watching(80)
    ledger.away = True
    watch.took("t-1", [usage(1.0)])
    for _ in range(3):
        await watch.read()
    assert (watch.tier(), watch.status().stale, watch.status().month_usd) == ("main", True, 81)
    watch.took("t-2", [usage(3.0)])
    assert watch.tier() == "cheaper"
    ledger.away = False
    await watch.read()
    await watch.read()
    assert not watch.status().stale
    told = [record.getMessage() for record in caplog.records if "counted" in record.getMessage()]
    assert ["is not counted" in each for each in told] == [True, False]


async def test_a_restart_knows_what_was_taken() -> None:
    """One while the ledger is away knows nothing: a budget that may be used up counts as used up."""
    _, ledger, clock = await watching(94)
    again = BudgetWatch(ledger, HUNDRED, now=clock.now)
    async with kept_read(again, every=1000):
        assert again.tier() == "embedded"
    ledger.away = True
    blind = BudgetWatch(ledger, HUNDRED, now=clock.now)
    await blind.read()
    assert (blind.tier(), blind.status().stage, blind.status().read_at) == ("embedded", "unknown", 0.0)
    assert blind.status().trouble == "the disk is full"
    for allowance, tier in ((Allowance(), "main"), (Allowance(day=NANO, at_limit="main"), "main")):
        free = BudgetWatch(ledger, allowance, now=clock.now)
        await free.read()
        assert free.tier() == tier, "without a budget, or where it says alone, nobody is held"
    ledger.away = False
    await blind.read()
    assert (blind.status().stage, blind.status().uncounted_since) == ("limit", 0.0)
