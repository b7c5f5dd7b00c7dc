"""Reads from the settings which deployments there are, and which of their models serve which agent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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

    `tier` says what it is asked for: `main`, `fallback` when that fails, `cheaper` when money runs short.

    `http_client` is how to get there; None is the SDK's own way. Azure's addresses by deployment check a
    request's fields against a dated list, in which `prompt_cache_key` does not stand.
    """

    name: str
    access: ModelAccess
    intent: str
    response: str
    critic: str
    tier: str = "main"
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
    return first, replace(second, tier="fallback")


def cheaper_deployment(settings: Settings) -> Deployment | None:
    """What answers when money runs short: cheaper models, at `MODEL_URL` unless said otherwise; None is none.

    An agent for which none is named keeps its model. SettingsError when one is needed that is not there.
    """
    given = (settings.model_cheaper_intent, settings.model_cheaper_response, settings.model_cheaper_critic)
    if not any(given):
        _refuse_without_cheaper(settings)
        return None
    elsewhere = bool(settings.model_cheaper_url)
    usual = (settings.model_intent, settings.model_response, settings.model_critic)
    # Another place has other names: there each agent needs its own.
    names = given if elsewhere else tuple(own or name for own, name in zip(given, usual, strict=True))
    found = _deployment(
        "MODEL_CHEAPER",
        settings.model_cheaper_url or settings.model_url,
        settings.model_cheaper_api_key.get_secret_value() or settings.model_api_key.get_secret_value(),
        settings.model_cheaper_api_version or ("" if elsewhere else settings.model_api_version),
        (names[0], names[1], names[2]),
    )
    return replace(found, tier="cheaper")


def _refuse_without_cheaper(settings: Settings) -> None:
    """Who asks for a cheaper model by name, or says where it is, is told when there is none."""
    asked = {"budget_at_warning": settings.budget_at_warning, "budget_at_limit": settings.budget_at_limit}
    for name, value in asked.items():
        if value == "cheaper" and name in settings.model_fields_set:
            raise SettingsError(
                f"{name.upper()}=cheaper but no cheaper model is named: set MODEL_CHEAPER_INTENT, "
                f"MODEL_CHEAPER_RESPONSE, MODEL_CHEAPER_CRITIC, or {name.upper()}=warn"
            )
    if settings.model_cheaper_url or settings.model_cheaper_api_key.get_secret_value():
        raise SettingsError(
            "MODEL_CHEAPER_URL or MODEL_CHEAPER_API_KEY is set but no model there is named: set "
            "MODEL_CHEAPER_INTENT, MODEL_CHEAPER_RESPONSE, MODEL_CHEAPER_CRITIC"
        )


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
