"""The engines that understand, write and judge: the local ones, and model services before them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from shared import ports
from shared.adapters.clock import SystemClock
from shared.contracts import Language
from shared.settings import Settings
from shared.wiring import openers, stores

if TYPE_CHECKING:
    from shared.adapters.embedded.embedder import EmbeddedEmbedder
    from shared.adapters.embedded.language import LanguageDetector
    from shared.adapters.openai.wiring import Models
    from shared.budget import BudgetWatch
    from shared.ports.spending import Spending

_T = TypeVar("_T")


class Engines:
    """The part of `Services` that opens engines, each once, with what it costs to ask them."""

    def __init__(self, settings: Settings, stack: AsyncExitStack, actor: str = "service:desk") -> None:
        self.settings = settings
        self.actor = actor
        self.prompts = Path(__file__).parents[2] / "agents" / "prompts"
        self.clock: ports.Clock = SystemClock()
        self.pings: dict[str, Callable[[], Awaitable[None]]] = {}
        self._stack = stack
        self._opened: dict[str, Any] = {}

    async def spending(self) -> "Spending":
        """What model services took; customers are answered though it is down, and opened later."""
        ledger = await self._once("spending", lambda: stores.open_ledger(self.settings))
        self.pings.pop("spending", None)
        return ledger

    async def budget(self) -> "BudgetWatch":
        """What may still be spent, read in the background from the ledger."""
        from shared.wiring.budget import open_budget  # noqa: PLC0415

        ledger = await self.spending()
        return await self._once("budget", lambda: open_budget(self.settings, ledger, self.clock))

    def resting(self) -> Mapping[str, float]:
        """Model services that this process leaves alone after failures, with the seconds they still rest."""
        models: Models | None = self._opened.get("models")
        return models.resting() if models is not None else {}

    async def embedder(self) -> ports.Embedder:
        """Vectors."""
        if openers.scheme(self.settings.embedder_url) == "embedded":
            return self._encoders()
        paid = (await self.budget()).lost if openers.asks_a_service(self.settings.embedder_url) else None
        return await self._once("embedder", lambda: openers.open_embedder(self.settings, paid))

    async def understanding(self) -> ports.Understanding:
        """The engine that classifies."""
        scheme = openers.scheme(self.settings.model_url)
        if scheme == "scripted":
            return openers.scripted(self.settings)
        local = await self._local_understanding()
        return local if scheme == "embedded" else (await self._models()).understanding(local)

    async def writer(self) -> ports.Writer:
        """The engine that writes."""
        scheme = openers.scheme(self.settings.model_url)
        if scheme == "embedded":
            return self.words()
        if scheme == "scripted":
            return openers.scripted(self.settings)
        cached = await self._cache() if self.settings.answer_cache else None
        return (await self._models()).writer(self.words(), cached=cached)

    async def judge(self) -> ports.Judge:
        """The engine that judges."""
        scheme = openers.scheme(self.settings.model_url)
        if scheme == "scripted":
            return openers.scripted(self.settings)
        local = await self._local_judge()
        return local if scheme == "embedded" else (await self._models()).judge(local)

    def words(self) -> ports.Writer:
        """The local writer: templates, always there."""
        if "words" not in self._opened:
            from shared.adapters.embedded.writer import open_writer  # noqa: PLC0415

            self._opened["words"] = open_writer()
        return cast("ports.Writer", self._opened["words"])

    def rules(self) -> ports.Judge:
        """The local judge: rules, always there."""
        if "rules" not in self._opened:
            from shared.adapters.embedded.judge import open_judge  # noqa: PLC0415

            self._opened["rules"] = open_judge(detect=self._detector().detect)
        return cast("ports.Judge", self._opened["rules"])

    def language_of(self, text: str, prior: Language | None) -> Language:
        """The language of a text, by letters and words alone."""
        return self._detector().detect(text, prior)

    def _detector(self) -> "LanguageDetector":
        if "detector" not in self._opened:
            from shared.adapters.embedded.language import open_detector  # noqa: PLC0415

            self._opened["detector"] = open_detector()
        return cast("LanguageDetector", self._opened["detector"])

    def _encoders(self) -> "EmbeddedEmbedder":
        """The local encoders: the intent classifier was learned on their vectors."""
        if "encoders" not in self._opened:
            from shared.adapters.embedded.embedder import open_embedder  # noqa: PLC0415

            self._opened["encoders"] = open_embedder(self.settings.data_dir / "cache")
        return cast("EmbeddedEmbedder", self._opened["encoders"])

    def watch(self) -> ports.RiskWatch:
        """The local watch for reasons to call a person."""
        if "watch" not in self._opened:
            from shared.adapters.embedded.risk import open_risk_watch  # noqa: PLC0415

            self._opened["watch"] = open_risk_watch()
        return cast("ports.RiskWatch", self._opened["watch"])

    def product_reader(self) -> ports.ProductReader:
        """The local reader of product pages: word lists, always there."""
        if "product_reader" not in self._opened:
            from shared.adapters.embedded.product_reader import open_product_reader  # noqa: PLC0415

            self._opened["product_reader"] = open_product_reader()
        return cast("ports.ProductReader", self._opened["product_reader"])

    async def _local_judge(self) -> ports.Judge:
        """Rules with the classifier of attacks, which needs the encoders; rules alone in a shop without."""
        urls = (self.settings.model_url, self.settings.embedder_url)
        if not any(openers.scheme(url) == "embedded" for url in urls):
            return self.rules()
        from shared.adapters.embedded.judge import open_critic  # noqa: PLC0415

        cache, encoders, detect = self.settings.data_dir / "cache", self._encoders(), self._detector().detect
        return await self._once("judge", lambda: _given(open_critic(cache, encoders, detect=detect)))

    async def _local_understanding(self) -> ports.Understanding:
        from shared.adapters.embedded.understanding import open_understanding  # noqa: PLC0415

        cache, encoders = self.settings.data_dir / "cache", self._encoders()
        return await self._once("understanding", lambda: _given(open_understanding(cache, encoders)))

    async def _models(self) -> "Models":
        from shared.adapters.openai.wiring import open_models  # noqa: PLC0415

        watch = await self.budget()
        models = await self._once(
            "models", lambda: open_models(self.settings, prompts=self.prompts, watch=watch)
        )
        self.pings.update({engine.name: engine.ping for engine in models.engines})
        return models

    async def _cache(self) -> Callable[[ports.Writer, str], ports.Writer]:
        rows = await self._once("answers", lambda: openers.open_answers(self.settings))
        embedder = await self.embedder()
        return lambda writer, written_as: openers.cached(self.settings, writer, rows, embedder, written_as)

    async def _once(self, name: str, opener: Callable[[], AbstractAsyncContextManager[_T]]) -> _T:
        if name not in self._opened:
            self._opened[name] = await self._stack.enter_async_context(opener())
            ping = getattr(self._opened[name], "ping", None)
            if ping is not None:
                self.pings[name] = ping
        return cast("_T", self._opened[name])


@asynccontextmanager
async def _given(value: Awaitable[_T]) -> AsyncIterator[_T]:
    yield await value
