"""What a replay pays is bounded, told whole, and in the ledger as nobody's."""

import time

from launch.replaying.purse import Bill, Purse
from launch.replaying.report import Limits, over, totals
from launch.replaying.table import _paid
from shared.adapters.memory.spending import MemorySpending
from shared.contracts import Usage
from shared.errors import StoreDown
from shared.spending import day_of
from tests.spending.conftest import usage

LOCAL = Usage(engine="embedded", model="templates")


def test_it_stops_at_its_bound_and_where_no_bound_can_hold() -> None:
    """Money that is spent, or a model whose price nobody knows; without a bound nothing stops it."""
    purse, free = Purse(1.0), Purse(0.0)
    for each in (purse, free):
        each.took([usage(0.6), LOCAL])
        assert not each.spent_up()
        each.took([usage(0.4, agent="critic")])
    assert purse.spent_up() == "the replay's budget of $1 is spent"
    assert not free.spent_up()
    unpriced = Purse(1.0)
    unpriced.took([usage(0.0, model="new", unpriced_tokens=1100)])
    assert "without a price" in unpriced.spent_up()


async def test_it_is_in_the_ledger_once_and_as_a_replay() -> None:
    """However often it is told; what was not taken while the ledger was away comes with the next."""

    class Away(MemorySpending):
        away = True

        async def record(self, *names: str, **what: object) -> bool:
            if self.away:
                raise StoreDown("spending.db: no; free disk space")
            return await super().record(*names, **what)  # type: ignore[arg-type]

    ledger = Away()
    purse = Purse(5.0, ledger)
    purse.took([usage(0.5), usage(0.25, estimated_tokens=1100), LOCAL])
    await purse.tell()
    assert "not in the ledger: spending.db: no; free disk space" in _paid(purse.bill())
    ledger.away = False
    purse.took([usage(0.25)])
    await purse.tell()
    await purse.tell()
    day = await ledger.of_day(day_of(time.time()))
    assert (day.of_replays.usd, day.of_replays.calls, day.of_customers.calls) == (1, 3, 0)
    assert _paid(purse.bill()) == (
        "  paid      $1.000000 for 3 calls, 3,300 tokens (1,100 of them estimated); at most $5; in the ledger"
        " as replay"
    )


def test_without_a_model_service_nothing_is_paid() -> None:
    """Said, and no gate fails for it."""
    bill = Purse(5.0).bill()
    assert _paid(bill) == "  paid      nothing: no model service was asked"
    assert over(totals([]), Limits(), bill) == ()
    assert bill == Bill(most_usd=5.0)
