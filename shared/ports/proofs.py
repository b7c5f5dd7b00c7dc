"""How often somebody may try to prove that an order is theirs."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Try:
    """One try: whether it may be made, and how many were refused since the lock was set."""

    allowed: bool
    refused: int = 0


class ProofTries(Protocol):
    """Counts tries by order and by place, over all conversations, processes and restarts.

    After some wrong ones an order is locked for a time, and so is a place; each wrong one after that locks it
    for twice as long. Whether the order exists makes no difference. Raises `StoreDown`.
    """

    async def take(self, number: str, *, place: str, at: float) -> Try:
        """Take one try, before it is known whether it is right; `place` is empty when it is not known."""
        ...

    async def untried(self, number: str, *, place: str, at: float) -> None:
        """That try was never looked at, because the shop was down: both have it back."""
        ...

    async def right(self, number: str, *, place: str, at: float) -> None:
        """That try was right: the order's count ends, and the place has it back."""
        ...
