"""Opens the watch over what model services take, with the ledger it reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.budget import Allowance, BudgetWatch, kept_read
from shared.ports import Clock
from shared.ports.spending import Spending
from shared.settings import Settings


@asynccontextmanager
async def open_budget(settings: Settings, ledger: Spending, clock: Clock) -> AsyncIterator[BudgetWatch]:
    """The watch over this ledger, which is read in the background. SettingsError when it is set wrongly."""
    watch = BudgetWatch(ledger, Allowance.of(settings), now=clock.now)
    async with kept_read(watch):
        yield watch
