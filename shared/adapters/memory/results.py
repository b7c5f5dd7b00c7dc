"""The turn results of the in-process bus, with who watches them."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from shared.adapters.bus_rules import partition_of
from shared.adapters.chains import Shelf
from shared.contracts import TurnAccepted, TurnFinished
from shared.logs import happened
from shared.ports import DeadLetter, Delivered, News

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Buried:
    """A dead letter with the message it was."""

    letter: DeadLetter
    body: msgspec.Struct
    headers: Mapping[str, str]


class MemoryResults(Shelf):
    """One result per turn; every new one is shown to the watchers."""

    def __init__(self) -> None:
        self.watchers: set[asyncio.Queue[News]] = set()
        self.dead: dict[str, Buried] = {}
        """Dead letters by id, oldest first."""
        self._by_conversation: dict[str, list[Delivered]] = defaultdict(list)
        self._seq = 0
        self._buried = 0

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
        gone = [name for name, each in self.dead.items() if each.letter.conversation_id in conversation_ids]
        for name in gone:
            del self.dead[name]
        return {"results": results, "dead": len(gone)}

    def expire(self, conversation_ids: Collection[str]) -> int:
        """Drop the results of these conversations; how many."""
        return sum(len(self._by_conversation.pop(each, ())) for each in conversation_ids)

    async def bury(self, turn: TurnAccepted, reason: str, headers: Mapping[str, str] | None) -> None:
        """See `Shelf.bury`."""
        subject = f"turn.in.{partition_of(turn.conversation_id)}"
        self.dead_letter(subject, turn, reason, by="conversation", headers=headers)

    def dead_letter(
        self,
        subject: str,
        body: msgspec.Struct,
        reason: str,
        *,
        by: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what `by` could not handle."""
        self._buried += 1
        letter = DeadLetter(
            id=str(self._buried),
            subject=subject,
            data=msgspec.json.encode(body),
            reason=reason,
            at=time.time(),
            by=by,
        )
        self.dead[letter.id] = Buried(letter, body, headers or {})
        happened(_LOG, "dead_letter", level=logging.ERROR, says=reason[:200], subject=subject)
