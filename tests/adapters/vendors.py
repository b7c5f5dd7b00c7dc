"""What the vendor adapters' tests share: a vault in memory, patience without waiting."""

import asyncio
import re
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from shared import contracts as c
from shared.adapters.vendor_http import Patience

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
"""The demo shop's day, at noon."""
TALK = "c-1"
_TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")


class PlainVault:
    """The `PIIVault` port without encryption: tokens by conversation, and a diary of what was revealed."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}
        self.owners: dict[str, str] = {}
        self.revealed: list[tuple[str, str]] = []

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """Only the known values."""
        for value in known:
            text = text.replace(value, await self.token(value, conversation_id=conversation_id, owner=owner))
        return text

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The same value in one conversation is the same token."""
        token = f"TOKEN_{uuid.uuid5(uuid.NAMESPACE_OID, f'{conversation_id}|{value}')}"
        self.values[conversation_id, token] = value
        self.owners[token] = owner
        return token

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """Opens this conversation's tokens and writes down why."""

        def opened(found: re.Match[str]) -> str:
            value = self.values.get((conversation_id, found[0]))
            if value is None:
                return found[0]
            self.revealed.append((value, purpose))
            return value

        return _TOKEN.sub(opened, text)

    async def forget(self, owner: str) -> int:
        """Drop the owner's values."""
        gone = [key for key in self.values if self.owners[key[1]] == owner]
        for key in gone:
            del self.values[key]
        return len(gone)

    async def count(self, conversation_ids: Sequence[str]) -> int:
        """How many values these conversations have."""
        return sum(conversation in conversation_ids for conversation, _ in self.values)

    async def expire(self, conversation_ids: Sequence[str]) -> int:
        """Drop the values of these conversations."""
        gone = [key for key in self.values if key[0] in conversation_ids]
        for key in gone:
            del self.values[key]
        return len(gone)

    async def ping(self) -> None:
        """Always there."""


class Waits:
    """Counts instead of waiting."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Note how long it would have been, and let others run."""
        self.asked.append(seconds)
        await asyncio.sleep(0)

    def now(self) -> float:
        """Real time plus what was slept."""
        return time.monotonic() + sum(self.asked)

    def patience(self, *, deadline_s: float = 6.0, attempt_s: float = 3.0) -> Patience:
        """Patience that waits by counting."""
        return Patience(deadline_s=deadline_s, attempt_s=attempt_s, sleep=self, clock=self.now)


async def hand_over(vault: PlainVault, **changes: Any) -> c.HandOver:
    """A conversation that waits for a person, about Emma Johnson."""
    name = await vault.token("Emma Johnson", conversation_id=TALK, owner="o")
    packet = c.Packet(
        summary=f"{name} waits for a refund.",
        facts=(c.Fact(id="order:1005/status", value="delivered"),),
        tried=("looked up the order",),
        promised=("an answer today",),
        suggested_reply=f"Dear {name}",
        sentiment="negative",
        language="en",
    )
    values: dict[str, Any] = {
        "id": "h-1", "conversation_id": TALK, "reason": "refund_above_limit", "priority": "high",
        "queue": "refunds", "opened_at": NOW, "sla_due_at": NOW + 3600, "position": 1, "packet": packet,
    }  # fmt: skip
    return c.HandOver(**(values | changes))
