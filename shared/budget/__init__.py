"""Budgets for model services: what may be taken, and the watch over what is."""

from shared.budget.allowance import STAGES, TIERS, Allowance, BudgetStatus, Stage, Tier
from shared.budget.watch import READ_SECONDS, BudgetWatch, kept_read

__all__ = [
    "READ_SECONDS", "STAGES", "TIERS", "Allowance", "BudgetStatus", "BudgetWatch", "Stage", "Tier",
    "kept_read",
]  # fmt: skip
