"""Judges what comes in and what goes out by local rules first, a chat model after."""

import logging
from pathlib import Path
from typing import Literal

from shared.adapters.openai.client import ChatModel
from shared.adapters.openai.failures import Filtered
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import load_prompt
from shared.contracts import Finding, JudgeReply, MessageScreened, ReplyJudged, ScreenMessage, Usage
from shared.errors import ModelDown, ModelRefused
from shared.ports import Judge

_LOG = logging.getLogger(__name__)
_INPUT_SLOTS = frozenset({"message", "recent"})
_OUTPUT_SLOTS = frozenset({"message", "language", "sentences", "facts", "passages", "allowed_values"})
# The vendor's filter strikes at these for what we refuse too. Violence or self-harm is no reason to refuse a
# customer: an injury or a bad day is told in such words, and needs a person.
_ATTACKS = frozenset({"jailbreak", "indirect_attack"})


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
    """Implements `Judge`: what `local` refuses is refused, what it passes the model looks at.

    `screen` falls back to the local verdict when the model fails; `judge` raises ModelDown or ModelRefused,
    and the caller fails closed.
    """

    def __init__(self, *, local: Judge, screening: ChatModel, judging: ChatModel, prompts: Path) -> None:
        self._local = local
        self._screening = screening
        self._judging = judging
        self._input = load_prompt(prompts, "critic_input", slots=_INPUT_SLOTS)
        self._output = load_prompt(prompts, "critic_output", slots=_OUTPUT_SLOTS)

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on?"""
        local = await self._local.screen(ask)
        if not local.allowed:
            return local
        usage: Usage | None = None
        try:
            prompt = self._input.render({"message": ask.text, "recent": ask.recent})
            verdict, usage = await self._screening.answer(prompt, MESSAGE, lambda read: read.findings)
            found = tuple(_finding(f"input.{f.rule}", f.span, f.remedy, ask.text) for f in verdict)
        except Filtered as error:
            if not error.categories & _ATTACKS:
                _LOG.warning("screening by model failed, the local rules decide: %s", error)
                return local
            found = (Finding(rule="input.injection", span="", remedy="ask about an order or a product"),)
        except (ModelDown, ModelRefused) as error:
            _LOG.warning("screening by model failed, the local rules decide: %s", error)
            return local
        return MessageScreened(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            allowed=not found,
            findings=(*local.findings, *found),
            usage=usage,
        )

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent? A draft that the local rules refuse is not worth a model's price."""
        local = await self._local.judge(ask)
        if local.findings:
            return local
        values = {
            "message": ask.text,
            "language": ask.language,
            "sentences": ask.sentences,
            "facts": ask.facts,
            "passages": [{"id": p.id, "title": p.title, "text": p.text} for p in ask.passages],
            "allowed_values": ask.allowed_values,
        }
        verdict, usage = await self._judging.answer(
            self._output.render(values), DRAFT, lambda read: read.findings
        )
        draft = " ".join(sentence.text for sentence in ask.sentences)
        return ReplyJudged(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            usage=usage,
            findings=tuple(_finding(f"output.{f.rule}", f.span, f.remedy, draft) for f in verdict),
        )


def _finding(rule: str, span: str, remedy: str, text: str) -> Finding:
    """A finding whose span really stands in the text, or that has none."""
    return Finding(rule=rule, span=span if span in text else "", remedy=remedy)
