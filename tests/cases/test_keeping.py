"""The loops that keep customers and tickets told outlive whatever happens in them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from gateway.casework import new_turn
from launch import casework, filing
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.errors import VendorDown
from tests.bus.sample import until
from tests.cases.examples import EMMA, hand_over, opened, support

LOOPS = [casework.kept_told, casework.kept_mirrored]
TROUBLE = [VendorDown("zendesk", "down for the test"), ValueError("an event of the next version")]


@pytest.mark.parametrize("kept", LOOPS)
@pytest.mark.parametrize("trouble", TROUBLE)
async def test_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    kept: Callable[[Callable[[], Awaitable[int]]], AbstractAsyncContextManager[None]],
    trouble: Exception,
) -> None:
    """After trouble of others, and after a fault of ours."""
    monkeypatch.setattr(casework, "_EVERY_SECONDS", 0.001)
    looks = 0

    async def work() -> int:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise trouble
        return 0

    async with asyncio.timeout(20), kept(work):
        await until(lambda: looks > 3)


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_filing_goes_on(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    """Tickets, too."""
    looks = 0

    async def file_missing(*_: Any) -> int:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise trouble
        return 0

    monkeypatch.setattr(filing, "file_missing", file_missing)
    nothing: Any = None
    async with asyncio.timeout(20), filing.kept_filed(nothing, nothing, every=0.001):
        await until(lambda: looks > 3)


async def test_what_cannot_be_told_keeps_nobody_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One conversation's news fails each time: the next one's is told, and then the trouble."""
    async with support(tmp_path) as at:
        for name in ("c-bad", "c-good"):
            await at.desk.say("hello", name)
            case = await at.cases.open(opened(hand_over(f"h-{name}", name, at=at.clock.now())))
            spoke = c.StaffSpoke(
                at=at.clock.now(), by=EMMA.actor, name="Emma", text="Hi.", turn_id=new_turn()
            )
            claim = c.CaseClaimed(at=at.clock.now(), by=EMMA.actor, name="Emma", turn_id=new_turn())
            for event in (claim, spoke):
                await at.cases.append(case.id, event)
        submit = MemoryBus.submit

        async def fails(self: MemoryBus, turn: c.TurnAccepted) -> None:
            if turn.conversation_id == "c-bad":
                raise ValueError("a fault of ours")
            await submit(self, turn)

        monkeypatch.setattr(MemoryBus, "submit", fails)
        at.clock.at += 1000
        with pytest.raises(ValueError, match="a fault of ours"):
            await at.work.retell()
        left = {each.case_id for each in await at.cases.untold(before=at.clock.now())}
        assert left == {"h-c-bad"}
