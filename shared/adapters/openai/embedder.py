"""Turns texts into vectors by asking an embedding model.

Wire format: developers.openai.com/api/reference/embeddings. `text-embedding-3-*` is asked for fewer
dimensions than it has (the production index takes 1,536); what comes back is made unit length again.
"""

import asyncio
import math
from collections.abc import Callable, Sequence

from openai import AsyncOpenAI, Timeout
from openai.types import CreateEmbeddingResponse

from shared import telemetry
from shared.adapters.openai.budget import tokens_at_most
from shared.adapters.openai.client import ENGINE
from shared.adapters.openai.failures import Cut
from shared.adapters.openai.prices import PriceTable
from shared.adapters.openai.retrying import Patience, Sleep, persist
from shared.contracts import Usage
from shared.errors import ModelRefused
from shared.ports import TextKind
from shared.spending import EMBEDDING

Paid = Callable[[str, Sequence[Usage]], None]
"""Hears for which conversation (empty: none in particular) a model service was paid what."""
_BATCH = 256  # the API takes 2,048 texts but 300,000 tokens in all; our chunks stay under 1,000 tokens


class OpenAIEmbedder:
    """Implements `Embedder`. Raises ModelDown or ModelRefused."""

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        model: str,
        dimensions: int,
        patience: Patience,
        silence_s: float,
        prices: PriceTable | None = None,
        paid: Paid | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = f"{model}-{dimensions}"
        self.dimensions = dimensions
        self._client = client
        self._model = model
        self._patience = patience
        self._silence_s = silence_s
        self._sleep = sleep
        self._prices = prices
        self._paid = paid

    async def embed(
        self,
        texts: Sequence[str],
        *,
        kind: TextKind = "question",  # noqa: ARG002 the same to this model
    ) -> list[list[float]]:
        """One unit-length vector of `dimensions` floats per text; each batch has the whole deadline."""
        found: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            found.extend(await self._embedded(texts[start : start + _BATCH]))
        return found

    async def _embedded(self, texts: Sequence[str]) -> list[list[float]]:
        async def attempt() -> list[list[float]]:
            answer = await self._client.embeddings.create(
                input=list(texts),
                model=self._model,
                dimensions=self.dimensions,
                timeout=Timeout(self._silence_s),
            )
            fits = isinstance(answer, CreateEmbeddingResponse) and len(answer.data or ()) == len(texts)
            if fits or getattr(answer, "usage", None):  # what says that it was billed was
                self._tell(answer, texts)
            if not fits:
                raise Cut(f"it does not hold {len(texts)} vectors")
            return [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]

        with telemetry.span(
            f"embeddings {self._model}", kind=telemetry.CLIENT, operation="embeddings",
            provider="openai", asked_model=self._model,
        ) as call:  # fmt: skip
            vectors = await persist(attempt, self._patience, model=self._model, sleep=self._sleep)
            call.note(outcome="answered", values=len(texts))
        return [self._unit(vector) for vector in vectors]

    def _tell(self, answer: CreateEmbeddingResponse, texts: Sequence[str]) -> None:
        """What the service counted, or where it counts nothing what it will have been."""
        if self._paid is None or self._prices is None:
            return
        guessed = 0 if answer.usage else sum(tokens_at_most(text) for text in texts)
        read, names = (
            answer.usage.prompt_tokens if answer.usage else guessed,
            [answer.model or "", self._model],
        )
        usage = Usage(
            engine=ENGINE,
            model=answer.model or self._model,
            input_tokens=read,
            cost_usd=self._prices.cost(names, asked=read, cached=0, answered=0),
            unpriced_tokens=0 if self._prices.knows(names) else read,
            estimated_tokens=guessed,
            agent=EMBEDDING,
            tier="main",
        )
        self._paid("", [usage])

    def _unit(self, vector: list[float]) -> list[float]:
        length = math.sqrt(math.fsum(x * x for x in vector))
        if len(vector) != self.dimensions or not length:
            raise ModelRefused(
                f"{self._model} sent a vector of {len(vector)} dimensions, length {length:g}; asked for"
                f" {self.dimensions}: check the embedding model and its dimensions in the settings"
            )
        return [x / length for x in vector]
