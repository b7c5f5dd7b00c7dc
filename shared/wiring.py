"""One URL setting per seam picks its adapter; parts open when first asked for and close together.

Adapters are imported where they are chosen, so that a process pays only for what it runs: an agent without
the embedded engine never loads onnxruntime, one without mocks never loads graphql.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from shared import ports
from shared.adapters.clock import SystemClock
from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.adapters.embedded.language import LanguageDetector
    from shared.adapters.openai.wiring import Engine
    from shared.adapters.scripted import ScriptedModel
    from shared.adapters.sqlite.index import SqliteIndex

_LOG = logging.getLogger("answerdesk.wiring")
_T = TypeVar("_T")
PROMPTS = Path(__file__).parent.parent / "agents" / "prompts"


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator["Services"]:
    """The services of these settings; everything that was opened is closed at the end, last first."""
    async with AsyncExitStack() as stack:
        yield Services(settings, stack)


class Services:
    """Every port by name. `await services.shop()` opens the shop once and gives it every time."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.clock: ports.Clock = SystemClock()
        self.pings: dict[str, Callable[[], Awaitable[None]]] = {}
        self._stack = stack
        self._opened: dict[str, Any] = {}

    async def bus(self, name: str = "desk") -> ports.Bus:
        """The bus; `nats+embedded://` starts a nats-server of our own first."""
        return await self._once("bus", lambda: _open_bus(self.settings, f"{name}-{secrets.token_hex(3)}"))

    async def store(self) -> ports.ConversationStore:
        """Conversations."""
        return await self._once("store", lambda: _open_store(self.settings))

    async def vault(self) -> ports.PIIVault:
        """Personal data."""
        return await self._once("vault", lambda: _open_vault(self.settings))

    async def embedder(self) -> ports.Embedder:
        """Vectors."""
        return await self._once("embedder", lambda: _open_embedder(self.settings))

    async def index(self) -> "SqliteIndex":
        """The knowledge base, brought up to date from its folder."""
        embedder = await self.embedder()
        return await self._once("index", lambda: _open_index(self.settings, embedder))

    async def shop(self) -> ports.CommerceApi:
        """The shop."""
        vault = await self.vault()
        return await self._once("shop", lambda: _open_shop(self.settings, vault, self.clock))

    async def helpdesk(self) -> ports.HelpdeskApi:
        """Tickets."""
        vault = await self.vault()
        return await self._once("helpdesk", lambda: _open_helpdesk(self.settings, vault))

    async def understanding(self) -> ports.Understanding:
        """The engine that classifies."""
        scheme = _scheme(self.settings.model_url)
        if scheme == "embedded":
            from shared.adapters.embedded.understanding import open_understanding  # noqa: PLC0415

            embedder = await self.embedder()
            cache = self.settings.data_dir / "cache"
            return await self._once("understanding", lambda: _given(open_understanding(cache, embedder)))
        if scheme == "scripted":
            return _scripted(self.settings)
        return (await self._openai()).understanding

    async def writer(self) -> ports.Writer:
        """The engine that writes."""
        scheme = _scheme(self.settings.model_url)
        if scheme == "embedded":
            return self.words()
        if scheme == "scripted":
            return _scripted(self.settings)
        return (await self._openai()).writer

    async def judge(self) -> ports.Judge:
        """The engine that judges."""
        scheme = _scheme(self.settings.model_url)
        if scheme == "embedded":
            return self.rules()
        if scheme == "scripted":
            return _scripted(self.settings)
        return (await self._openai()).judge

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
            from shared.adapters.embedded.seeds import load_seeds  # noqa: PLC0415

            seeds = load_seeds()
            samples = {lang: [seed.text for seed in seeds if seed.language == lang] for lang in LANGUAGES}
            self._opened["detector"] = open_detector(samples)
        return cast("LanguageDetector", self._opened["detector"])

    def watch(self) -> ports.RiskWatch:
        """The local watch for reasons to call a person."""
        if "watch" not in self._opened:
            from shared.adapters.embedded.risk import open_risk_watch  # noqa: PLC0415

            self._opened["watch"] = open_risk_watch()
        return cast("ports.RiskWatch", self._opened["watch"])

    async def _openai(self) -> "Engine":
        from shared.adapters.openai.wiring import open_engine  # noqa: PLC0415

        settings, rules = self.settings, self.rules()
        return await self._once("model", lambda: open_engine(settings, prompts=PROMPTS, local=rules))

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


def _scheme(url: str) -> str:
    return urlsplit(url).scheme


def _unknown(name: str, url: str, known: str) -> SettingsError:
    return SettingsError(f"{name}={url!r}: unknown scheme; it may be one of {known}")


@asynccontextmanager
async def _open_bus(settings: Settings, name: str) -> AsyncIterator[ports.Bus]:
    scheme = _scheme(settings.bus_url)
    if scheme == "memory":
        yield _memory_bus()
        return
    from shared.adapters.nats.bus import open_bus  # noqa: PLC0415

    if scheme == "nats+embedded":
        from shared.adapters.nats.binary import find_binary  # noqa: PLC0415
        from shared.adapters.nats.server import embedded_server  # noqa: PLC0415

        binary = await asyncio.to_thread(find_binary, settings.data_dir / "bin")
        if binary is None:
            _LOG.warning(
                "no nats-server could be found or fetched: the bus runs in this process, not durable"
            )
            yield _memory_bus()
            return
        server = embedded_server(settings.data_dir / "nats", str(binary))
        async with server as url, open_bus(url, name=name, drain_seconds=settings.stop_seconds) as bus:
            yield bus
    elif scheme in {"nats", "tls"}:
        async with open_bus(settings.bus_url, name=name, drain_seconds=settings.stop_seconds) as bus:
            yield bus
    else:
        raise _unknown("BUS_URL", settings.bus_url, "nats+embedded://, nats://host:4222, memory://")


def _memory_bus() -> ports.Bus:
    from shared.adapters.memory.bus import MemoryBus  # noqa: PLC0415

    return MemoryBus()


def _open_store(settings: Settings) -> AbstractAsyncContextManager[ports.ConversationStore]:
    if _scheme(settings.store_url) != "sqlite":
        raise _unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.store import open_store  # noqa: PLC0415

    return open_store(settings.data_dir / "desk.db")


def _open_vault(settings: Settings) -> AbstractAsyncContextManager[ports.PIIVault]:
    if _scheme(settings.vault_url) != "local":
        raise _unknown("VAULT_URL", settings.vault_url, "local://")
    from shared.adapters.local.vault import open_local_vault  # noqa: PLC0415

    folder = settings.data_dir / "vault"
    return open_local_vault(folder / "vault.db", folder / "key", audit=folder / "audit.log")


@asynccontextmanager
async def _open_embedder(settings: Settings) -> AsyncIterator[ports.Embedder]:
    scheme = _scheme(settings.embedder_url)
    if scheme == "embedded":
        from shared.adapters.embedded.embedder import open_embedder  # noqa: PLC0415

        yield open_embedder(settings.data_dir / "cache")
    elif scheme == "hashing":
        from shared.adapters.memory.embedder import HashingEmbedder  # noqa: PLC0415

        yield HashingEmbedder()
    elif scheme in {"https", "http"}:
        from shared.adapters.openai.access import ModelAccess  # noqa: PLC0415
        from shared.adapters.openai.wiring import open_embedder as open_remote  # noqa: PLC0415

        key = settings.model_api_key.get_secret_value()
        access = ModelAccess(url=settings.embedder_url, key=key, api_version=settings.model_api_version)
        dimensions = settings.embedder_dimensions
        async with open_remote(access, model=settings.embedder_model, dimensions=dimensions) as remote:
            yield remote
    else:
        raise _unknown("EMBEDDER_URL", settings.embedder_url, "embedded://, https://..., hashing:// (tests)")


@asynccontextmanager
async def _open_index(settings: Settings, embedder: ports.Embedder) -> AsyncIterator["SqliteIndex"]:
    if _scheme(settings.index_url) != "sqlite":
        raise _unknown("INDEX_URL", settings.index_url, "sqlite://")
    from shared.adapters.sqlite.index import open_index  # noqa: PLC0415

    # MiniLM knows English; a model service's embedder knows our three languages.
    locales: tuple[Language, ...] = ("en",) if _scheme(settings.embedder_url) == "embedded" else LANGUAGES
    path, again = settings.data_dir / "knowledge.db", settings.re_embed
    async with open_index(path, embedder=embedder, vector_locales=locales, re_embed=again) as index:
        yield index


def _open_shop(
    settings: Settings, vault: ports.PIIVault, clock: ports.Clock
) -> AbstractAsyncContextManager[ports.CommerceApi]:
    from shared.adapters.shopify import open_commerce  # noqa: PLC0415

    return open_commerce(
        settings.commerce_url,
        token=settings.commerce_token.get_secret_value(),
        vault=vault,
        clock=clock,
        mock_file=settings.data_dir / "mock" / "shopify.db",
    )


def _open_helpdesk(
    settings: Settings, vault: ports.PIIVault
) -> AbstractAsyncContextManager[ports.HelpdeskApi]:
    from shared.adapters.zendesk import open_helpdesk  # noqa: PLC0415

    return open_helpdesk(
        settings.helpdesk_url,
        email=settings.helpdesk_user,
        token=settings.helpdesk_token.get_secret_value(),
        vault=vault,
        mock_file=settings.data_dir / "mock" / "zendesk.db",
    )


def _scripted(settings: Settings) -> "ScriptedModel":
    from shared.adapters.scripted import ScriptedModel  # noqa: PLC0415

    return ScriptedModel.from_url(settings.model_url)
