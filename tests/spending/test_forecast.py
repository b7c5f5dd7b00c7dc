"""When the month's budget is reached, and what another model would have cost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.adapters.openai.prices import load_prices
from shared.ports.spending import NANO, SpendLine
from shared.spending import forecast, lines_of, on_model
from tests.spending.conftest import usage

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


def line(day: date, usd: float, *, hour: int = 0) -> SpendLine:
    first = datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()
    return SpendLine(
        day=day,
        agent="response",
        tier="main",
        engine="openai",
        model="gpt-5",
        first_at=first,
        calls=1,
        nano_usd=round(usd * NANO),
    )


def days(usd: float, count: int) -> list[SpendLine]:
    """The same on each of the days before today, half of it today until noon."""
    past = [line(NOON.date() - timedelta(days=n), usd) for n in range(count, 0, -1)]
    return [*past, line(NOON.date(), usd / 2)]


def test_an_even_rate_reaches_its_shares_when_it_must() -> None:
    """10 USD a day since the first: 165 by noon of the 17th, 249 a little over eight days later."""
    found = forecast(days(10, 16), budget_usd=300, now=NOON)
    assert [found.so_far, found.per_day, found.month] == [165, 10, 300]
    warn, stop = found.reached
    assert (warn.state, warn.at) == ("this_month", NOON + timedelta(days=8.4))
    assert (stop.state, stop.at) == ("this_month", NOON + timedelta(days=11.4))


def test_what_is_past_is_reached_and_what_comes_too_late_is_not() -> None:
    assert [r.state for r in forecast(days(10, 16), budget_usd=180, now=NOON).reached] == [
        "reached",
        "this_month",
    ]
    assert [r.state for r in forecast(days(10, 16), budget_usd=360, now=NOON).reached] == [
        "this_month",
        "not_this_month",
    ]
    assert [r.state for r in forecast(days(10, 16), budget_usd=0, now=NOON).reached] == ["not_this_month"] * 2


def test_only_the_last_week_says_how_it_goes_on() -> None:
    """A dear start of the month counts as spent, not as the rate."""
    dear = [line(date(2026, 11, 1), 100.0), *days(1, 7)]
    found = forecast(dear, budget_usd=200, now=NOON)
    assert found.per_day == 1
    assert [r.state for r in found.reached] == ["not_this_month"] * 2


def test_a_shop_that_began_this_morning_is_told_from_its_first_call_on() -> None:
    """Four hours are too few to say anything, seven are enough."""
    young = [line(NOON.date(), 7.0, hour=5)]
    assert forecast(young, budget_usd=300, now=NOON).per_day == 24
    found = forecast(young, budget_usd=300, now=NOON - timedelta(hours=3))
    assert (found.per_day, found.month) == (None, None)
    assert [r.state for r in found.reached] == ["unknown"] * 2
    assert [r.state for r in forecast([], budget_usd=300, now=NOON).reached] == ["unknown"] * 2


def test_last_months_spend_is_a_rate_and_no_sum() -> None:
    first = datetime(2026, 12, 1, 12, tzinfo=UTC)
    past = [line(date(2026, 11, 30) - timedelta(days=n), 10.0) for n in range(10)]
    found = forecast([*past, line(first.date(), 5.0)], budget_usd=100, now=first)
    assert [found.so_far, found.per_day] == [5, 10]


def test_another_model_is_priced_by_the_table() -> None:
    """1,000 tokens read, 400 of them cached, 100 written; vectors stay what they were."""
    lines = lines_of([usage(9.0), usage(0.5, agent="embedding")], NOON.timestamp())
    expected = Decimal("0.000600") * 2 + Decimal("0.000400") / 2 + Decimal("0.000100") * 8
    assert on_model(lines, "gpt-4.1", load_prices()) == Decimal("0.5") + expected
    with pytest.raises(KeyError, match="no-such"):
        on_model(lines, "no-such", load_prices())
