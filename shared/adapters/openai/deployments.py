"""Reads from the settings which deployments there are, and which of their models serve which agent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.adapters.openai.access import ModelAccess
from shared.errors import SettingsError
from shared.settings import Settings

if TYPE_CHECKING:
    from httpx2 import AsyncClient

_MOCK = "mock://openai"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A place with models, and the name of the model that serves each agent there.

    `http_client` is how to get there; None is the SDK's own way. Azure's addresses by deployment check a
    request's fields against a dated list, in which `prompt_cache_key` does not stand.
    """

    name: str
    access: ModelAccess
    intent: str
    response: str
    critic: str
    http_client: "Callable[[], AsyncClient | None]" = lambda: None

    @property
    def takes_cache_key(self) -> bool:
        """Whether `prompt_cache_key` may be sent."""
        return not self.access.api_version


def deployments(settings: Settings) -> tuple[Deployment, ...]:
    """The first deployment, then the one of `MODEL_FALLBACK_URL` if there is one. SettingsError."""
    names = (settings.model_intent, settings.model_response, settings.model_critic)
    first = _deployment(
        "MODEL",
        settings.model_url,
        settings.model_api_key.get_secret_value(),
        settings.model_api_version,
        names,
    )
    if not settings.model_fallback_url:
        if settings.model_fallback_api_key.get_secret_value():
            raise SettingsError(
                "MODEL_FALLBACK_API_KEY is set but MODEL_FALLBACK_URL is empty: set both or none"
            )
        return (first,)
    own = (
        settings.model_fallback_intent or names[0],
        settings.model_fallback_response or names[1],
        settings.model_fallback_critic or names[2],
    )
    second = _deployment(
        "MODEL_FALLBACK",
        settings.model_fallback_url,
        settings.model_fallback_api_key.get_secret_value() or settings.model_api_key.get_secret_value(),
        settings.model_fallback_api_version,
        own,
    )
    return first, second


def _deployment(prefix: str, url: str, key: str, api_version: str, names: tuple[str, str, str]) -> Deployment:
    name = prefix.lower()
    if url == _MOCK:
        model, access, http_client = _mock()
        intent, response, critic = (given or model for given in names)
        return Deployment(
            name=name, access=access, intent=intent, response=response, critic=critic, http_client=http_client
        )
    settings = dict(zip(("INTENT", "RESPONSE", "CRITIC"), names, strict=True))
    if missing := [f"{prefix}_{agent}" for agent, model in settings.items() if not model]:
        raise SettingsError(f"{', '.join(missing)} empty: name a model of {url}, or a deployment on Azure")
    intent, response, critic = names
    access = ModelAccess(url=url, key=key, api_version=api_version, setting=prefix)
    return Deployment(name=name, access=access, intent=intent, response=response, critic=critic)


def _mock() -> "tuple[str, ModelAccess, Callable[[], AsyncClient | None]]":
    """The in-process mock: its model, its key, its own way there; only who asks for it loads it."""
    from httpx2 import ASGITransport, AsyncClient  # noqa: PLC0415

    from mock_apis import openai as mock  # noqa: PLC0415

    access = ModelAccess(url="http://mock-openai.invalid/v1", key=mock.KEY)
    return (
        next(iter(mock.MODELS)),
        access,
        lambda: AsyncClient(transport=ASGITransport(app=mock.create_app())),
    )
