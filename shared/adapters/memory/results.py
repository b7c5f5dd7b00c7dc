"""The turn results of the in-process bus, with who watches them."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Sequence

import msgspec

from shared.adapters.bus_rules import partition_of
from shared.adapters.chains import Shelf
from shared.contracts import TurnAccepted, TurnFinished
from shared.ports import DeadLetter, Delivered, News


class MemoryResults(Shelf):
    """One result per turn; every new one is shown to the watchers."""

    def __init__(self) -> None:
        self.watchers: set[asyncio.Queue[News]] = set()
        self.dead: list[DeadLetter] = []
        self._by_conversation: dict[str, list[Delivered]] = defaultdict(list)
        self._seq = 0

    def of(self, conversation_id: str) -> Sequence[Delivered]:
        """Every result of a conversation, oldest first."""
        return tuple(self._by_conversation.get(conversation_id, ()))

    @property
    def count(self) -> int:
        """How many results are kept."""
        return sum(map(len, self._by_conversation.values()))

    def show(self, news: News) -> None:
        """Tell every watcher."""
        for watcher in self.watchers:
            watcher.put_nowait(news)

    def find(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """The result of one turn."""
        return next((each for each in self.of(conversation_id) if each.turn.turn_id == turn_id), None)

    async def stored(self, turn: TurnAccepted) -> Delivered | None:
        """See `Shelf.stored`."""
        return self.find(turn.conversation_id, turn.turn_id)

    async def store(self, result: TurnFinished) -> Delivered:
        """See `Shelf.store`."""
        found = self.find(result.conversation_id, result.turn_id)
        if found is not None:
            return found
        self._seq += 1
        delivered = Delivered(seq=self._seq, turn=result)
        self._by_conversation[result.conversation_id].append(delivered)
        self.show(delivered)
        return delivered

    def erase(self, conversation_ids: Collection[str]) -> dict[str, int]:
        """Drop the results and dead letters of these conversations; how many of each."""
        results = self.expire(conversation_ids)
        kept = [
            dead for dead in self.dead if not any(each.encode() in dead.data for each in conversation_ids)
        ]
        dead, self.dead = len(self.dead) - len(kept), kept
        return {"results": results, "dead": dead}

    def expire(self, conversation_ids: Collection[str]) -> int:
        """Drop the results of these conversations; how many."""
        return sum(len(self._by_conversation.pop(each, ())) for each in conversation_ids)

    async def bury(self, turn: TurnAccepted, reason: str) -> None:
        """See `Shelf.bury`."""
        self.dead_letter(f"turn.in.{partition_of(turn.conversation_id)}", turn, reason)

    def dead_letter(self, subject: str, body: msgspec.Struct, reason: str) -> None:
        """Keep what could not be handled."""
        data = msgspec.json.encode(body)
        self.dead.append(DeadLetter(subject=subject, data=data, reason=reason, at=time.time()))
