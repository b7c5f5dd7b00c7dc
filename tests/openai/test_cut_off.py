"""What was billed before an answer was cut off is told: budgets go by it."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Self

import httpx
import pytest
from openai import APIConnectionError
from openai.types.chat import ChatCompletion

from shared.adapters.breaker import Breaker
from shared.adapters.fallback import Link, UnderstandingChain
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.openai.budget import tokens_at_most
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
from shared.errors import ModelFailed, ModelRefused
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


class Unusable:
    """A skill whose model was paid, and gave nothing to use."""

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """See `Understanding.classify`."""
        error = ModelRefused(f"nothing for {ask.step_id}")
        error.usages = (Usage(engine="openai", model="first", input_tokens=5, tier="main"),)
        raise error


async def test_what_was_paid_for_an_ask_that_a_process_drops_at_its_end_is_in_the_ledger() -> None:
    """By the engine that is asked then, and by the one before it, which failed.

    The bus brings the ask to another process, which pays for its own tries alone.
    """
    service, ledger = Service(), MemorySpending()
    watch = BudgetWatch(ledger, Allowance(), now=time.time)
    links: Any = [
        Link(str(each), each, Breaker(failures=2, rest_s=10)) for each in (Unusable(), Engine(service))
    ]
    engine = UnderstandingChain(links, deadline_s=60)
    guarded = GuardedUnderstanding(watch, main=engine, cheaper=None, local=engine)
    asking = asyncio.create_task(guarded.classify(ClassifyIntent(**IDS, text="ORDER_STATUS #1001")))
    await asyncio.wait_for(service.slow.wait(), 20)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    await watch.read()
    taken = await ledger.of_conversation("c-1")
    assert (taken.tokens, taken.estimated_tokens) == (1112, 0)


class Silent:
    """A service that tells no usage, whose stream `breaks` before its end."""

    def __init__(self, text: str, *, breaks: bool = False) -> None:
        self.text, self.breaks = text, breaks
        self.asked = 0

    async def create(self, *, stream: bool = False, **_: Any) -> Any:
        """One completion, or its chunks."""
        self.asked += 1
        if stream:
            return self
        message = {"role": "assistant", "content": self.text}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        return ChatCompletion.model_validate(UNUSABLE | {"usage": None, "choices": choices})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def __aiter__(self) -> AsyncIterator[Any]:
        for letter in self.text:
            delta = SimpleNamespace(content=letter, refusal=None)
            choice = SimpleNamespace(delta=delta, finish_reason=None, model_extra={})
            yield SimpleNamespace(model="gpt-4.1-mini", usage=None, choices=[choice])
        if self.breaks:
            raise APIConnectionError(request=httpx.Request("POST", "https://models.test"))
        done = SimpleNamespace(content=None, refusal=None)
        last = SimpleNamespace(delta=done, finish_reason="stop", model_extra={})
        yield SimpleNamespace(model="gpt-4.1-mini", usage=None, choices=[last])


class Empty:
    """A service that bills an answer without anything in it."""

    async def create(self, **_: Any) -> Any:
        """A completion without a choice."""
        return ChatCompletion.model_validate(UNUSABLE | {"choices": []})


async def summarized(service: Silent | Empty, *, stream: bool) -> Usage:
    """What a summary by this service took, whether or not it came."""
    use = ModelUse(
        model="gpt-4.1-mini", max_tokens=100, patience=Patience(deadline_s=5, tries=1), silence_s=5,
        agent="intent",
    )  # fmt: skip
    client: Any = SimpleNamespace(chat=SimpleNamespace(completions=service))
    model = ChatModel(client, use, load_prices(read_tunings().general.prices))
    prompt = load_prompt(PROMPTS, "history", slots=frozenset({"utterances"}))
    try:
        _, paid = await model.answer(
            prompt.render({"utterances": ()}), SUMMARY, lambda read: read, stream=stream
        )
    except ModelFailed as error:
        (paid,) = error.usages
    return paid


SAID = '{"summary": "Asked where the parcel is."}'


@pytest.mark.parametrize(("stream", "breaks"), [(False, False), (True, False), (True, True)])
async def test_what_no_service_tells_is_counted_by_its_letters(*, stream: bool, breaks: bool) -> None:
    """An answer without `usage`, and a stream that breaks before it: estimated, and said to be."""
    paid = await summarized(Silent(SAID, breaks=breaks), stream=stream)
    assert paid.output_tokens == tokens_at_most(SAID)
    assert paid.input_tokens > 50
    assert paid.estimated_tokens == paid.tokens
    assert paid.cost_usd > 0


async def test_an_answer_that_holds_nothing_was_billed() -> None:
    """The service says what it took, and nothing else."""
    paid = await summarized(Empty(), stream=False)
    assert (paid.tokens, paid.estimated_tokens) == (1100, 0)


async def test_what_never_began_took_nothing() -> None:
    """Nobody was reached: a call without tokens, as ever."""
    paid = await summarized(Silent("", breaks=True), stream=True)
    assert (paid.tokens, paid.estimated_tokens, paid.cost_usd) == (0, 0, 0.0)
