"""What a person's rights need of the house, opened by launch for the command line and for the console."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from shared.ports import AuditLog, Bus, ConversationStore, HelpdeskApi, PIIVault
from shared.ports.rights import ReceiptBook
from shared.ports.spending import Spending

Purpose = Literal["customer request", "legal duty", "test data"]
"""Why data is exported or erased. No free text: it would hold names, in a log that forgets nothing."""
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Every place that keeps something of a customer. `folder` is DATA_DIR, times are seconds since 1970.

    `settle_seconds` is how long an erasure waits for turns that are being answered.
    """

    audit: AuditLog
    vault: PIIVault
    store: ConversationStore
    bus: Bus
    helpdesk: HelpdeskApi
    receipts: ReceiptBook
    spending: Spending
    folder: Path
    now: Callable[[], float]
    settle_seconds: float = 30.0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def erasures(self) -> Path:
        """Where receipts and the journals of unfinished erasures are."""
        return self.folder / "erasures"

    def exports(self, name: str) -> Path:
        """Where exports of the customer of this pseudonym are written when nobody says where."""
        return self.folder / "exports" / name.partition(":")[2]

    def today(self) -> str:
        """Now, in UTC, as receipts say it."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="seconds")


async def conversations_of(rights: Rights, customer: str) -> set[str]:
    """The conversations of a shop's customer id; of a guest, who is known by it, the conversation itself."""
    found = set(await rights.vault.conversations(customer))
    if await rights.store.load(customer) is not None:
        found.add(customer)  # a guest of whom the vault knows nothing
    return found


def task_owner(series: str) -> str:
    """Whose the personal values in a task about no conversation are: nobody's but its series'."""
    return f"task-{series}"


def note_owner(gap_id: str) -> str:
    """Whose the personal values in staff's note on a question are: nobody's but the question's."""
    return f"gap-{gap_id}"
