"""What a replay pays model services: bounded, told in its report, and in the ledger apart from customers'."""

import secrets
import time
from collections.abc import Sequence

from msgspec import structs

from shared.contracts import Usage
from shared.contracts.words import Value
from shared.errors import StoreDown
from shared.ports.spending import REPLAY, Spend, Spending
from shared.spending import billed, lines_of


class Bill(Value, frozen=True, kw_only=True):
    """What was paid in all, for skipped turns and failed answers too; exact but for `estimated_tokens`.

    `most_usd` was allowed, 0.0 is without a bound; `stopped` says why not all turns were replayed.
    `uncounted` says why it does not stand in the ledger.
    """

    usd: float = 0.0
    calls: int = 0
    tokens: int = 0
    unpriced_tokens: int = 0
    estimated_tokens: int = 0
    most_usd: float = 0.0
    stopped: str = ""
    uncounted: str = ""


class Purse:
    """Hears of every call that is paid; `most` is in USD, 0 for no bound."""

    def __init__(self, most: float, ledger: Spending | None = None) -> None:
        self._most = most
        self._ledger = ledger
        self._paid: list[Usage] = []
        self._untold: list[Usage] = []
        self._stopped = ""
        self._uncounted = ""
        self._run = secrets.token_hex(6)
        self._told = 0

    def took(self, usages: Sequence[Usage]) -> None:
        """These were paid."""
        paid = billed(usages)
        self._paid += paid
        self._untold += [structs.replace(usage, tier=REPLAY) for usage in paid]

    def spent_up(self) -> str:
        """Why no further turn may ask a model, empty while it may.

        Turns that are being played are played to their end: so much more is paid at most.
        """
        spent = self._spent()
        if self._most and spent.unpriced_tokens:
            self._stopped = "a model without a price was asked, so that no bound holds: see MODEL_PRICES"
        elif self._most and spent.usd >= self._most:
            self._stopped = f"the replay's budget of ${self._most:g} is spent"
        return self._stopped

    async def tell(self) -> None:
        """Put what is new into the ledger; what it does not take comes with the next."""
        if self._ledger is None or not self._untold:
            return
        batch, self._untold = self._untold, []
        self._told += 1
        name = f"replay-{self._run}-{self._told}"
        try:
            await self._ledger.record(name, conversation_id="", at=time.time(), usages=batch)
        except StoreDown as error:
            self._untold = batch + self._untold
            self._uncounted = str(error)
        else:
            self._uncounted = ""

    def bill(self) -> Bill:
        """The sum so far."""
        spent = self._spent()
        return Bill(
            usd=float(spent.usd), calls=spent.calls, tokens=spent.tokens,
            unpriced_tokens=spent.unpriced_tokens, estimated_tokens=spent.estimated_tokens,
            most_usd=self._most, stopped=self._stopped, uncounted=self._uncounted,
        )  # fmt: skip

    def _spent(self) -> Spend:
        return Spend(lines_of(self._paid, 0.0))
