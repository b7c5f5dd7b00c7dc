"""Live news come back by themselves when the bus broke off, and nobody misses what came meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from gateway import hub as hubs
from gateway.console.consoles import Console, Consoles
from gateway.hub import Hub, QueueTold
from shared import contracts as c
from shared.errors import BusDown
from shared.ports import News
from tests.bus.sample import until

SIGN = c.CaseChanged(conversation_id="c-1", case_id="h-1", version=2, kind="CaseClaimed")
BREAKS = [BusDown("nats: no answer in 2 s"), ValueError("a fault of ours"), None]


class Bus:
    """A bus whose watcher breaks as often as it is told to."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[News | Exception | None] = asyncio.Queue()
        self.refuses = 0
        self.watched = 0

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[News]]:
        """See `Bus.watch`."""
        if self.refuses:
            self.refuses -= 1
            raise BusDown("nats: not connected")

        async def heard() -> AsyncIterator[News]:
            while (item := await self.news.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item

        self.watched += 1
        yield heard()


@asynccontextmanager
async def running(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, Bus]]:
    """A hub at work."""
    monkeypatch.setattr(hubs, "_AGAIN_SECONDS", 0.001)
    bus: Any = Bus()
    hub = Hub(bus)
    work = asyncio.create_task(hub.run())
    try:
        await until(lambda: bus.watched == 1)
        yield hub, bus
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


@pytest.mark.parametrize("trouble", BREAKS)
async def test_the_watcher_comes_back(monkeypatch: pytest.MonkeyPatch, trouble: Exception | None) -> None:
    """Whatever ended it, and however long the bus is away: then streams end, and come back for the rest."""
    heard: list[News | None] = []
    async with running(monkeypatch) as (hub, bus), hub.listening("c-1") as stream:
        with hub.watched(heard.append):
            bus.refuses, made = 3, hub.mark()
            assert not hub.missed(made)
            bus.news.put_nowait(trouble)
            async with asyncio.timeout(20):
                assert await stream.get() is None
            assert (bus.watched, bus.refuses) == (2, 0), "who comes back earlier would miss what comes now"
            assert hub.missed(made), "a page of before the break"
            assert not hub.missed(hub.mark())
            bus.news.put_nowait(SIGN)
            await until(lambda: heard == [None, SIGN])
        hub.tell(QueueTold("c-1", {}))
        assert isinstance(await stream.get(), QueueTold)


async def test_consoles_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The open ones end; one that comes then stays, until the process closes."""

    async def told(change: c.CaseChanged) -> dict[str, object]:
        return {"id": change.case_id}

    consoles, old, new, late = Consoles(), Console(by="m-1"), Console(by="m-1"), Console(by="m-1")
    async with running(monkeypatch) as (hub, bus), asyncio.timeout(20):
        with consoles.joined(old, hub, told):
            bus.news.put_nowait(BusDown("nats: no answer in 2 s"))
            assert await old.events.get() is None
        with consoles.joined(new, hub, told):
            bus.news.put_nowait(SIGN)
            assert b'"h-1"' in (await new.events.get() or b"")
            hub.close()
            assert await new.events.get() is None
            with consoles.joined(late, hub, told):
                assert await late.events.get() is None
