"""Judges what comes in and what goes out by a local judge first, a chat model after."""

import logging
from pathlib import Path
from typing import Literal

from msgspec import structs

from shared.adapters.openai.budget import Budget, BudgetSpent
from shared.adapters.openai.client import ChatModel
from shared.adapters.openai.failures import Filtered
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import load_prompt
from shared.contracts import Finding, JudgeReply, MessageScreened, ReplyJudged, ScreenMessage
from shared.errors import ModelDeclined, ModelFailed
from shared.ports import Judge

_LOG = logging.getLogger(__name__)
_INPUT_SLOTS = frozenset({"message", "recent"})
_OUTPUT_SLOTS = frozenset({"message", "language", "sentences", "facts", "passages", "allowed_values"})
BY_RULES = "embedded"
"""The engine whose drafts are templates and quotes, made to be checked by rules."""
# Categories of Azure's filter: learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter.
_ATTACKS = frozenset({"jailbreak", "indirect_attack"})
_INSULTS = frozenset({"hate", "sexual", "profanity"})
_HARM = frozenset({"violence", "self_harm"})


class InputFinding(Shape, frozen=True, kw_only=True):
    """A rule the message breaks, the words that break it, and what would mend it."""

    rule: Literal["injection", "jailbreak", "data_extraction", "abuse", "spam"]
    span: str
    remedy: str


class MessageVerdict(Shape, frozen=True, kw_only=True):
    """Everything that is wrong with a customer's message; empty when it is fine."""

    findings: list[InputFinding]


class OutputFinding(Shape, frozen=True, kw_only=True):
    """A rule the draft breaks, the words that break it, and what would mend it."""

    rule: Literal[
        "unsupported", "promise", "personal_data", "advice", "profanity", "leak", "language", "injection"
    ]  # fmt: skip
    span: str
    remedy: str


class DraftVerdict(Shape, frozen=True, kw_only=True):
    """Everything that is wrong with a draft; empty when it may be sent."""

    findings: list[OutputFinding]


MESSAGE = Form("message_verdict", MessageVerdict)
DRAFT = Form("draft_verdict", DraftVerdict)


class OpenAIJudge:
    """Implements `Judge` by a model alone. Raises ModelDown or ModelRefused when it gives no verdict."""

    def __init__(self, model: ChatModel, *, prompts: Path, budget: Budget) -> None:
        self._model = model
        self._budget = budget
        self._input = load_prompt(prompts, "critic_input", slots=_INPUT_SLOTS)
        self._output = load_prompt(prompts, "critic_output", slots=_OUTPUT_SLOTS)

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on?"""
        prompt = self._input.render({"message": ask.text, "recent": ask.recent})
        self._budget.check(ask.spent, self._model.cost_at_most(prompt))
        verdict, usage = await self._model.answer(prompt, MESSAGE, lambda read: read.findings)
        return MessageScreened(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            allowed=not verdict,
            findings=tuple(_finding(f"input.{f.rule}", f.span, f.remedy, ask.text) for f in verdict),
            usage=usage,
        )

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent?"""
        values = {
            "message": ask.text,
            "language": ask.language,
            "sentences": ask.sentences,
            "facts": ask.facts,
            "passages": [{"id": p.id, "title": p.title, "text": p.text} for p in ask.passages],
            "allowed_values": ask.allowed_values,
        }
        prompt = self._output.render(values)
        if ask.written_by == BY_RULES:
            # The budget decides who writes; what a model wrote is checked whatever that takes.
            self._budget.check(ask.spent, self._model.cost_at_most(prompt))
        verdict, usage = await self._model.answer(prompt, DRAFT, lambda read: read.findings)
        draft = " ".join(sentence.text for sentence in ask.sentences)
        return ReplyJudged(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            usage=usage,
            findings=tuple(_finding(f"output.{f.rule}", f.span, f.remedy, draft) for f in verdict),
        )


class LayeredJudge:
    """Implements `Judge`: what `local` refuses is refused, what it passes `model` looks at too.

    `screen` falls back to the local verdict when the model is down, but a filter that struck is a finding.
    `judge` raises when the model gives no verdict, so that the caller fails closed; only a draft that the
    local engine wrote is left to the local rules, as it would be in a shop without any model, unless a
    filter struck.
    """

    def __init__(self, *, local: Judge, model: Judge) -> None:
        self._local = local
        self._model = model

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on?"""
        local = await self._local.screen(ask)
        if not local.allowed:
            return local
        try:
            screened = await self._model.screen(ask)
        except BudgetSpent as error:
            _LOG.info("the local rules decide alone: %s", error)
            return structs.replace(local, tried=error.usages)
        except ModelDeclined as error:
            found = _struck(error.categories if isinstance(error, Filtered) else frozenset())
            return structs.replace(
                local,
                allowed=found.rule == "input.harm",
                findings=(*local.findings, found),
                tried=error.usages,
            )
        except ModelFailed as error:
            _LOG.warning("screening by model failed, the local rules decide: %s", error)
            return structs.replace(local, tried=error.usages)
        return structs.replace(screened, findings=(*local.findings, *screened.findings))

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent? A draft that the local rules refuse is not worth a model's price."""
        local = await self._local.judge(ask)
        if local.findings:
            return local
        try:
            return await self._model.judge(ask)
        except ModelFailed as error:
            declined = isinstance(error, ModelDeclined) and not isinstance(error, BudgetSpent)
            if declined or ask.written_by != BY_RULES:
                raise
            _LOG.warning("the local rules judge the local engine's draft alone: %s", error)
            return structs.replace(local, tried=error.usages)


def _struck(categories: frozenset[str]) -> Finding:
    """What a content filter's strike, or a model that declines to look, says of a message.

    An injury or a bad day is told in words of violence: that is no attack, and needs a person.
    """
    if categories and categories <= _HARM:
        return Finding(rule="input.harm", span="", remedy="let a person answer")
    rule = "input.abuse" if categories & _INSULTS and not categories & _ATTACKS else "input.injection"
    return Finding(rule=rule, span="", remedy="ask about an order or a product")


def _finding(rule: str, span: str, remedy: str, text: str) -> Finding:
    """A finding whose span really stands in the text, or that has none."""
    return Finding(rule=rule, span=span if span in text else "", remedy=remedy)
