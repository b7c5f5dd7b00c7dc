"""Lets the engines answer that the budget allows, and tells it what they took."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shared.adapters.cut_off import paid_until
from shared.adapters.openai.judge import BY_RULES
from shared.budget import BudgetWatch, Tier
from shared.contracts import (
    ClassifyIntent,
    IntentClassified,
    JudgeReply,
    MessageScreened,
    ReplyJudged,
    ReplyWritten,
    ScreenMessage,
    WriteReply,
)
from shared.errors import ModelFailed
from shared.ports import Judge, Understanding, Writer

_Skill = TypeVar("_Skill")
_Ask = TypeVar("_Ask", ClassifyIntent, WriteReply, JudgeReply, ScreenMessage)
_Answer = TypeVar("_Answer", IntentClassified, ReplyWritten, ReplyJudged, MessageScreened)


class Guarded(Generic[_Skill]):
    """A skill at three prices; `cheaper` is None where no cheaper model is set: then the main one goes on."""

    def __init__(self, watch: BudgetWatch, *, main: _Skill, cheaper: _Skill | None, local: _Skill) -> None:
        self._watch = watch
        self._engines: dict[Tier, _Skill] = {"main": main, "cheaper": cheaper or main, "embedded": local}

    async def _asked(
        self, ask: _Ask, call: Callable[[_Skill], Awaitable[_Answer]], *, never_local: bool = False
    ) -> _Answer:
        tier = self._watch.tier(ask.spent)
        if never_local and tier == "embedded":
            tier = "cheaper"
        try:
            answer: _Answer = await call(self._engines[tier])
        except ModelFailed as error:
            # No answer will carry these, so no turn will tell of them.
            self._watch.lost(ask.conversation_id, error.usages)
            raise
        except asyncio.CancelledError as gone:
            self._watch.lost(ask.conversation_id, paid_until(gone))
            raise
        paid = (*answer.tried, answer.usage) if answer.usage else answer.tried
        self._watch.took(ask.turn_id, paid)
        return answer


class GuardedUnderstanding(Guarded[Understanding]):
    """Implements `Understanding`."""

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """See `Understanding.classify`."""
        return await self._asked(ask, lambda engine: engine.classify(ask))


class GuardedWriter(Guarded[Writer]):
    """Implements `Writer`."""

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """See `Writer.write`."""
        return await self._asked(ask, lambda engine: engine.write(ask))


class GuardedJudge(Guarded[Judge]):
    """Implements `Judge`.

    What a model wrote is checked by a model, whatever that takes: the budget decides who writes.
    """

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """See `Judge.screen`."""
        return await self._asked(ask, lambda engine: engine.screen(ask))

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """See `Judge.judge`."""
        by_model = ask.written_by != BY_RULES
        return await self._asked(ask, lambda engine: engine.judge(ask), never_local=by_model)
