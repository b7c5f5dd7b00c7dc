"""What model services may take, and who answers when how much of it is used up."""

from dataclasses import dataclass
from typing import Literal, get_args

from shared.errors import SettingsError
from shared.settings import Settings
from shared.spending import nanos

Tier = Literal["main", "cheaper", "embedded"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Which engines answer, the dearest first."""
Stage = Literal["none", "within", "warning", "limit", "unknown"]
"""How far a budget is used up: there is none, or less than the first threshold is, or one is passed.

`unknown` is treated as passed: a limit that holds only while the ledger is well is none.
"""
STAGES: tuple[Stage, ...] = get_args(Stage)
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
        return {"unknown": self.at_limit, "limit": self.at_limit, "warning": self.at_warning}.get(
            stage, "main"
        )


@dataclass(frozen=True, kw_only=True)
class BudgetStatus:
    """What is known now. Money in USD; shares are None without a budget; times in seconds since 1970.

    `read_at` is when the ledger was last read (0 is never), `stale` that it cannot be read or written now:
    what is taken is not counted there since `uncounted_since`, and `trouble` says why, with the remedy.
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
    uncounted_since: float = 0.0
    trouble: str = ""
