"""What was billed before an answer was cut off is told: budgets go by it."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from openai.types.chat import ChatCompletion

from shared.adapters.breaker import Breaker
from shared.adapters.fallback import Link, UnderstandingChain
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.openai.client import ChatModel, ModelUse, also_paid
from shared.adapters.openai.guard import GuardedUnderstanding
from shared.adapters.openai.prices import load_prices
from shared.adapters.openai.prompts import load_prompt
from shared.adapters.openai.recall import SUMMARY
from shared.adapters.openai.retrying import Patience
from shared.adapters.openai.tuning import read_tunings
from shared.adapters.scripted import ScriptedModel
from shared.budget import Allowance, BudgetWatch
from shared.contracts import ClassifyIntent, IntentClassified, Usage
from tests.openai.conftest import IDS, PROMPTS

UNUSABLE = {
    "id": "1", "created": 1, "model": "gpt-4.1-mini", "object": "chat.completion",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "no JSON"}}
    ],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
}  # fmt: skip


class Service:
    """Answers something unusable, then takes its time."""

    def __init__(self) -> None:
        self.asked = 0
        self.slow = asyncio.Event()

    async def create(self, **_: Any) -> ChatCompletion:
        """One completion."""
        self.asked += 1
        if self.asked > 1:
            self.slow.set()
            await asyncio.Event().wait()
        return ChatCompletion.model_validate(UNUSABLE)


class Engine:
    """A skill that had a summary made before it asks."""

    def __init__(self, service: Service) -> None:
        client: Any = SimpleNamespace(chat=SimpleNamespace(completions=service))
        use = ModelUse(
            model="gpt-4.1-mini", max_tokens=100, patience=Patience(deadline_s=60), silence_s=60,
            agent="intent",
        )  # fmt: skip
        self._model = ChatModel(client, use, load_prices(read_tunings().general.prices))
        self._prompt = load_prompt(PROMPTS, "history", slots=frozenset({"utterances"}))

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """See `Understanding.classify`."""
        with also_paid([Usage(engine="openai", model="summary", input_tokens=7, tier="main")]):
            await self._model.answer(self._prompt.render({"utterances": ()}), SUMMARY, lambda read: read)
        raise AssertionError(ask)


async def test_what_was_paid_before_the_time_was_over_is_told_with_the_answer() -> None:
    """By the engine that answers after it: the try that was billed, and the summary before it."""
    service = Service()
    remote = Link("remote", Engine(service), Breaker(failures=2, rest_s=10))
    chain = UnderstandingChain([remote, Link("local", ScriptedModel())], deadline_s=0.5)  # type: ignore[list-item]
    found = await chain.classify(ClassifyIntent(**IDS, text="ORDER_STATUS #1001"))
    assert service.asked == 2
    assert [(usage.model, usage.tokens) for usage in found.tried] == [("summary", 7), ("gpt-4.1-mini", 1100)]
    assert found.tried[1].cost_usd > 0


async def test_what_was_paid_for_an_ask_that_a_process_drops_at_its_end_is_in_the_ledger() -> None:
    """The bus brings the ask to another process, which pays for its own tries alone."""
    service, ledger = Service(), MemorySpending()
    watch = BudgetWatch(ledger, Allowance(), now=time.time)
    engine: Any = Engine(service)
    guarded = GuardedUnderstanding(watch, main=engine, cheaper=None, local=engine)
    asking = asyncio.create_task(guarded.classify(ClassifyIntent(**IDS, text="ORDER_STATUS #1001")))
    await asyncio.wait_for(service.slow.wait(), 20)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    await watch.read()
    assert (await ledger.of_conversation("c-1")).tokens == 1107
