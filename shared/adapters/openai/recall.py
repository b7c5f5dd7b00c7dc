"""Brings a conversation's history into a prompt: as it was said, and beyond the budget as a summary."""

import logging
import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from shared.adapters.openai.budget import Budget, tokens_at_most
from shared.adapters.openai.client import ChatModel
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import load_prompt
from shared.contracts import Said, Spent, Usage
from shared.errors import ModelFailed

_LOG = logging.getLogger(__name__)
_SLOTS = frozenset({"utterances"})
_KEPT = 256  # summaries remembered, a few hundred letters each; the next turn asks for the same one
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
# What later turns come back to: numbers, tokens of personal values, questions.
_TELLING = re.compile(r"\d|TOKEN_|\?")
_LEFT_OUT = "[…]"


class HistorySummary(Shape, frozen=True, kw_only=True):
    """What was said, in a few sentences."""

    summary: str


SUMMARY = Form("history_summary", HistorySummary)


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """One line of history as a prompt shows it; `summary` sums up what came before the lines after it."""

    who: Literal["customer", "bot", "staff", "summary"]
    text: str


class Recall:
    """Fits a history into `budget.history` tokens, by the model while that works."""

    def __init__(self, model: ChatModel, *, prompts: Path, budget: Budget) -> None:
        self._model = model
        self._prompt = load_prompt(prompts, "history", slots=_SLOTS)
        self._budget = budget
        self._known: OrderedDict[tuple[Said, ...], str] = OrderedDict()

    async def of(
        self, history: Sequence[Said], spent: Spent
    ) -> tuple[tuple[Utterance, ...], tuple[Usage, ...]]:
        """The lines for the prompt, and what a summary took. Never raises: words alone make one, too.

        A line by `summary` in the history stays in its own words, as far as a third of the tokens goes.
        """
        tokens = self._budget.history
        told = (said.text for said in history if said.who == "summary")
        parts = [extract((Said(who="bot", text=text),), _room(tokens), name=False) for text in told]
        tokens -= sum(map(tokens_at_most, parts))
        older, recent = split([said for said in history if said.who != "summary"], tokens)
        paid: tuple[Usage, ...] = ()
        if older:
            text, paid = await self._summed_up(older, spent, _room(tokens))
            parts.append(text)
        before = (Utterance(who="summary", text=" ".join(parts)),) if parts else ()
        return (*before, *(Utterance(who=said.who, text=said.text) for said in recent)), paid

    async def _summed_up(
        self, older: tuple[Said, ...], spent: Spent, room: int
    ) -> tuple[str, tuple[Usage, ...]]:
        if older in self._known:
            self._known.move_to_end(older)
            return self._known[older], ()
        prompt = self._prompt.render({"utterances": older})
        try:
            self._budget.check(spent, self._model.cost_at_most(prompt))
            said, usage = await self._model.answer(prompt, SUMMARY, _sensible)
        except ModelFailed as error:
            _LOG.info("the history is summed up by its own sentences: %s", error)
            return extract(older, room), error.usages
        text = extract((Said(who="bot", text=said),), room, name=False)
        self._known[older] = text
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return text, (usage,)


def split(history: Sequence[Said], tokens: int) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """What must be summed up, and the newest lines that fit as they are beside that summary."""
    if sum(tokens_at_most(said.text) for said in history) <= tokens:
        return (), tuple(history)
    left, at = tokens - _room(tokens), len(history)
    while at and (left := left - tokens_at_most(history[at - 1].text)) >= 0:
        at -= 1
    return tuple(history[:at]), tuple(history[at:])


def extract(history: Sequence[Said], tokens: int, *, name: bool = True) -> str:
    """The most telling whole sentences that fit, in their order; `[…]` stands where others were left out."""
    found = [
        (f"{said.who}: {sentence}" if name else sentence)
        for said in history
        for sentence in _SENTENCE.split(said.text.strip())
        if sentence
    ]
    # The newest first among equals: it is what the customer speaks of now.
    ranked = sorted(range(len(found)), key=lambda n: (bool(_TELLING.search(found[n])), n), reverse=True)
    kept: set[int] = set()
    left = tokens - tokens_at_most(_LEFT_OUT)
    for n in ranked:
        cost = tokens_at_most(f"{_LEFT_OUT} {found[n]} ")
        if cost <= left:
            kept.add(n)
            left -= cost
    parts: list[str] = []
    for n, sentence in enumerate(found):
        if n in kept:
            parts.append(sentence)
        elif not parts or parts[-1] != _LEFT_OUT:
            parts.append(_LEFT_OUT)
    return " ".join(parts)


def _room(tokens: int) -> int:
    """A third of the history's tokens is the summary's."""
    return tokens // 3


def _sensible(read: HistorySummary) -> str:
    if not read.summary.strip():
        raise ValueError("it is empty")
    return " ".join(read.summary.split())
