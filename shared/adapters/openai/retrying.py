"""Tries a model call again while that may help, within the time the caller has."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.adapters.openai.failures import KNOWN, Failure, Unusable, failure_of
from shared.errors import ModelDown

_LOG = logging.getLogger(__name__)
_UNUSABLE_TRIES = 2
_Found = TypeVar("_Found")
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a call may take in all, how often it is tried, and the waits between (seconds).

    A wait doubles from `first_wait_s` to `longest_wait_s` and is drawn from its upper half, so that callers
    that failed together do not come back together.
    """

    deadline_s: float
    tries: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0

    def wait(self, failed: int) -> float:
        """Seconds before the next try after `failed` failures."""
        longest = min(self.longest_wait_s, self.first_wait_s * 2.0 ** (failed - 1))
        return longest * (0.5 + random.random() / 2)


async def persist(
    attempt: Callable[[], Awaitable[_Found]],
    patience: Patience,
    *,
    model: str,
    sleep: Sleep = asyncio.sleep,
) -> _Found:
    """The attempt's result. ModelDown when time or tries run out, ModelRefused when trying is useless.

    The vendor's Retry-After is kept; when it is longer than the time left, the call fails at once.
    """
    ends = asyncio.get_running_loop().time() + patience.deadline_s
    told: list[Failure] = []
    try:
        async with asyncio.timeout_at(ends):
            return await _tried(attempt, patience, ends, told, model, sleep)
    except TimeoutError as error:
        last = f"; before that: {told[-1].error}" if told else ""
        raise ModelDown(f"{model} did not answer within {patience.deadline_s:g} s{last}") from error


async def _tried(
    attempt: Callable[[], Awaitable[_Found]],
    patience: Patience,
    ends: float,
    told: list[Failure],
    model: str,
    sleep: Sleep,
) -> _Found:
    unusable = 0
    while True:
        try:
            return await attempt()
        except KNOWN as error:
            found = failure_of(error, model)
            told.append(found)
            unusable += isinstance(error, Unusable)
            left = ends - asyncio.get_running_loop().time()
            pause = 0.0 if isinstance(error, Unusable) else patience.wait(len(told))
            pause = max(pause, found.after or 0.0)
            if not found.again or len(told) >= patience.tries or unusable >= _UNUSABLE_TRIES:
                raise found.error from error
            if pause >= left:
                raise ModelDown(
                    f"{found.error}; the next try in {pause:.1f} s would be too late, {left:.1f} s are left"
                ) from error
            _LOG.info("%s; trying again in %.2f s", found.error, pause)
        await sleep(pause)
