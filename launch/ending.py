"""Tells whoever stops a process what it waits for, when that takes longer than a moment."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_PATIENCE_S = 2.0
"""Seconds of a stop in which nothing is said."""


class Ending:
    """What the end of this process waits for, step by step.

    `at` is called before each step: as a callback of the exit stack that holds what ends in it.
    """

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._step = ""

    def begin(self) -> None:
        """The process was told to stop."""
        self._begun.set()

    def at(self, step: str) -> None:
        """What ends now, in words for who waits for it."""
        self._step = step

    @asynccontextmanager
    async def told(
        self, role: str, *, patience: float = _PATIENCE_S, say: Callable[[str], None] | None = None
    ) -> AsyncIterator[None]:
        """Say it, on stderr unless told otherwise, while the context is open; each step once."""
        telling = asyncio.create_task(self._tell(role, patience, say or _to_stderr))
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.wait({telling})

    async def _tell(self, role: str, patience: float, say: Callable[[str], None]) -> None:
        await self._begun.wait()
        began, said = time.monotonic(), ""
        await asyncio.sleep(patience)
        while True:
            if self._step != said:
                said = self._step
                say(f"{role}: stopping for {time.monotonic() - began:.0f} s, waiting for {said}")
            await asyncio.sleep(patience / 4)


def _to_stderr(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
