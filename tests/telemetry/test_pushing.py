"""Counters are pushed by a thread that outlives its errors and holds nobody up."""

import asyncio
import threading

import pytest
from prometheus_client import CollectorRegistry

from shared.wiring import tracing


class Pushed:
    """Takes what each push is told: True, False, an error, or an event that it waits for."""

    def __init__(self, *takes: bool | Exception | threading.Event) -> None:
        self.takes = list(takes)
        self.pushed = threading.Event()
        self.pushes = 0

    def push(self) -> bool:
        """See `Counted.push`."""
        self.pushes += 1
        take = self.takes.pop(0) if self.takes else True
        if isinstance(take, threading.Event):
            self.pushed.set()
            take.wait(60)
            return True
        if isinstance(take, Exception):
            raise take
        if take:
            self.pushed.set()
        return take


def counting(pushed: Pushed) -> tracing.Tracing:
    return tracing.Tracing(counted=lambda _: pushed)  # type: ignore[arg-type,return-value]


async def test_a_push_that_breaks_is_not_the_last() -> None:
    """Whatever the exporter raises; and what is there at the end is pushed too."""
    pushed = Pushed(RuntimeError("no certificate yet"), False, True)
    async with counting(pushed).counting(CollectorRegistry(), every=0.01):
        assert await asyncio.to_thread(pushed.pushed.wait, 20)
        before = pushed.pushes
    assert pushed.pushes > before


async def test_a_service_that_takes_and_never_answers_does_not_hold_the_end_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither here nor where the loop waits for its threads; nothing is pushed twice meanwhile."""
    monkeypatch.setattr(tracing, "_LAST_PUSH_S", 0.05)
    answer = threading.Event()
    pushed = Pushed(answer)
    async with asyncio.timeout(20):
        async with counting(pushed).counting(CollectorRegistry(), every=0.01):
            assert await asyncio.to_thread(pushed.pushed.wait, 20)
        await asyncio.get_running_loop().shutdown_default_executor()
    assert pushed.pushes == 1
    answer.set()
