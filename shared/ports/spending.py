"""Where it is kept what model services took: by conversation, day and month, by model, agent and tier."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from shared.contracts import Usage

NANO = 1_000_000_000
"""Nano-dollars in a dollar. Money is whole nano-dollars: a call of an embedder costs less than a micro."""

REPLAY = "replay"
"""The tier of what `launch replay` asked models."""


@dataclass(frozen=True, kw_only=True)
class SpendLine:
    """What one agent took at one model in one day (UTC). `first_at` is when first, in seconds since 1970.

    `cached_tokens` are part of `input_tokens`; `unpriced_tokens` are in no price, so the money is too little.
    `estimated_tokens` were told by no service, so that they and their price are an estimate.
    """

    day: date
    agent: str
    tier: str
    engine: str
    model: str
    first_at: float
    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    unpriced_tokens: int = 0
    nano_usd: int = 0
    estimated_tokens: int = 0

    @property
    def usd(self) -> Decimal:
        """The money, to the nano-dollar."""
        return Decimal(self.nano_usd) / NANO


@dataclass(frozen=True)
class Spend:
    """Lines and their sums."""

    lines: Sequence[SpendLine] = field(default_factory=tuple)

    @property
    def calls(self) -> int:
        """Calls of model services, failed ones that were billed included."""
        return sum(line.calls for line in self.lines)

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return sum(line.input_tokens + line.output_tokens for line in self.lines)

    @property
    def unpriced_tokens(self) -> int:
        """Tokens that no price is known of."""
        return sum(line.unpriced_tokens for line in self.lines)

    @property
    def estimated_tokens(self) -> int:
        """Tokens that no service told, read and written."""
        return sum(line.estimated_tokens for line in self.lines)

    @property
    def nano_usd(self) -> int:
        """The money in whole nano-dollars."""
        return sum(line.nano_usd for line in self.lines)

    @property
    def usd(self) -> Decimal:
        """The money in dollars, to the nano-dollar."""
        return Decimal(self.nano_usd) / NANO

    @property
    def of_customers(self) -> "Spend":
        """What customers' turns took, and what they need: vectors, an index. Budgets go by it."""
        return Spend([line for line in self.lines if line.tier != REPLAY])

    @property
    def of_replays(self) -> "Spend":
        """What replays took, which are no customer's."""
        return Spend([line for line in self.lines if line.tier == REPLAY])


class Spending(Protocol):
    """The ledger. Days and months are those of UTC. Raises `StoreDown`.

    Sums of days hold nothing of a person and stay; rows by conversation are erased and expire.
    """

    async def record(self, turn_id: str, *, conversation_id: str, at: float, usages: Iterable[Usage]) -> bool:
        """Count what model services took in a turn, on the day of `at`; False when that turn is counted.

        Usages of local engines are left out; with none left nothing is kept. `conversation_id` is empty for
        what no conversation took (an index that is made): then `turn_id` is any name that is used once. Of a
        conversation that was erased after `at` the sums alone are kept.
        """
        ...

    async def recorded(self, turn_ids: Collection[str]) -> set[str]:
        """Those of these turns that are counted."""
        ...

    async def of_day(self, day: date) -> Spend:
        """What was taken on this day."""
        ...

    async def of_month(self, day: date) -> Spend:
        """What was taken in the month of this day, a line for each day, agent, tier and model."""
        ...

    async def days(self, since: date, until: date) -> Sequence[SpendLine]:
        """Day by day, both ends included, oldest first."""
        ...

    async def of_conversation(self, conversation_id: str) -> Spend:
        """What one conversation took, as long as that is kept."""
        ...

    async def erase(self, conversation_ids: Collection[str], *, at: float) -> int:
        """Forget whose turns these were; how many. Turns of before `at` that come later are nobody's, too."""
        ...

    async def count(self, before: float) -> int:
        """How many turns that are older than `before` are kept."""
        ...

    async def expire(self, before: float, *, limit: int) -> int:
        """Remove up to `limit` of them, the oldest first; how many. The sums of days stay."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when nothing can be written now: a full disk can be read."""
        ...
