"""Watches what model services take against a budget, and says which engines may answer.

Model calls are made in several processes. Each reads the ledger every few seconds in the background and adds
what it has taken itself and the ledger does not know yet, so that a call asks no store. What it cannot know
is what the other processes took since their last turns were recorded: that bounds how far all of them
together go beyond a threshold (docs/costs.md).
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from shared.contracts import Spent, Usage
from shared.errors import DeskError, SettingsError
from shared.ports.spending import NANO, Spending
from shared.settings import Settings
from shared.spending import billed, day_of, first_of_month, nanos

_LOG = logging.getLogger("answerdesk.budget")
Tier = Literal["main", "cheaper", "embedded"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Which engines answer, the dearest first."""
Stage = Literal["none", "within", "warning", "limit"]
"""How far a budget is used up: there is none, or less than the first threshold is, or one is passed."""
READ_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
_FORGET_SECONDS = 3600.0
"""A turn that is not in the ledger by then has failed: it will not be."""
_MOST_UNTOLD = 1000
_TIER_AT: dict[str, Tier] = {"warn": "main", "cheaper": "cheaper", "embedded": "embedded"}


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What may be taken, in nano-dollars (0 is no limit), and who answers from which share of it on."""

    month: int = 0
    day: int = 0
    conversation: int = 0
    warn_at: float = 0.83
    stop_at: float = 0.93
    at_warning: Tier = "cheaper"
    at_limit: Tier = "embedded"

    @classmethod
    def of(cls, settings: Settings) -> "Allowance":
        """As it is set. SettingsError when the warning would come after the limit."""
        if settings.budget_warning_share > settings.budget_limit_share:
            raise SettingsError(
                f"BUDGET_WARNING_SHARE={settings.budget_warning_share:g} is over "
                f"BUDGET_LIMIT_SHARE={settings.budget_limit_share:g}: warn first, e.g. at 0.83 and 0.93"
            )
        return cls(
            month=nanos(settings.model_budget_usd_month),
            day=nanos(settings.model_budget_usd_day),
            conversation=nanos(settings.model_budget_usd_conversation),
            warn_at=settings.budget_warning_share,
            stop_at=settings.budget_limit_share,
            at_warning=_TIER_AT[settings.budget_at_warning],
            at_limit=_TIER_AT[settings.budget_at_limit],
        )

    def stage(self, taken: int, budget: int) -> Stage:
        """How far `taken` is in this budget."""
        if not budget:
            return "none"
        if taken >= budget * self.stop_at:
            return "limit"
        return "warning" if taken >= budget * self.warn_at else "within"

    def tier(self, stage: Stage) -> Tier:
        """Who answers then."""
        return {"limit": self.at_limit, "warning": self.at_warning}.get(stage, "main")


@dataclass(frozen=True, kw_only=True)
class BudgetStatus:
    """What is known now. Money in USD; shares are None without a budget; times in seconds since 1970.

    `read_at` is when the ledger was last read (0 is never), `stale` that it cannot be read now.
    """

    stage: Stage
    tier: Tier
    month_usd: float
    month_share: float | None
    day_usd: float
    day_share: float | None
    unpriced_tokens: int
    read_at: float
    stale: bool


@dataclass(frozen=True)
class _Seen:
    """The ledger as it was read on a day."""

    day: date
    month_nano: int = 0
    day_nano: int = 0
    unpriced: int = 0


@dataclass(frozen=True)
class _Untold:
    """What no turn will tell: `name` is where it stands in the ledger."""

    name: str
    conversation_id: str
    at: float
    usages: Sequence[Usage]


class BudgetWatch:
    """One for each process. `now` gives seconds since 1970; `on_stage` hears of each change of stage."""

    def __init__(
        self,
        ledger: Spending,
        allowance: Allowance,
        *,
        now: Callable[[], float],
        on_stage: Callable[[Stage], None] = lambda _: None,
    ) -> None:
        self.allowance = allowance
        self._ledger = ledger
        self._now = now
        self._on_stage = on_stage
        self._seen = _Seen(day_of(now()))
        self._own: dict[str, tuple[float, int]] = {}
        self._untold: list[_Untold] = []
        self._dropped = 0
        self._read_at = 0.0
        self._stale = False
        self._told: Stage = "none"

    def took(self, turn_id: str, usages: Sequence[Usage]) -> None:
        """This process called models for a turn, which will tell the ledger of it when it has ended."""
        paid = sum(nanos(usage.cost_usd) for usage in usages)
        if paid:
            at, before = self._own.get(turn_id, (self._now(), 0))
            self._own[turn_id] = (at, before + paid)

    def lost(self, conversation_id: str, usages: Sequence[Usage]) -> None:
        """This process called models, and no turn will tell of it: an answer failed, or vectors were made."""
        kept = billed(usages)
        if not kept:
            return
        if len(self._untold) >= _MOST_UNTOLD:
            self._untold.pop(0)
            self._dropped += 1
        name = f"untold-{secrets.token_hex(12)}"
        self._untold.append(_Untold(name, conversation_id, self._now(), kept))
        self.took(name, kept)

    def tier(self, spent: Spent | None = None) -> Tier:
        """Who may answer now, in a conversation that has taken `spent`; asks nobody."""
        month, day = self._taken()
        allowed = self.allowance
        stages = [allowed.stage(month, allowed.month), allowed.stage(day, allowed.day)]
        self._tell(_furthest(stages))
        if spent is not None:
            stages.append(allowed.stage(spent.nano_usd, allowed.conversation))
        return max((allowed.tier(stage) for stage in stages), key=TIERS.index)

    def status(self) -> BudgetStatus:
        """What is known now."""
        month, day = self._taken()
        allowed = self.allowance
        stage = _furthest([allowed.stage(month, allowed.month), allowed.stage(day, allowed.day)])
        return BudgetStatus(
            stage=stage,
            tier=allowed.tier(stage),
            month_usd=month / NANO,
            month_share=month / allowed.month if allowed.month else None,
            day_usd=day / NANO,
            day_share=day / allowed.day if allowed.day else None,
            unpriced_tokens=self._seen.unpriced,
            read_at=self._read_at,
            stale=self._stale,
        )

    async def read(self) -> None:
        """Tell the ledger what no turn tells, then look what it says. Never raises: the last state stays."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._record()
                await self._look()
        except (DeskError, TimeoutError) as error:
            if not self._stale:
                known = "what was read last" if self._read_at else "0, for it was never read"
                _LOG.error(
                    "the spend ledger cannot be read: budgets go by %s, and what this process takes: %s",
                    known,
                    error or "no answer in time",
                )
            self._stale = True
        else:
            if self._stale:
                _LOG.warning("the spend ledger can be read again")
            self._stale, self._read_at = False, self._now()
        self.tier()

    async def _record(self) -> None:
        if self._dropped:
            _LOG.error("%d calls of models are in no ledger: it was away for too long", self._dropped)
            self._dropped = 0
        while self._untold:
            one = self._untold[0]
            await self._ledger.record(
                one.name, conversation_id=one.conversation_id, at=one.at, usages=one.usages
            )
            self._untold.remove(one)

    async def _look(self) -> None:
        # First which turns it knows, then the sums: one that is recorded in between counts twice for a
        # moment, and not never.
        recorded = await self._ledger.recorded(list(self._own)) if self._own else set()
        today = day_of(self._now())
        month = await self._ledger.of_month(today)
        self._seen = _Seen(
            today,
            month_nano=month.nano_usd,
            day_nano=sum(line.nano_usd for line in month.lines if line.day == today),
            unpriced=month.unpriced_tokens,
        )
        oldest = self._now() - _FORGET_SECONDS
        for name in [n for n, (at, _) in self._own.items() if n in recorded or at < oldest]:
            del self._own[name]

    def _taken(self) -> tuple[int, int]:
        """Of this month and this day, by the ledger and by this process since."""
        today, seen = day_of(self._now()), self._seen
        same_month = first_of_month(seen.day) == first_of_month(today)
        month = seen.month_nano if same_month else 0
        day = seen.day_nano if seen.day == today else 0
        for at, paid in self._own.values():
            when = day_of(at)
            month += paid if first_of_month(when) == first_of_month(today) else 0
            day += paid if when == today else 0
        return month, day

    def _tell(self, stage: Stage) -> None:
        if stage == self._told:
            return
        worse = _ORDER.index(stage) > max(_ORDER.index(self._told), _ORDER.index("within"))
        before, self._told = self._told, stage
        month, day = self._taken()
        if worse or "limit" in (before, stage) or before == "warning":
            _LOG.log(
                logging.WARNING if worse else logging.INFO,
                "budget for models: %s, now %s answers (month %.2f of %.2f USD, day %.2f of %.2f USD)",
                stage,
                self.allowance.tier(stage),
                month / NANO,
                self.allowance.month / NANO,
                day / NANO,
                self.allowance.day / NANO,
            )
        self._on_stage(stage)


_ORDER: tuple[Stage, ...] = get_args(Stage)


def _furthest(stages: Sequence[Stage]) -> Stage:
    return max(stages, key=_ORDER.index)


@asynccontextmanager
async def kept_read(watch: BudgetWatch, *, every: float = READ_SECONDS) -> AsyncIterator[None]:
    """Read the ledger now, and again and again in the background; what is left to tell is told at the end."""

    async def forever() -> None:
        while True:
            await asyncio.sleep(every)
            await watch.read()

    await watch.read()
    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await watch.read()
