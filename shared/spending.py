"""Sums, forecasts and comparisons of what model services took; nothing here asks a store."""

import calendar
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from shared.contracts import Usage
from shared.ports.spending import NANO, SpendLine

_WINDOW_DAYS = 7
LEAST_HOURS = 6.0
"""A forecast from less than this says more about the hour of the day than about the month."""
EMBEDDING = "embedding"
"""The agent of calls that make vectors: no chat model could take their place."""
_Key = tuple[date, str, str, str, str]


class Prices(Protocol):
    """A price table."""

    def cost(self, names: Sequence[str], *, asked: int, cached: int, answered: int) -> float:
        """USD for these tokens at the first of `names` that is listed."""
        ...

    def knows(self, names: Sequence[str]) -> bool:
        """Whether one of `names` is listed."""
        ...


def day_of(at: float) -> date:
    """The day in UTC of seconds since 1970."""
    return datetime.fromtimestamp(at, UTC).date()


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def nanos(usd: float) -> int:
    """Whole nano-dollars of a price in dollars: sums of whole numbers do not drift."""
    return round(usd * NANO)


def billed(usages: Iterable[Usage]) -> list[Usage]:
    """Those of model services; a call that failed and took nothing counts as a call."""
    return [usage for usage in usages if usage.tier or usage.cost_usd or usage.unpriced_tokens]


def lines_of(usages: Iterable[Usage], at: float) -> list[SpendLine]:
    """What model services took at a time, one line for each agent, tier and model."""
    day = day_of(at)
    return merged(
        SpendLine(
            day=day,
            agent=usage.agent,
            tier=usage.tier,
            engine=usage.engine,
            model=usage.model,
            first_at=at,
            calls=1,
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
            unpriced_tokens=usage.unpriced_tokens,
            nano_usd=nanos(usage.cost_usd),
            estimated_tokens=usage.estimated_tokens,
        )
        for usage in billed(usages)
    )


def key_of(line: SpendLine) -> _Key:
    """What a line is the sum of."""
    return line.day, line.agent, line.tier, line.engine, line.model


def plus(one: SpendLine, other: SpendLine) -> SpendLine:
    """Two lines of the same key as one."""
    return replace(
        one,
        first_at=min(one.first_at, other.first_at),
        calls=one.calls + other.calls,
        input_tokens=one.input_tokens + other.input_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        unpriced_tokens=one.unpriced_tokens + other.unpriced_tokens,
        nano_usd=one.nano_usd + other.nano_usd,
        estimated_tokens=one.estimated_tokens + other.estimated_tokens,
    )


def merged(lines: Iterable[SpendLine]) -> list[SpendLine]:
    """One line for each key, in order."""
    found: dict[_Key, SpendLine] = {}
    for line in lines:
        key = key_of(line)
        found[key] = plus(found[key], line) if key in found else line
    return [found[key] for key in sorted(found)]


@dataclass(frozen=True)
class Reached:
    """When a share of the month's budget is reached. `at` is set for `this_month` alone."""

    share: float
    state: Literal["reached", "this_month", "not_this_month", "unknown"]
    at: datetime | None = None


@dataclass(frozen=True)
class Forecast:
    """What the month comes to if it goes on like this; None where too little is known. Money in USD."""

    so_far: Decimal
    per_day: Decimal | None
    month: Decimal | None
    reached: tuple[Reached, ...]


def forecast(
    lines: Sequence[SpendLine], *, budget_usd: float, now: datetime, shares: Collection[float] = (0.83, 0.93)
) -> Forecast:
    """When the shares of the month's budget are reached, at the mean rate of the last days.

    `lines` reach back to the first of the month and at least seven days (`Spending.days`). The rate is what
    was taken in the last seven whole days and the hours of today so far, by the hours in that; where the
    first call is younger, from that call on. Under six hours of data nothing is foretold. A budget of 0 is
    none, and never reached. `now` knows its zone.
    """
    now = now.astimezone(UTC)
    today = now.date()
    month = sum(line.nano_usd for line in lines if first_of_month(today) <= line.day <= today)
    begin = datetime.combine(today - timedelta(days=_WINDOW_DAYS), datetime.min.time(), UTC)
    recent = [line for line in lines if begin.date() <= line.day <= today]
    older = any(line.day < begin.date() for line in lines)
    first = min((line.first_at for line in recent), default=now.timestamp())
    start = begin.timestamp() if older else max(begin.timestamp(), first)
    hours = (now.timestamp() - start) / 3600
    known = hours >= LEAST_HOURS
    per_hour = sum(line.nano_usd for line in recent) / hours if known else 0.0
    end = datetime.combine(last_of_month(today) + timedelta(days=1), datetime.min.time(), UTC)
    left = (end - now).total_seconds() / 3600
    return Forecast(
        so_far=Decimal(month) / NANO,
        per_day=Decimal(round(per_hour * 24)) / NANO if known else None,
        month=Decimal(month + round(per_hour * left)) / NANO if known else None,
        reached=tuple(
            _reached(share, month, budget_usd, per_hour if known else None, now, end) for share in shares
        ),
    )


def _reached(
    share: float, month: int, budget_usd: float, per_hour: float | None, now: datetime, end: datetime
) -> Reached:
    wanted = nanos(budget_usd * share)
    if wanted and month >= wanted:
        return Reached(share, "reached")
    if not wanted:
        return Reached(share, "not_this_month")
    if per_hour is None:
        return Reached(share, "unknown")
    hours = (wanted - month) / per_hour if per_hour else float("inf")
    if hours >= (end - now).total_seconds() / 3600:
        return Reached(share, "not_this_month")
    return Reached(share, "this_month", now + timedelta(hours=hours))


def on_model(lines: Iterable[SpendLine], model: str, prices: Prices) -> Decimal:
    """USD that the same tokens would have cost at another model; vectors stay what they cost.

    An estimate: another model writes more or fewer tokens, and has cached others. KeyError when `model` is
    not in the price table.
    """
    if not prices.knows([model]):
        raise KeyError(model)
    total = 0
    for line in lines:
        if line.agent == EMBEDDING:
            total += line.nano_usd
            continue
        total += nanos(
            prices.cost(
                [model], asked=line.input_tokens, cached=line.cached_tokens, answered=line.output_tokens
            )
        )
    return Decimal(total) / NANO
