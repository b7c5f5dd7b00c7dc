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
from itertools import islice

from shared.budget.allowance import STAGES, TIERS, Allowance, BudgetStatus, Stage, Tier
from shared.contracts import Spent, Usage
from shared.errors import DeskError
from shared.logs import happened
from shared.ports.spending import NANO, Spending
from shared.spending import billed, day_of, first_of_month, nanos

_LOG = logging.getLogger("answerdesk.budget")
READ_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
_WRITTEN_SECONDS = 30.0
"""How often it is tried whether the ledger can be written: a full disk can still be read."""
BLIND_SECONDS = 3600.0
"""For so long the last sums and what this process takes itself are good enough to go by."""
_FAILED_SECONDS = 86_400.0
"""A turn that is not in the ledger by then has failed. It was paid all the same, so it counts on here."""
_ASKED, _MOST_OWN = 2000, 50_000
"""Turns that a read asks for, and that are remembered: there are few unless the ledger is not fed."""
_MOST_UNTOLD = 1000


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
    """One for each process. `now` gives seconds since 1970; `on_stage` hears of each change of stage.

    `hear_paid` hears of everything that is paid.
    """

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
        self.hear_paid: Callable[[Sequence[Usage]], None] = lambda _: None
        self._seen = _Seen(day_of(now()))
        self._own: dict[str, tuple[float, int]] = {}
        self._own_by_day: dict[date, int] = {}
        self._untold: list[_Untold] = []
        self._dropped = 0
        self._read_at = 0.0
        self._written_at = 0.0
        self._trouble = ""
        self._since = 0.0
        self._told: Stage = "none"

    def took(self, turn_id: str, usages: Sequence[Usage]) -> None:
        """This process called models for a turn, which will tell the ledger of it when it has ended."""
        self.hear_paid(usages)
        if not (paid := sum(nanos(usage.cost_usd) for usage in usages)):
            return
        at, before = self._own.get(turn_id, (self._now(), 0))
        self._own[turn_id] = (at, before + paid)
        self._own_by_day[day_of(at)] = self._own_by_day.get(day_of(at), 0) + paid
        if len(self._own) > _MOST_OWN:
            del self._own[next(iter(self._own))]

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
        allowed, stages = self.allowance, self._stages()
        self._tell(_furthest(stages))
        if spent is not None:
            stages.append(allowed.stage(spent.nano_usd, allowed.conversation))
        return max((allowed.tier(stage) for stage in stages), key=TIERS.index)

    def status(self) -> BudgetStatus:
        """What is known now."""
        month, day = self._taken()
        allowed = self.allowance
        stage = _furthest(self._stages())
        return BudgetStatus(
            stage=stage,
            tier=allowed.tier(stage),
            month_usd=month / NANO,
            month_share=month / allowed.month if allowed.month else None,
            day_usd=day / NANO,
            day_share=day / allowed.day if allowed.day else None,
            unpriced_tokens=self._seen.unpriced,
            read_at=self._read_at,
            stale=bool(self._trouble),
            uncounted_since=self._since,
            trouble=self._trouble,
        )

    async def read(self) -> None:
        """Tell the ledger what no turn tells, then look what it says. Never raises: the last state stays."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._look()
                await self._record()
                await self._try_to_write()
        except (DeskError, TimeoutError) as error:
            trouble = str(error) or self._trouble or "no answer in time; check SPENDING_URL"
            if not self._trouble:
                self._since = self._now()
                meanwhile = ", as if the budget were used up"
                if not self.allowance.month and not self.allowance.day:
                    meanwhile = ""
                elif self._read_at:
                    meanwhile = "; for an hour budgets go by what was read last"
                told = trouble.rstrip(".")
                _LOG.error(
                    "what models take is not counted from now on: %s. Customers are answered%s",
                    told,
                    meanwhile,
                )
            self._trouble = trouble
        else:
            if self._trouble:
                _LOG.warning(
                    "what models take is counted again, after %.0f s; turns of meanwhile that were given up "
                    "are dead letters of analytics: put them back",
                    self._now() - self._since,
                )
            self._trouble, self._since = "", 0.0
        self.tier()

    async def _try_to_write(self) -> None:
        if self._trouble or self._now() - self._written_at >= _WRITTEN_SECONDS:
            await self._ledger.ping()
            self._written_at = self._now()

    async def _record(self) -> None:
        if self._dropped:
            _LOG.error("%d calls of models are in no ledger: it was away for too long", self._dropped)
            self._dropped = 0
        while self._untold:
            one = self._untold[0]
            await self._ledger.record(
                one.name, conversation_id=one.conversation_id, at=one.at, usages=one.usages
            )
            if self._untold and self._untold[0] is one:
                self._untold.pop(0)
            else:  # dropped while it was told: the ledger has it all the same
                self._dropped -= 1

    async def _look(self) -> None:
        # First which turns it knows, then the sums: one that is recorded in between counts twice for a
        # moment, and not never.
        asked = list(islice(self._own, _ASKED))
        recorded = await self._ledger.recorded(asked) if asked else set()
        today = day_of(self._now())
        month = (await self._ledger.of_month(today)).of_customers
        self._seen = _Seen(
            today,
            month_nano=month.nano_usd,
            day_nano=sum(line.nano_usd for line in month.lines if line.day == today),
            unpriced=month.unpriced_tokens,
        )
        for name in recorded:
            at, paid = self._own.pop(name)
            if day_of(at) in self._own_by_day:  # not of a month that is over
                self._own_by_day[day_of(at)] -= paid
        self._read_at = self._now()
        oldest = self._now() - _FAILED_SECONDS
        for name in [name for name in asked if name in self._own and self._own[name][0] < oldest]:
            del self._own[name]
        month_began = first_of_month(today)
        self._own_by_day = {day: paid for day, paid in self._own_by_day.items() if day >= month_began}

    def _stages(self) -> list[Stage]:
        """Of the month and of the day; `unknown` where there is a budget, and nobody knows what is left."""
        (month, day), allowed = self._taken(), self.allowance
        stages = [allowed.stage(month, allowed.month), allowed.stage(day, allowed.day)]
        long_away = self._trouble and self._now() - self._since >= BLIND_SECONDS
        if (allowed.month or allowed.day) and self._trouble and (long_away or not self._read_at):
            stages.append("unknown")
        return stages

    def _taken(self) -> tuple[int, int]:
        """Of this month and this day, by the ledger and by this process since."""
        today, seen = day_of(self._now()), self._seen
        same_month = first_of_month(seen.day) == first_of_month(today)
        month = seen.month_nano if same_month else 0
        day = seen.day_nano if seen.day == today else 0
        month += sum(
            paid for when, paid in self._own_by_day.items() if first_of_month(when) == first_of_month(today)
        )
        return month, day + self._own_by_day.get(today, 0)

    def _tell(self, stage: Stage) -> None:
        if stage == self._told:
            return
        worse = STAGES.index(stage) > max(STAGES.index(self._told), STAGES.index("within"))
        before, self._told = self._told, stage
        month, day = self._taken()
        if worse or "limit" in (before, stage) or before == "warning":
            happened(
                _LOG,
                "budget_stage",
                level=logging.WARNING if worse else logging.INFO,
                stage=stage,
                before=before,
                answers=self.allowance.tier(stage),
                month_usd=round(month / NANO, 4),
                month_budget_usd=self.allowance.month / NANO,
                day_usd=round(day / NANO, 4),
                day_budget_usd=self.allowance.day / NANO,
            )
        self._on_stage(stage)


def _furthest(stages: Sequence[Stage]) -> Stage:
    return max(stages, key=STAGES.index)


@asynccontextmanager
async def kept_read(watch: BudgetWatch, *, every: float = READ_SECONDS) -> AsyncIterator[None]:
    """Read the ledger now, and again and again in the background; what is left to tell is told at the end."""

    async def forever() -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await watch.read()
            except Exception:  # noqa: BLE001
                # A fault of ours: the loop must outlive it, or the budget would silently stand still.
                _LOG.exception("the look at the spend ledger broke")

    await watch.read()
    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await watch.read()
