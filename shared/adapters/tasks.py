"""Tasks are ended for certain, also when a cancellation gets lost on the way."""

import asyncio
from collections.abc import Iterable
from typing import Any


async def end(tasks: "Iterable[asyncio.Task[Any]]") -> None:
    """Cancel, wait, and cancel again after a second until all have ended; their errors are theirs.

    Once is not enough: `asyncio.wait_for` of Python 3.11 drops a cancellation that comes together with what
    it waits for, and nats-py drops one while it flushes.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=1.0)
        for task in ended:
            if not task.cancelled():
                # Asked for, so that the loop does not report it as forgotten.
                task.exception()
