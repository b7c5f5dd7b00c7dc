"""What the spend page shows, worked out from lines of the ledger; nothing here asks a store."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from shared.ports.spending import Spend, SpendLine
from shared.spending import Prices, on_model

_CENT = Decimal("0.01")
_SMALLEST = Decimal("0.0001")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula ("CSV Injection", OWASP)."""
COLUMNS = (
    "day", "agent", "tier", "engine", "model", "calls", "input_tokens", "cached_tokens", "output_tokens",
    "unpriced_tokens", "estimated_tokens", "usd",
)  # fmt: skip


class PriceList(Prices, Protocol):
    """A price table that can be read out."""

    def models(self) -> Sequence[str]:
        """The names that are listed."""
        ...


@dataclass(frozen=True)
class Day:
    """What one day took; `whole` is False for today."""

    day: date
    spend: Spend
    whole: bool


@dataclass(frozen=True)
class Other:
    """What the same tokens would have cost at another model; `times` is that by what they did cost."""

    model: str
    usd: Decimal
    times: float | None


def by_day(lines: Iterable[SpendLine], since: date, today: date) -> list[Day]:
    """Every day of the window, oldest first; days on which nothing was taken too."""
    kept = list(lines)
    days = [since + timedelta(days=n) for n in range((today - since).days + 1)]
    return [Day(day, Spend([line for line in kept if line.day == day]), day != today) for day in days]


def parted(lines: Iterable[SpendLine], part: Callable[[SpendLine], str]) -> list[tuple[str, Spend]]:
    """The lines by a part of theirs, the dearest first."""
    found: dict[str, list[SpendLine]] = {}
    for line in lines:
        found.setdefault(part(line), []).append(line)
    spent = [(name, Spend(several)) for name, several in found.items()]
    return sorted(spent, key=lambda each: (-each[1].nano_usd, -each[1].tokens, each[0]))


def elsewhere(lines: Sequence[SpendLine], prices: PriceList) -> list[Other]:
    """The same tokens at each model that writes, the cheapest first. An estimate (`spending.on_model`)."""
    paid = Spend(lines).usd
    writing = [
        name for name in prices.models() if prices.cost([name], asked=0, cached=0, answered=1_000_000) > 0
    ]
    costs = [(name, on_model(lines, name, prices)) for name in writing]
    return [
        Other(name, usd, float(usd / paid) if paid else None)
        for name, usd in sorted(costs, key=lambda each: (each[1], each[0]))
    ]


def csv_file(lines: Iterable[SpendLine]) -> bytes:
    """The lines as RFC 4180 has them, with a header; money in USD to the nano-dollar."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for line in lines:
        cells = [getattr(line, name) for name in COLUMNS[:-1]]
        rows.writerow([*map(_cell, cells), f"{line.usd:.9f}"])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def how(spend: Spend) -> str:
    """Whether what was spent is exact: `exact`, or `estimated` for so many of its tokens."""
    if not spend.estimated_tokens:
        return "exact"
    return f"{spend.estimated_tokens:,} of {spend.tokens:,} tokens and their price estimated, the rest exact"


def usd(amount: Decimal | float) -> str:
    """Dollars as people read them: `$1,204.50`, `$0.0042`; what is not nothing is never shown as nothing."""
    exact = Decimal(amount)
    if not exact:
        return "$0.00"
    if abs(exact) >= 1:
        return f"${exact.quantize(_CENT):,}"
    return f"${exact.quantize(_SMALLEST)}" if abs(exact) >= _SMALLEST else "under $0.0001"
