"""Opens this engine's skills from settings, closing their connections at the end."""

import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from openai import AsyncOpenAI

from shared.adapters.breaker import Breaker
from shared.adapters.fallback import JudgeChain, Link, UnderstandingChain, WriterChain
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.openai.access import ModelAccess, open_client
from shared.adapters.openai.client import ChatModel, ModelUse
from shared.adapters.openai.deployments import Deployment, cheaper_deployment, deployments
from shared.adapters.openai.embedder import OpenAIEmbedder, Paid
from shared.adapters.openai.failures import KNOWN, failure_of
from shared.adapters.openai.guard import GuardedJudge, GuardedUnderstanding, GuardedWriter
from shared.adapters.openai.judge import LayeredJudge, OpenAIJudge
from shared.adapters.openai.prices import PriceTable, load_prices
from shared.adapters.openai.recall import Recall
from shared.adapters.openai.retrying import Patience
from shared.adapters.openai.tuning import Tuning, Tunings, read_tunings
from shared.adapters.openai.understanding import OpenAIUnderstanding
from shared.adapters.openai.writer import OpenAIWriter
from shared.budget import Allowance, BudgetWatch
from shared.ports import Judge, Understanding, Writer
from shared.settings import Settings

_Skill = TypeVar("_Skill")
Cached = Callable[[Writer, str], Writer]
"""A writer with what it wrote before in front of it; the text names what else a reply depends on."""
_LOCAL = "the local engine"
_SUMMARY_SECONDS, _SUMMARY_TOKENS = 2.0, 400
"""A summary of the history is a help, not an answer: it may cost little of an answer's time."""


class Engine:
    """The skills of one deployment, over one connection pool."""

    def __init__(
        self, client: AsyncOpenAI, deployment: Deployment, tunings: Tunings, prices: PriceTable, *,
        prompts: Path, count: int,
    ) -> None:  # fmt: skip
        def model(tuning: Tuning, agent: str, name: str) -> tuple[ChatModel, Recall]:
            use = tuning.use(name, deployments=count, cache_key=deployment.takes_cache_key)
            use = dataclasses.replace(use, agent=agent, tier=deployment.tier)
            brief = ChatModel(client, _for_summaries(use), prices)
            recall = Recall(brief, prompts=prompts, budget=tuning.budget())
            return ChatModel(client, use, prices), recall

        budget = tunings.general.budget()
        self.name = deployment.name
        self._client = client
        self._silence_s = tunings.general.silence_seconds
        understand, understood = model(tunings.intent, "intent", deployment.intent)
        write, written = model(tunings.response, "response", deployment.response)
        judge, _ = model(tunings.critic, "critic", deployment.critic)
        self.understanding: Understanding = OpenAIUnderstanding(
            understand, prompts=prompts, recall=understood, budget=budget
        )
        writer = OpenAIWriter(write, prompts=prompts, recall=written, budget=budget)
        self.writer: Writer = writer
        self.written_as = f"{writer.prompt_key} {deployment.response}"
        self.judge: Judge = OpenAIJudge(judge, prompts=prompts, budget=budget)

    async def ping(self) -> None:
        """Raises ModelDown or ModelRefused when the models cannot be reached now; costs no tokens."""
        try:
            await self._client.models.list(timeout=self._silence_s)
        except KNOWN as error:
            raise failure_of(error, f"the model server {self._client.base_url.host}").error from error


@dataclass(frozen=True)
class Models:
    """Every deployment, in the order they are asked, with the chains over them.

    While the budget of `watch` runs short, `cheaper` is asked in their place, then nobody.
    """

    engines: tuple[Engine, ...]
    tuning: Tuning
    watch: BudgetWatch
    cheaper: Engine | None = None
    breakers: list[tuple[str, Breaker]] = field(default_factory=list)
    """Of every chain, with the name of its engine."""

    def resting(self) -> dict[str, float]:
        """Engines that some skill leaves alone after failures, with the seconds they still rest."""
        rests: dict[str, float] = {}
        for name, breaker in self.breakers:
            if breaker.rests_for:
                rests[name] = max(rests.get(name, 0.0), breaker.rests_for)
        return rests

    def understanding(self, local: Understanding) -> Understanding:
        """The deployments, then the local engine."""

        def chain(engines: Sequence[Engine]) -> Understanding:
            links = self._links(engines, lambda engine: engine.understanding)
            return UnderstandingChain([*links, Link(_LOCAL, local)], deadline_s=self.tuning.total_seconds)

        cheaper = chain([self.cheaper]) if self.cheaper else None
        return GuardedUnderstanding(self.watch, main=chain(self.engines), cheaper=cheaper, local=local)

    def writer(self, local: Writer, *, cached: Cached | None = None) -> Writer:
        """The deployments, then the local engine; `cached` puts what was written before in front of them."""

        def chain(engines: Sequence[Engine]) -> Writer:
            links = self._links(engines, lambda engine: engine.writer)
            found = WriterChain([*links, Link(_LOCAL, local)], deadline_s=self.tuning.total_seconds)
            # What a reply depends on beside its ask: the prompt's version, and the models that may answer.
            return cached(found, " ".join(engine.written_as for engine in engines)) if cached else found

        cheaper = chain([self.cheaper]) if self.cheaper else None
        return GuardedWriter(self.watch, main=chain(self.engines), cheaper=cheaper, local=local)

    def judge(self, local: Judge) -> Judge:
        """The local judge first, then the first deployment that gives a verdict."""

        def layered(engines: Sequence[Engine]) -> Judge:
            links = self._links(engines, lambda engine: engine.judge)
            return LayeredJudge(local=local, model=JudgeChain(links, deadline_s=self.tuning.total_seconds))

        cheaper = layered([self.cheaper]) if self.cheaper else None
        return GuardedJudge(self.watch, main=layered(self.engines), cheaper=cheaper, local=local)

    def _links(self, engines: Sequence[Engine], skill: Callable[[Engine], _Skill]) -> list[Link[_Skill]]:
        return [Link(engine.name, skill(engine), self._breaker(engine.name)) for engine in engines]

    def _breaker(self, name: str) -> Breaker:
        made = Breaker(failures=self.tuning.breaker_failures, rest_s=self.tuning.breaker_seconds)
        self.breakers.append((name, made))
        return made


@asynccontextmanager
async def open_models(
    settings: Settings, *, prompts: Path, watch: BudgetWatch | None = None, tunings: Tunings | None = None
) -> AsyncIterator[Models]:
    """The deployments the settings name; without a `watch` no budget is kept.

    SettingsError says what is wrong with a setting, prompt or price.
    """
    tuned = tunings or read_tunings()
    prices = load_prices(tuned.general.prices)
    found = deployments(settings)
    async with AsyncExitStack() as stack:

        async def opened(deployment: Deployment, *, count: int) -> Engine:
            client = open_client(deployment.access, http_client=deployment.http_client())
            await stack.enter_async_context(client)
            return Engine(client, deployment, tuned, prices, prompts=prompts, count=count)

        engines = [await opened(deployment, count=len(found)) for deployment in found]
        cheap = cheaper_deployment(settings)
        cheaper = await opened(cheap, count=1) if cheap else None
        unwatched = BudgetWatch(MemorySpending(), Allowance(), now=time.time)
        yield Models(tuple(engines), tuned.general, watch or unwatched, cheaper)


@asynccontextmanager
async def open_embedder(
    access: ModelAccess,
    *,
    model: str,
    dimensions: int,
    tuning: Tuning | None = None,
    paid: Paid | None = None,
) -> AsyncIterator[OpenAIEmbedder]:
    """The embedder of this access for as long as the context is open; `paid` hears what it takes."""
    tuned = tuning or read_tunings().general
    async with open_client(access) as client:
        yield OpenAIEmbedder(
            client,
            model=model,
            dimensions=dimensions,
            patience=tuned.patience(),
            silence_s=tuned.silence_seconds,
            prices=load_prices(tuned.prices),
            paid=paid,
        )


def _for_summaries(use: ModelUse) -> ModelUse:
    patience = Patience(deadline_s=min(_SUMMARY_SECONDS, use.patience.deadline_s), tries=1)
    return dataclasses.replace(use, max_tokens=min(_SUMMARY_TOKENS, use.max_tokens), patience=patience)
