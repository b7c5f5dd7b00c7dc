"""Opens this engine's skills from settings, closing their connections at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openai import AsyncOpenAI

from shared.adapters.openai.access import ModelAccess, open_client
from shared.adapters.openai.client import ChatModel, ModelUse
from shared.adapters.openai.embedder import OpenAIEmbedder
from shared.adapters.openai.failures import KNOWN, failure_of
from shared.adapters.openai.judge import OpenAIJudge
from shared.adapters.openai.prices import PriceTable, load_prices
from shared.adapters.openai.tuning import Tuning, read_tuning
from shared.adapters.openai.understanding import OpenAIUnderstanding
from shared.adapters.openai.writer import OpenAIWriter
from shared.errors import SettingsError
from shared.ports import Judge
from shared.settings import Settings

if TYPE_CHECKING:
    from httpx2 import AsyncClient

_MOCK = "mock://openai"


@dataclass(frozen=True, kw_only=True)
class Uses:
    """Which model does what; one use may stand for several."""

    understand: ModelUse
    write: ModelUse
    judge: ModelUse


class Engine:
    """The skills over one connection pool."""

    def __init__(
        self, client: AsyncOpenAI, uses: Uses, prices: PriceTable, *, prompts: Path, local: Judge
    ) -> None:
        critic = ChatModel(client, uses.judge, prices)
        self._client = client
        self._silence_s = uses.understand.silence_s
        self.understanding = OpenAIUnderstanding(ChatModel(client, uses.understand, prices), prompts=prompts)
        self.writer = OpenAIWriter(ChatModel(client, uses.write, prices), prompts=prompts)
        self.judge = OpenAIJudge(local=local, screening=critic, judging=critic, prompts=prompts)

    async def ping(self) -> None:
        """Raises ModelDown or ModelRefused when the models cannot be reached now; costs no tokens."""
        try:
            await self._client.models.list(timeout=self._silence_s)
        except KNOWN as error:
            raise failure_of(error, f"the model server {self._client.base_url.host}").error from error


@asynccontextmanager
async def open_engine(
    settings: Settings, *, prompts: Path, local: Judge, tuning: Tuning | None = None
) -> AsyncIterator[Engine]:
    """The engine that `MODEL_URL` names. SettingsError says what is wrong with a setting, prompt or price."""
    tuned = tuning or read_tuning()
    names = {
        "MODEL_INTENT": settings.model_intent,
        "MODEL_RESPONSE": settings.model_response,
        "MODEL_CRITIC": settings.model_critic,
    }
    access, http_client = _access(settings)
    if http_client is not None:
        names = {name: model or _mock_model() for name, model in names.items()}
    if missing := [name for name, model in names.items() if not model]:
        raise SettingsError(
            f"{', '.join(missing)} empty: name a model of {access.url}, or a deployment on Azure"
        )
    uses = Uses(
        understand=tuned.use(names["MODEL_INTENT"]),
        write=tuned.use(names["MODEL_RESPONSE"]),
        judge=tuned.use(names["MODEL_CRITIC"]),
    )
    async with open_client(access, http_client=http_client) as client:
        yield Engine(client, uses, load_prices(tuned.prices), prompts=prompts, local=local)


@asynccontextmanager
async def open_embedder(
    access: ModelAccess, *, model: str, dimensions: int, tuning: Tuning | None = None
) -> AsyncIterator[OpenAIEmbedder]:
    """The embedder of this access for as long as the context is open."""
    tuned = tuning or read_tuning()
    async with open_client(access) as client:
        yield OpenAIEmbedder(
            client,
            model=model,
            dimensions=dimensions,
            patience=tuned.patience(),
            silence_s=tuned.silence_seconds,
        )


def _access(settings: Settings) -> "tuple[ModelAccess, AsyncClient | None]":
    """Where the models are; the in-process mock brings its own way there."""
    if settings.model_url != _MOCK:
        key = settings.model_api_key.get_secret_value()
        return ModelAccess(url=settings.model_url, key=key, api_version=settings.model_api_version), None
    from httpx2 import ASGITransport, AsyncClient  # noqa: PLC0415  only who asks for the mock loads it

    from mock_apis import openai as mock  # noqa: PLC0415

    return (
        ModelAccess(url="http://mock-openai.invalid/v1", key=mock.KEY),
        AsyncClient(transport=ASGITransport(app=mock.create_app())),
    )


def _mock_model() -> str:
    from mock_apis import openai as mock  # noqa: PLC0415

    return next(iter(mock.MODELS))
