"""Counts open event streams of this process, so that nobody takes all the places."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.doors import group_of
from gateway.hub import Arrivals, end
from gateway.problems import Problem
from shared.settings import Settings

_AGAIN_SECONDS = 10


class Streams:
    """Places by conversation and address, and in all.

    A conversation with too many streams loses its oldest: that is a closed lid or a lost network far more
    often than an eighth tab, and the tab in front of the customer is the newest. What was closed resumes
    from its last id, nothing is lost.
    """

    def __init__(self) -> None:
        self._following: dict[str, OrderedDict[int, Arrivals]] = defaultdict(OrderedDict)
        self._addresses: Counter[str] = Counter()
        self._open = 0

    @asynccontextmanager
    async def answering(self, settings: Settings, address: str) -> AsyncIterator[None]:
        """A place for the answer to one message.

        Raises:
            Problem: 429 when this address has no place left, 503 when nobody has.
        """
        group = group_of(address)
        if self._open >= settings.sse_total:
            raise _full(503, "streams-full", "This server has no free event stream")
        if self._addresses[group] >= settings.sse_per_address:
            raise _full(429, "too-many-streams", "Too many event streams are open from this address")
        self._open += 1
        self._addresses[group] += 1
        try:
            yield
        finally:
            self._open -= 1
            self._addresses[group] -= 1
            if not self._addresses[group]:
                del self._addresses[group]

    @asynccontextmanager
    async def following(
        self, settings: Settings, address: str, conversation_id: str, queue: Arrivals
    ) -> AsyncIterator[None]:
        """A place for a stream that follows a conversation; ends its oldest when there are too many.

        Raises:
            Problem: 429 or 503, see `answering`.
        """
        async with self.answering(settings, address):
            mine = self._following[conversation_id]
            while len(mine) >= settings.sse_per_conversation:
                _, oldest = mine.popitem(last=False)
                end(oldest)
            mine[id(queue)] = queue
            try:
                yield
            finally:
                mine.pop(id(queue), None)
                if not mine:
                    self._following.pop(conversation_id, None)


def _full(status: int, kind: str, detail: str) -> Problem:
    said = f"{detail}; close one, or try again in {_AGAIN_SECONDS} s."
    headers = {"Retry-After": str(_AGAIN_SECONDS)}
    return Problem(status, kind, "Too many event streams", said, headers=headers)
