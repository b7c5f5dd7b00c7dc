"""The open consoles of this process: each is told what changed, rendered once for all of them."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from msgspec import structs

from gateway import sse
from gateway.hub import FOR_PERSONS, Hub
from shared.contracts import BOT, QUEUE, CaseChanged, CaseRaised, StaffSeen, TaskTold, TurnFinished
from shared.errors import DeskError
from shared.ports import Delivered, News

_LOG = logging.getLogger("answerdesk.gateway")
_MOST_PENDING = 200
"""Events that one console may fall behind; it is closed then, comes back, and fetches what is there."""
_MOST_OF_ONE = 20
"""Pages that one member has open; the oldest is closed for the next."""

_AGAIN_SECONDS = 1.0
"""A turn is told before it is stored; what it did to the case is looked for once more after so long."""

Render = Callable[[CaseChanged], Awaitable[dict[str, object] | None]]
"""What all consoles are told of a change, or nothing; a case without an id is the conversation's."""


@dataclass(eq=False)
class Console:
    """One open page: whose it is, and the case before it (empty for none). None in `events` ends it.

    `page` is its own name for itself, by which it says that it goes.
    """

    by: str
    name: str = ""
    page: str = ""
    case_id: str = ""
    conversation_id: str = ""
    events: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(_MOST_PENDING))

    def tell(self, event: bytes) -> None:
        """Put an event in line; who does not read is ended."""
        if self.events.full():
            self.end()
            return
        self.events.put_nowait(event)

    def end(self) -> None:
        """Nothing more comes, whatever was not read yet."""
        while not self.events.empty():
            self.events.get_nowait()
        self.events.put_nowait(None)


class Consoles:
    """Hears everything while a console is open, and hands it out; never waits for a reader."""

    def __init__(self) -> None:
        self._open: dict[str, OrderedDict[Console, None]] = {}
        self._at: dict[str, set[Console]] = {}
        self._changed: OrderedDict[str, CaseChanged] = OrderedDict()
        self._news = asyncio.Event()
        self._closing = ExitStack()
        self._showing: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many are open."""
        return sum(len(each) for each in self._open.values())

    def beside(self, console: Console) -> list[Console]:
        """The consoles of others at the same conversation, in this process."""
        return [each for each in self._at.get(console.conversation_id, ()) if each.by != console.by]

    def last(self, console: Console) -> bool:
        """Whether its member has no other page at this conversation, in this process."""
        there = self._at.get(console.conversation_id, ())
        return not any(each.by == console.by for each in there if each is not console)

    def leave(self, by: str, page: str) -> bool:
        """A page of theirs says that it goes; False when it is not one of this process."""
        found = [each for each in self._open.get(by, ()) if page and each.page == page]
        for console in found:
            console.end()
        return bool(found)

    @contextmanager
    def joined(self, console: Console, hub: Hub, render: Render) -> Iterator[None]:
        """Tell this console everything from now on; `render` makes what all are told of a changed case."""
        mine = self._open.setdefault(console.by, OrderedDict())
        while len(mine) >= _MOST_OF_ONE:
            mine.popitem(last=False)[0].end()
        mine[console] = None
        at = self._at.setdefault(console.conversation_id, set())
        at.add(console)
        if self._showing is None:
            self._begin(hub, render)
        if hub.closing:
            console.end()
        try:
            yield
        finally:
            mine.pop(console, None)
            at.discard(console)
            self._forget(console)

    def _begin(self, hub: Hub, render: Render) -> None:
        self._showing = showing = asyncio.create_task(self._show(render))
        showing.add_done_callback(self._stopped)
        self._closing.callback(showing.cancel)
        self._closing.enter_context(hub.watched(self._hear))

    def _forget(self, console: Console) -> None:
        if not self._open.get(console.by, True):
            del self._open[console.by]
        if not self._at.get(console.conversation_id, True):
            del self._at[console.conversation_id]
        if not self._open:
            self._closing.close()
            self._showing = None

    def all(self) -> Iterator[Console]:
        """Every open console."""
        for mine in tuple(self._open.values()):
            yield from tuple(mine)

    def _hear(self, news: News | None) -> None:
        match news:
            case None:
                self._end()
            case CaseChanged():
                self._look(news)
            case Delivered(turn=turn):
                self._said(turn)
            case StaffSeen():
                there = self._at.get(news.conversation_id, ())
                for console in [each for each in there if each.by != news.by]:
                    console.tell(seen(news))
            case TaskTold():
                self._due(news)
            case _:
                pass

    def _look(self, change: CaseChanged) -> None:
        # The last change of a case is told, those before it in the same moment are not; but for an alarm.
        before = self._changed.get(change.conversation_id)
        if before is not None and before.kind == CaseRaised.__name__:
            change = structs.replace(change, kind=before.kind)
        self._changed[change.conversation_id] = change
        self._news.set()

    def _due(self, task: TaskTold) -> None:
        """Whose it is hears of it; of what is for whoever is free in a queue, everybody."""
        if task.assignee == BOT:
            return
        event = sse.event("task", {"id": task.task_id, "before": task.before})
        for console in self.all():
            if task.assignee.startswith(QUEUE) or console.by == f"staff:{task.assignee}":
                console.tell(event)

    def _said(self, turn: TurnFinished) -> None:
        """What a customer's turn does to a case is written where it is kept, not told as a sign."""
        said = sse.event("said", {"conversation": turn.conversation_id, "turn": turn.turn_id})
        for console in self._at.get(turn.conversation_id, ()):
            console.tell(said)
        if turn.status in FOR_PERSONS:
            kind = "CaseOpened" if turn.status == "handed_over" else "CustomerWrote"
            change = CaseChanged(
                conversation_id=turn.conversation_id, case_id="", version=0, kind=kind, by="customer"
            )
            self._look(change)
            asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._look, change)

    def _stopped(self, showing: asyncio.Task[None]) -> None:
        """A bug must not leave pages that look alive: they come back, to a new start."""
        if not showing.cancelled() and showing.exception() is not None:
            _LOG.error("consoles are told nothing any more: %s", type(showing.exception()).__name__)
            self._closing.close()
            self._showing = None
            self._end()

    def _end(self) -> None:
        for console in self.all():
            console.end()

    async def _show(self, render: Render) -> None:
        """Each change is looked up and rendered once, however many consoles there are."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._changed:
                _, change = self._changed.popitem(last=False)
                try:
                    told = await render(change)
                    event = sse.event("case", told) if told else b""
                except DeskError as error:
                    _LOG.warning("consoles look again themselves: %s", error)
                    event = sse.event("again", {})
                for console in self.all() if event else ():
                    console.tell(event)


def seen(sign: StaffSeen) -> bytes:
    """The event that tells who else is at a case."""
    return sse.event("staff", {"by": sign.by, "name": sign.name, "doing": sign.doing})
