"""Understands a customer's message by asking a chat model."""

from pathlib import Path
from typing import Literal

from msgspec import structs

from shared.adapters.openai.budget import Budget
from shared.adapters.openai.client import ChatModel, also_paid
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import load_prompt
from shared.adapters.openai.recall import Recall
from shared.contracts import (
    ClassifyIntent,
    Entity,
    Intent,
    IntentClassified,
    Language,
    Need,
    Sentiment,
    Usage,
)

_SLOTS = frozenset({"message", "history", "expected", "language_prior"})
_MOST_NEEDS = 3


class NeedFound(Shape, frozen=True, kw_only=True):
    """One thing the customer wants, and how sure you are from 0 to 1."""

    intent: Intent
    confidence: float


class SentimentFound(Shape, frozen=True, kw_only=True):
    """How the customer feels: -1 (furious) to 1 (delighted)."""

    label: Literal["positive", "neutral", "negative"]
    score: float


class EntityFound(Shape, frozen=True, kw_only=True):
    """Something named in the message: `text` copied exactly, `value` its normal form."""

    kind: Literal[
        "order_number", "product", "size", "color", "amount", "date", "quantity", "reason", "promo_code"
    ]  # fmt: skip
    text: str
    value: str


class IntentFound(Shape, frozen=True, kw_only=True):
    """What a customer's message means."""

    reasoning: str
    needs: list[NeedFound]
    alternatives: list[NeedFound]
    sentiment: SentimentFound
    language: Language
    entities: list[EntityFound]


INTENT = Form("intent", IntentFound)


class OpenAIUnderstanding:
    """Implements `Understanding`. Raises ModelDown or ModelRefused."""

    def __init__(self, model: ChatModel, *, prompts: Path, recall: Recall, budget: Budget) -> None:
        self._model = model
        self._recall = recall
        self._budget = budget
        self._prompt = load_prompt(prompts, "intent", slots=_SLOTS)

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """Intent, needs, entities, sentiment and language of `ask.text` in its context."""
        history, paid = await self._recall.of(ask.history, ask.spent)
        values = {
            "message": ask.text,
            "history": history,
            "expected": {"intent": ask.open_intent, "slot": ask.open_slot},
            "language_prior": ask.language_prior,
        }
        prompt = self._prompt.render(values)
        with also_paid(paid):
            self._budget.check(ask.spent, self._model.cost_at_most(prompt))
            found, usage = await self._model.answer(prompt, INTENT, _sensible)
        return structs.replace(_classified(ask, found, usage), tried=paid)


def _sensible(found: IntentFound) -> IntentFound:
    if not found.needs:
        raise ValueError("it names no need")
    if any(not 0 <= need.confidence <= 1 for need in (*found.needs, *found.alternatives)):
        raise ValueError("a confidence is not between 0 and 1")
    return found


def _classified(ask: ClassifyIntent, found: IntentFound, usage: Usage) -> IntentClassified:
    needs = _each_once(found.needs)[:_MOST_NEEDS]
    named = {need.intent for need in needs}
    return IntentClassified(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        needs=needs,
        alternatives=tuple(need for need in _each_once(found.alternatives) if need.intent not in named),
        sentiment=Sentiment(label=found.sentiment.label, score=max(-1.0, min(1.0, found.sentiment.score))),
        language=found.language,
        entities=_placed(ask.text, found.entities),
        reasoning=found.reasoning,
        usage=usage,
    )


def _each_once(needs: list[NeedFound]) -> tuple[Need, ...]:
    found: dict[Intent, Need] = {}
    for need in needs:
        found.setdefault(need.intent, Need(intent=need.intent, confidence=need.confidence))
    return tuple(found.values())


def _placed(text: str, entities: list[EntityFound]) -> tuple[Entity, ...]:
    """The entities that really stand in the text, each at its place; what the model made up is dropped."""
    placed: list[Entity] = []
    after: dict[str, int] = {}
    for entity in entities:
        start = text.find(entity.text, after.get(entity.text, 0)) if entity.text else -1
        if start < 0:
            continue
        end = after[entity.text] = start + len(entity.text)
        value = entity.value.strip()
        if entity.kind == "order_number":
            value = value.lstrip("#").strip()
        placed.append(Entity(kind=entity.kind, text=entity.text, value=value, start=start, end=end))
    return tuple(sorted(placed, key=lambda entity: entity.start))
