"""Asks a chat model for one answer in a given form, with its price.

Wire format: developers.openai.com/api/reference/chat (create, streaming events). What stays the same from
call to call stands first, and calls that share it share a `prompt_cache_key`, so that they meet in the
vendor's cache: developers.openai.com/api/docs/guides/prompt-caching.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from openai import AsyncOpenAI, Timeout
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from shared import telemetry
from shared.adapters.cut_off import also_paid_until
from shared.adapters.openai.budget import tokens_at_most
from shared.adapters.openai.failures import Cut, Filtered, struck
from shared.adapters.openai.forms import Form
from shared.adapters.openai.prices import PriceTable
from shared.adapters.openai.prompts import Rendered
from shared.adapters.openai.retrying import Patience, Sleep, persist
from shared.contracts import Usage
from shared.errors import ModelDeclined, ModelFailed, ModelRefused

ENGINE = "openai"
_Read = TypeVar("_Read", bound=msgspec.Struct)
_Made = TypeVar("_Made")


@dataclass(frozen=True, kw_only=True)
class ModelUse:
    """Which model serves a skill, and how; all of it settings.

    `agent` and `tier` stand in what is said of its costs (`contracts.Usage`).
    `temperature` None sends none (reasoning models refuse it), `reasoning_effort` empty sends none.
    `silence_s` is how long a connection may bring nothing before the try is given up. Older servers know the
    token limit only as `max_tokens`, and some refuse a `prompt_cache_key`.
    """

    model: str
    max_tokens: int
    patience: Patience
    silence_s: float
    temperature: float | None = None
    reasoning_effort: str = ""
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    cache_key: bool = True
    agent: str = ""
    tier: str = "main"

    def options(self) -> dict[str, Any]:
        """The request's fields that follow from the settings."""
        found: dict[str, Any] = {"model": self.model, self.limit_field: self.max_tokens}
        if self.temperature is not None:
            found["temperature"] = self.temperature
        if self.reasoning_effort:
            found["reasoning_effort"] = self.reasoning_effort
        found["timeout"] = Timeout(self.silence_s)
        return found


@dataclass
class _Heard:
    """What one try brought, chunk by chunk; `began` when anything came."""

    began: bool = False
    text: str = ""
    refusal: str = ""
    finish: str = ""
    model: str = ""
    usage: CompletionUsage | None = None
    categories: frozenset[str] = frozenset()

    def add(self, choice: Any, part: Any) -> None:
        self.text += part.content or ""
        self.refusal += part.refusal or ""
        self.finish = choice.finish_reason or self.finish
        results = (choice.model_extra or {}).get("content_filter_results")
        self.categories |= struck(results)


@dataclass
class _Meter:
    """What all tries together took."""

    began: float
    use: ModelUse
    asked: int = 0
    cached: int = 0
    answered: int = 0
    unpriced: int = 0
    estimated: int = 0
    cost: float = 0.0

    def usage(self, model: str) -> Usage:
        """The sum, as one usage."""
        return Usage(
            engine=ENGINE,
            model=model,
            input_tokens=self.asked,
            cached_tokens=self.cached,
            output_tokens=self.answered,
            cost_usd=self.cost,
            latency_ms=(time.perf_counter() - self.began) * 1000,
            unpriced_tokens=self.unpriced,
            estimated_tokens=self.estimated,
            agent=self.use.agent,
            tier=self.use.tier,
        )


@contextmanager
def also_paid(usages: Sequence[Usage]) -> Iterator[None]:
    """A model's error inside carries these `usages` too, and so does whoever stops it: they were paid."""
    try:
        yield
    except asyncio.CancelledError as gone:
        also_paid_until(gone, usages)
        raise
    except ModelFailed as error:
        error.usages = (*usages, *error.usages)
        raise


class ChatModel:
    """One model in one use. Raises ModelDown (it may work later) or ModelRefused (do not repeat the ask)."""

    def __init__(
        self, client: AsyncOpenAI, use: ModelUse, prices: PriceTable, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._client = client
        self._use = use
        self._prices = prices
        self._sleep = sleep

    async def answer(
        self,
        prompt: Rendered,
        form: Form[_Read],
        make: Callable[[_Read], _Made],
        *,
        stream: bool = False,
    ) -> tuple[_Made, Usage]:
        """What `make` makes of the model's answer, and what was paid for it, failed tries included.

        `make` raises ValueError for an answer that fits the form and still makes no sense; the model gets one
        more try. A stream is given up as soon as it falls silent, a whole answer only when it stays out. An
        error carries what was paid in its `usages`.
        """
        meter, heard = _Meter(time.perf_counter(), self._use), _Heard()
        request = self._request(prompt, form)

        async def attempt() -> _Made:
            nonlocal heard
            heard = _Heard()
            try:
                await (self._streamed(request, heard) if stream else self._whole(request, heard))
            finally:  # a stream that was cut off was begun, and paid
                self._count(meter, heard, prompt)
            self._check(heard)
            return form.read(heard.text, make)

        with telemetry.span(
            f"chat {self._use.model}", kind=telemetry.CLIENT, operation="chat", provider=ENGINE,
            asked_model=self._use.model,
        ) as call:  # fmt: skip
            try:
                made = await persist(attempt, self._use.patience, model=self._use.model, sleep=self._sleep)
            except ModelFailed as error:
                error.usages = (meter.usage(heard.model or self._use.model),)
                call.note(outcome=type(error).__name__)
                raise
            except asyncio.CancelledError as gone:
                also_paid_until(gone, [meter.usage(heard.model or self._use.model)])
                raise
            finally:
                telemetry.note_usage(meter.usage(heard.model or self._use.model))
            call.note(outcome="answered", finish=heard.finish)
        return made, meter.usage(heard.model or self._use.model)

    def cost_at_most(self, prompt: Rendered) -> int:
        """Tokens that asking this takes in one try."""
        return sum(tokens_at_most(part.text) for part in prompt.parts) + self._use.max_tokens

    def _request(self, prompt: Rendered, form: Form[Any]) -> dict[str, Any]:
        request = self._use.options()
        request["messages"] = [{"role": part.role, "content": part.text} for part in prompt.parts]
        request["response_format"] = form.response_format()
        if self._use.cache_key:
            request["prompt_cache_key"] = prompt.cache_key
        return request

    async def _whole(self, request: dict[str, Any], heard: _Heard) -> None:
        answer: ChatCompletion = await self._client.chat.completions.create(**request)
        if not isinstance(answer, ChatCompletion) or not (answer.choices or answer.usage):
            raise Cut("it is no completion")
        # What says that it was billed was, whatever else is in it.
        heard.model, heard.usage, heard.began = answer.model or "", answer.usage, True
        if not answer.choices:
            raise Cut("it holds no choice")
        heard.add(answer.choices[0], answer.choices[0].message)

    async def _streamed(self, request: dict[str, Any], heard: _Heard) -> None:
        request = request | {"stream_options": {"include_usage": True}}
        async with await self._client.chat.completions.create(**request, stream=True) as chunks:
            chunk: ChatCompletionChunk
            async for chunk in chunks:
                heard.began = True
                heard.model = chunk.model or heard.model
                heard.usage = chunk.usage or heard.usage
                if chunk.choices:  # the first chunk of Azure and the one with the usage have none
                    heard.add(chunk.choices[0], chunk.choices[0].delta)

    def _count(self, meter: _Meter, heard: _Heard, prompt: Rendered) -> None:
        if not heard.began:
            return
        cached = 0
        if heard.usage is not None:
            asked, answered = heard.usage.prompt_tokens, heard.usage.completion_tokens
            details = heard.usage.prompt_tokens_details
            cached = (details.cached_tokens if details else None) or 0
        else:  # some servers tell none, and no stream does that is cut off before its end
            asked = sum(tokens_at_most(part.text) for part in prompt.parts)
            answered = tokens_at_most(heard.text + heard.refusal)
            meter.estimated += asked + answered
        meter.cached += cached
        meter.asked += asked
        meter.answered += answered
        names = [heard.model, self._use.model]
        if not self._prices.knows(names):
            meter.unpriced += asked + answered
        meter.cost += self._prices.cost(names, asked=asked, cached=cached, answered=answered)

    def _check(self, heard: _Heard) -> None:
        name = self._use.model
        if heard.finish == "content_filter":
            raise Filtered(f"{name}: the content filter refused the answer", heard.categories)
        if heard.refusal:
            raise ModelDeclined(f"{name} declined to answer")
        if heard.finish == "length":
            raise ModelRefused(
                f"{name} needed more than the {self._use.max_tokens} tokens it may write: raise max_tokens"
            )
        if not heard.finish:
            raise Cut("it has no end")
