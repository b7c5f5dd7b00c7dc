"""The spend ledger in memory, for tests and for who asks no more of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from shared import spending
from shared.contracts import Usage
from shared.ports.spending import Spend, SpendLine


class MemorySpending:
    """The `Spending` port; ends with the process."""

    def __init__(self) -> None:
        self._days: list[SpendLine] = []
        self._turns: dict[str, tuple[str, float, list[SpendLine]]] = {}
        self._erased: dict[str, float] = {}

    async def record(self, turn_id: str, *, conversation_id: str, at: float, usages: Iterable[Usage]) -> bool:
        """See `Spending.record`."""
        lines = spending.lines_of(usages, at)
        if not lines or turn_id in self._turns:
            return False
        whose = "" if at < self._erased.get(conversation_id, 0.0) else conversation_id
        self._turns[turn_id] = (whose, at, lines)
        self._days = spending.merged([*self._days, *lines])
        return True

    async def recorded(self, turn_ids: Collection[str]) -> set[str]:
        """See `Spending.recorded`."""
        return self._turns.keys() & set(turn_ids)

    async def of_day(self, day: date) -> Spend:
        """See `Spending.of_day`."""
        return Spend(await self.days(day, day))

    async def of_month(self, day: date) -> Spend:
        """See `Spending.of_month`."""
        return Spend(await self.days(spending.first_of_month(day), spending.last_of_month(day)))

    async def days(self, since: date, until: date) -> Sequence[SpendLine]:
        """See `Spending.days`."""
        return [line for line in self._days if since <= line.day <= until]

    async def of_conversation(self, conversation_id: str) -> Spend:
        """See `Spending.of_conversation`."""
        turns = self._turns.values() if conversation_id else ()
        return Spend(
            spending.merged(line for whose, _, its in turns if whose == conversation_id for line in its)
        )

    async def erase(self, conversation_ids: Collection[str], *, at: float) -> int:
        """See `Spending.erase`."""
        gone = {name for name in conversation_ids if name}
        self._erased |= dict.fromkeys(gone, at)
        theirs = [name for name, (whose, _, _) in self._turns.items() if whose in gone]
        for name in theirs:
            self._turns[name] = ("", self._turns[name][1], [])
        return len(theirs)

    async def count(self, before: float) -> int:
        """See `Spending.count`."""
        return sum(at < before for _, at, _ in self._turns.values())

    async def expire(self, before: float, *, limit: int) -> int:
        """See `Spending.expire`."""
        due = sorted((at, name) for name, (_, at, _) in self._turns.items() if at < before)[:limit]
        for _, name in due:
            del self._turns[name]
        return len(due)

    async def ping(self) -> None:
        """Always there."""
