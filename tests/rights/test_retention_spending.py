"""What turns took at model services is kept for its time, and no longer than its ledger is away."""

import pytest

from launch.retaining import Retaining
from shared.errors import StoreDown
from shared.spending import day_of
from shared.wiring import Services
from tests.rights.test_retention import DAY, NOW, at, job, ran, services, talked
from tests.spending.conftest import usage

__all__ = ["job", "services"]


async def test_what_turns_took(services: Services, job: Retaining) -> None:
    """Which turn took what goes; the sums of the days are nobody's, and stay."""
    ledger = await services.spending()
    for name in ("t-1", "t-2", "t-3"):
        await ledger.record(name, conversation_id="c-1", at=NOW, usages=[usage(1.0)])
    for moment, expected in ((35 * DAY, 0), (35 * DAY + 1, 3)):
        at(services, NOW + moment)
        assert (await ran(job)).get("spending", 0) == expected
    assert (await ledger.of_conversation("c-1")).calls == 0
    assert (await ledger.of_day(day_of(NOW))).usd == 3


async def test_a_ledger_that_is_away_holds_nothing_else_up(
    services: Services, job: Retaining, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers' conversations go on their day; what turns took goes when the ledger is back."""
    await talked(services, "t-1", at=NOW)
    ledger = await services.spending()
    await ledger.record("t-1", conversation_id="c-1", at=NOW, usages=[usage(1.0)])
    at(services, NOW + 400 * DAY)

    async def away(*_: object, **__: object) -> int:
        raise StoreDown("spending.db: it is damaged")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "count", away)
        patch.setattr(ledger, "expire", away)
        removed = await ran(job)
    assert (removed["conversations"], removed.get("spending")) == (1, None)
    assert (await ran(job))["spending"] == 1
