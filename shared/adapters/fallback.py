"""Asks one engine after the other until one answers.

Each skill's chain is that skill again: what stands behind it does not know that there are several.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import structs

from shared import metrics
from shared.adapters.breaker import Breaker
from shared.adapters.cut_off import also_paid_until, paid_until
from shared.contracts import (
    ClassifyIntent,
    IntentClassified,
    JudgeReply,
    MessageScreened,
    ReplyJudged,
    ReplyWritten,
    ScreenMessage,
    Usage,
    WriteReply,
)
from shared.errors import ModelDeclined, ModelDown, ModelFailed
from shared.logs import happened
from shared.ports import Judge, Understanding, Writer

_LOG = logging.getLogger(__name__)
_Skill = TypeVar("_Skill")
_Answer = TypeVar("_Answer", IntentClassified, ReplyWritten, ReplyJudged, MessageScreened)


@dataclass(frozen=True)
class Link(Generic[_Skill]):
    """One engine of a chain. Without a `breaker` it is local: always there, and never cut off."""

    name: str
    skill: _Skill
    breaker: Breaker | None = None


class FirstThatAnswers(Generic[_Skill]):
    """Engines in the order they are asked, within `deadline_s` in all.

    An engine that is down, or answers nothing usable, is followed by the next; what declines an ask as such
    (ModelDeclined) is followed by the next local one. The answer's `tried` holds what the others took. When
    nobody answers, the last error is raised with all of it in its `usages`.
    """

    def __init__(self, links: Sequence[Link[_Skill]], *, deadline_s: float) -> None:
        self._links = tuple(links)
        self._deadline_s = deadline_s

    async def first(self, call: Callable[[_Skill], Awaitable[_Answer]]) -> _Answer:
        """The first answer that `call` gets."""
        ends = asyncio.get_running_loop().time() + self._deadline_s
        tried: list[Usage] = []
        last: ModelFailed | None = None
        for link in self._links:
            began = time.perf_counter()
            if link.breaker is not None and isinstance(last, ModelDeclined):
                continue
            if link.breaker is not None and not link.breaker.admits():
                last = last or ModelDown(
                    f"{link.name} rests for {link.breaker.rests_for:.0f} s after failures"
                )
                continue
            try:
                answer: _Answer = await self._asked(link, call, ends)
            except ModelFailed as error:
                metrics.observe(metrics.MODEL_SECONDS, time.perf_counter() - began, link.name, _kind(error))
                happened(
                    _LOG,
                    "model_fallback",
                    level=logging.WARNING,
                    says=f"{link.name} did not answer: {error}",
                    engine=link.name,
                    error=type(error).__name__,
                )
                tried.extend(error.usages)
                last = error
                continue
            except asyncio.CancelledError as gone:
                also_paid_until(gone, tried)
                raise
            metrics.observe(metrics.MODEL_SECONDS, time.perf_counter() - began, link.name, "ok")
            if last is not None:
                metrics.count(metrics.MODEL_FALLBACKS, link.name)
            return structs.replace(answer, tried=(*tried, *answer.tried))
        assert last is not None  # a chain has at least one link
        last.usages = tuple(tried)
        raise last

    async def _asked(
        self, link: Link[_Skill], call: Callable[[_Skill], Awaitable[_Answer]], ends: float
    ) -> _Answer:
        if link.breaker is None:
            return await call(link.skill)
        alive: bool | None = None
        try:
            async with asyncio.timeout_at(ends):
                answer = await call(link.skill)
            alive = True
        except TimeoutError as error:
            alive = False
            down = ModelDown(f"{link.name}: the {self._deadline_s:g} s for all engines are over")
            down.usages = paid_until(error)
            raise down from error
        except ModelDown:
            alive = False
            raise
        except ModelFailed:
            # It answered, if only that it will not: a customer's text must not open the breaker for others.
            alive = True
            raise
        finally:
            if link.breaker.report(alive=alive):
                happened(
                    _LOG,
                    "breaker_opened",
                    level=logging.WARNING,
                    engine=link.name,
                    rest_s=round(link.breaker.rests_for, 1),
                )
        return answer


def _kind(error: ModelFailed) -> str:
    if isinstance(error, ModelDown):
        return "down"
    return "declined" if isinstance(error, ModelDeclined) else "refused"


class UnderstandingChain(FirstThatAnswers[Understanding]):
    """Implements `Understanding`."""

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """See `Understanding.classify`."""
        return await self.first(lambda engine: engine.classify(ask))


class WriterChain(FirstThatAnswers[Writer]):
    """Implements `Writer`."""

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """See `Writer.write`."""
        return await self.first(lambda engine: engine.write(ask))


class JudgeChain(FirstThatAnswers[Judge]):
    """Implements `Judge`."""

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """See `Judge.screen`."""
        return await self.first(lambda engine: engine.screen(ask))

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """See `Judge.judge`."""
        return await self.first(lambda engine: engine.judge(ask))
