"""Tells customers who wait how it stands for them, whenever that changes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from gateway.hub import Hub, QueueTold
from shared.contracts import RANK, Case, CaseChanged
from shared.errors import StoreDown
from shared.ports import CaseFilter, CasePlace, Delivered, News
from shared.routing.outlooks import Outlooks
from shared.routing.waiting import Floor, Outlook, outlook

_PAGE = 200
_MOST_PAGES = 50


@dataclass
class Places:
    """What the customers whose streams are open here were told last."""

    outlooks: Outlooks
    hub: Hub
    _told: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def now(self, conversation_id: str) -> dict[str, Any] | None:
        """How it stands for this conversation; None when it waits for nobody. Raises `StoreDown`."""
        case = await self.outlooks.cases.of(conversation_id)
        if case is None or not case.open:
            return None
        found = await self.outlooks.of(case)
        return said(case, found)

    async def first(self, conversation_id: str) -> dict[str, Any] | None:
        """The same for a stream that begins, unless that was news for the streams before it, too."""
        try:
            found = await self.now(conversation_id)
        except StoreDown:
            return None  # the stream is worth more than the place
        if found is None or self._tell(conversation_id, found):
            return None  # it has come to all its streams, this one too
        return found

    async def look(self) -> int:
        """Tell everybody whose place or wait has changed; how many. Raises `StoreDown`."""
        for gone in [each for each in self._told if not self.hub.listens(each)]:
            del self._told[gone]
        if not self.hub.streams:
            return 0
        told, left = 0, set(self._told)
        places: Counter[str] = Counter()
        floors: dict[str, Floor] = {}
        async for case in self._waiting():
            places[case.queue] += 1
            if not self.hub.listens(case.conversation_id):
                continue
            if case.queue not in floors:
                floors[case.queue] = await self.outlooks.floor(case.queue)
            queue = self.outlooks.routing.queue(case.queue)
            found = outlook(case, places[case.queue], queue, floors[case.queue])
            told += self._tell(case.conversation_id, said(case, found))
            left.discard(case.conversation_id)
        for conversation_id in left:
            told += self._tell(conversation_id, await self.now(conversation_id) or _OVER)
            if self._told[conversation_id] == _OVER:
                del self._told[conversation_id]
        return told

    def _tell(self, conversation_id: str, body: dict[str, Any]) -> bool:
        if self._told.get(conversation_id) == body:
            return False
        self._told[conversation_id] = body
        self.hub.tell(QueueTold(conversation_id, body))
        return True

    async def _waiting(self) -> AsyncIterator[Case]:
        after: CasePlace | None = None
        for _ in range(_MOST_PAGES):
            page = await self.outlooks.cases.page(CaseFilter(phases=("waiting",)), after=after, limit=_PAGE)
            for case in page:
                yield case
            if len(page) < _PAGE:
                return
            after = CasePlace(RANK[page[-1].priority], page[-1].opened_at, page[-1].id)


_OVER = {"status": "over"}


def said(case: Case, found: Outlook | None) -> dict[str, Any]:
    """As customers' pages read it: times in seconds since 1970, and nothing more precise than it is known."""
    wait: dict[str, int | None] | None = None
    if found is not None and found.kind == "minutes":
        wait = {"from_minutes": found.low, "to_minutes": found.high}
    elif found is not None and found.kind == "long":
        wait = {"from_minutes": found.low, "to_minutes": None}
    return {
        "status": case.phase,
        "position": found.position if found else None,
        "wait": wait,
        "opens_at": found.opens_at if found and found.opens_at else None,
        "due_at": case.due_at if case.phase == "waiting" else None,
        "offer": bool(found and found.offer and case.contact is None),
        "contact": case.contact.channel if case.contact else None,
    }


@dataclass
class Awake:
    """Wakes who looks after cases when one may have changed, and every `seconds` at the latest."""

    seconds: float = 5.0
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, news: News | None) -> None:
        """Something happened; what does not touch cases wakes nobody."""
        opened = isinstance(news, Delivered) and (
            news.turn.escalation is not None or news.turn.contact is not None
        )
        if opened or isinstance(news, CaseChanged):
            self._event.set()

    async def wait(self) -> None:
        """Until then."""
        try:
            async with asyncio.timeout(self.seconds):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()
