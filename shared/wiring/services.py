"""One URL setting per seam picks its adapter; parts open when first asked for and close together."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from shared import ports
from shared.adapters.clock import SystemClock
from shared.contracts import Language
from shared.settings import Settings
from shared.wiring import openers, stores
from shared.wiring.bus import open_bus, quotas_of

if TYPE_CHECKING:
    from shared.adapters.embedded.embedder import EmbeddedEmbedder
    from shared.adapters.embedded.language import LanguageDetector
    from shared.adapters.knowledge.index import Index
    from shared.adapters.knowledge.sync import KnowledgeSync
    from shared.adapters.openai.wiring import Models
    from shared.adapters.sqlite.answers import AnswerRows
    from shared.ports.editing import Editions, PastQuestions
    from shared.ports.measures import Measures
    from shared.ports.retention import RetentionStore
    from shared.ports.search import ConversationSearch
    from shared.ports.views import ViewStore

_T = TypeVar("_T")


@asynccontextmanager
async def open_services(settings: Settings, *, actor: str = "service:desk") -> AsyncIterator["Services"]:
    """The services of these settings; everything that was opened is closed at the end, last first.

    `actor` is this process in the audit log.
    """
    async with AsyncExitStack() as stack:
        yield Services(settings, stack, actor)


class Services:
    """Every port by name. `await services.shop()` opens the shop once and gives it every time."""

    def __init__(self, settings: Settings, stack: AsyncExitStack, actor: str = "service:desk") -> None:
        self.settings = settings
        self.actor = actor
        self.prompts = Path(__file__).parents[2] / "agents" / "prompts"
        self.clock: ports.Clock = SystemClock()
        self.pings: dict[str, Callable[[], Awaitable[None]]] = {}
        self._stack = stack
        self._opened: dict[str, Any] = {}

    async def bus(self, name: str = "desk", *, join: bool = False) -> ports.Bus:
        """The bus; `nats+embedded://` starts a nats-server of our own first, or may `join` a running one."""
        unique = f"{name}-{secrets.token_hex(3)}"
        return await self._once("bus", lambda: open_bus(self.settings, unique, actor=self.actor, join=join))

    async def quotas(self) -> ports.Quotas:
        """What counts over all gateway processes."""
        return quotas_of(await self.bus())

    async def store(self) -> ports.ConversationStore:
        """Conversations."""
        return await self._once("store", lambda: stores.open_store(self.settings))

    async def cases(self) -> ports.CaseStore:
        """Cases, beside the conversations."""
        await self.store()
        return await self._once("cases", lambda: stores.open_cases(self.settings))

    async def search(self) -> "ConversationSearch":
        """Conversations as they are searched."""
        await self.store()
        return await self._once("search", lambda: stores.open_search(self.settings))

    async def views(self) -> "ViewStore":
        """Views of the queue that staff saved."""
        await self.staff()
        return await self._once("views", lambda: stores.open_views(self.settings))

    async def corrections(self) -> ports.Corrections:
        """What staff found wrong with the bot, in the conversations' store."""
        await self.store()
        return await self._once("corrections", lambda: stores.open_corrections(self.settings))

    async def measures(self) -> "Measures":
        """How the day goes, counted from the conversations' store."""
        await self.store()
        return await self._once("measures", lambda: stores.open_measures(self.settings))

    async def proof_tries(self) -> ports.ProofTries:
        """How often an order may be proved."""
        return await self._once("proof_tries", lambda: stores.open_proof_tries(self.settings))

    async def tasks(self) -> ports.Tasks:
        """Follow-ups."""
        return await self._once("tasks", lambda: stores.open_tasks(self.settings))

    async def approvals(self) -> ports.Approvals:
        """What a person has to approve."""
        await self.store()
        return await self._once("approvals", lambda: stores.open_approvals(self.settings))

    async def promises(self) -> ports.Promises:
        """What customers were promised."""
        return await self._once("promises", lambda: stores.open_promises(self.settings))

    async def retention(self) -> "RetentionStore":
        """Conversations by age, for who removes the old ones."""
        await self.store()
        return await self._once("retention", lambda: stores.open_retention(self.settings))

    def answers(self) -> "AbstractAsyncContextManager[AnswerRows] | None":
        """The replies that models wrote, opened for a moment; None where there never was one."""
        there = (self.settings.data_dir / "answers.db").exists()
        return openers.open_answers(self.settings) if there else None

    async def staff(self) -> ports.StaffStore:
        """Members of staff and their sessions."""
        return await self._once("staff", lambda: stores.open_staff(self.settings))

    async def duty(self) -> ports.DutyStore:
        """Who of staff is on duty."""
        await self.staff()
        return await self._once("duty", lambda: stores.open_duty(self.settings))

    async def vault(self) -> ports.PIIVault:
        """Personal data."""
        audit = await self.audit()
        return await self._once("vault", lambda: openers.open_vault(self.settings, audit))

    async def audit(self) -> ports.AuditLog:
        """Who did what; needs the key file that the vault makes."""
        return await self._once("audit", lambda: openers.open_audit(self.settings, self.actor))

    async def embedder(self) -> ports.Embedder:
        """Vectors."""
        if openers.scheme(self.settings.embedder_url) == "embedded":
            return self._encoders()
        return await self._once("embedder", lambda: openers.open_embedder(self.settings))

    async def index(self) -> "Index":
        """The knowledge base."""
        embedder = await self.embedder()
        return await self._once("index", lambda: openers.open_index(self.settings, embedder))

    async def knowledge_sync(self) -> "KnowledgeSync":
        """What brings the knowledge base up to date with its source."""
        from shared.adapters.knowledge.agreement import agreement  # noqa: PLC0415
        from shared.adapters.knowledge.sync import KnowledgeSync  # noqa: PLC0415

        source = await self._once("source", lambda: openers.open_knowledge_source(self.settings))
        where = self.settings.knowledge_source.get_secret_value()
        check = agreement(self.settings.knowledge_contradictions, None if "://" in where else Path(where))
        return KnowledgeSync(source, await self.index(), check=check)

    async def editions(self) -> "Editions":
        """Texts of knowledge documents."""
        return await self._once("editions", lambda: stores.open_editions(self.settings))

    async def questions(self) -> "PastQuestions":
        """What customers asked."""
        await self.store()
        return await self._once("questions", lambda: stores.open_questions(self.settings))

    async def shop(self) -> ports.CommerceApi:
        """The shop."""
        vault = await self.vault()
        return await self._once("shop", lambda: openers.open_shop(self.settings, vault, self.clock))

    async def helpdesk(self) -> ports.HelpdeskApi:
        """Tickets."""
        vault = await self.vault()
        return await self._once("helpdesk", lambda: openers.open_helpdesk(self.settings, vault))

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
        models = await self._models()
        writer = models.writer(self.words())
        return await self._cached(writer, models.written_as) if self.settings.answer_cache else writer

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

        models = await self._once("models", lambda: open_models(self.settings, prompts=self.prompts))
        self.pings.update({engine.name: engine.ping for engine in models.engines})
        return models

    async def _cached(self, writer: ports.Writer, written_as: str) -> ports.Writer:
        from shared.adapters.answer_cache import CachedWriter  # noqa: PLC0415
        from shared.adapters.openai.client import ENGINE  # noqa: PLC0415

        rows = await self._once("answers", lambda: openers.open_answers(self.settings))
        least = self.settings.answer_cache_similarity
        return CachedWriter(
            writer, rows, await self.embedder(), written_as=written_as, engine=ENGINE, least=least
        )

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
