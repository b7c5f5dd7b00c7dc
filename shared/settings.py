"""Every setting, read from the environment once, each with a clear error when it is wrong."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import SettingsError

_HELP = {
    "audit_file_bytes": "bytes from 10000, e.g. 67108864",
    "index_vectors": "one of exact, ivf, hnsw",
    "port": "a port from 0 to 65535, e.g. 8080",
    "data_dir": "a folder that can be written, e.g. ./data",
    "knowledge_contradictions": "refuse or warn",
    "knowledge_interval": "seconds from 1 to 3600, e.g. 600",
    "traces_ratio": "a share from 0 to 1, e.g. 0.5",
}


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


class Settings(BaseSettings):
    """What can be set. URLs pick the adapter by scheme; see docs/settings.md."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Path("data")
    shop_name: str = "Harbor & Pine"

    bus_url: str = "nats+embedded://"
    bus_credentials: str = ""
    bus_tls_ca: str = ""
    bus_tls_cert: str = ""
    bus_tls_key: str = ""
    store_url: str = "sqlite://"
    index_url: str = "sqlite://"
    index_vectors: Literal["exact", "ivf", "hnsw"] = "exact"
    nats_releases: str = ""
    vault_url: str = "local://"
    audit_anchor: str = ""
    audit_file_bytes: Annotated[int, Field(ge=10_000, le=2**40)] = 64 * 1024 * 1024
    model_url: str = "embedded://"
    model_api_key: SecretStr = SecretStr("")
    model_api_version: str = ""
    model_intent: str = ""
    model_response: str = ""
    model_critic: str = ""
    model_fallback_url: str = ""
    model_fallback_api_key: SecretStr = SecretStr("")
    model_fallback_api_version: str = ""
    model_fallback_intent: str = ""
    model_fallback_response: str = ""
    model_fallback_critic: str = ""
    answer_cache: bool = False
    answer_cache_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    answer_cache_size: Annotated[int, Field(ge=1, le=100_000)] = 2000
    answer_cache_similarity: Annotated[float, Field(ge=0.7, le=1)] = 0.85
    embedder_url: str = "embedded://"
    re_embed: bool = False
    embedder_model: str = ""
    embedder_dimensions: Annotated[int, Field(ge=1, le=4096)] = 1536
    commerce_url: str = "mock://shopify"
    commerce_token: SecretStr = SecretStr("")
    helpdesk_url: str = "mock://zendesk"
    helpdesk_user: str = ""
    helpdesk_token: SecretStr = SecretStr("")
    # A secret because a container's URL may carry its SAS; KNOWLEDGE_DIR is its older name.
    knowledge_source: Annotated[
        SecretStr,
        BeforeValidator(_as_text),
        Field(validation_alias=AliasChoices("knowledge_source", "knowledge_dir")),
    ] = SecretStr("knowledge_base")
    knowledge_connection_string: SecretStr = SecretStr("")
    knowledge_contradictions: Literal["refuse", "warn"] = "warn"
    knowledge_interval: Annotated[float, Field(ge=1, le=3600)] = 600.0

    customer_jwt_secret: SecretStr = SecretStr("")
    customer_jwks_url: str = ""
    customer_jwt_audience: str = ""
    conversation_secret: SecretStr = SecretStr("")
    demo: bool = True

    traces_url: str = "off"
    traces_ratio: Annotated[float, Field(ge=0, le=1)] = 0.5

    rate_per_minute: Annotated[int, Field(ge=1)] = 60
    rate_address_per_minute: Annotated[int, Field(ge=1)] = 600
    reply_seconds: Annotated[float, Field(gt=0, le=300)] = 25.0
    stop_seconds: Annotated[float, Field(ge=0, le=300)] = 2.0


def read_settings(**overrides: object) -> Settings:
    """The settings of the environment, with overrides by name.

    Raises:
        SettingsError: names the variable, its value and the remedy.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for wrong in error.errors():
            name = str(wrong["loc"][0])
            remedy = _HELP.get(name, f"see docs/settings.md for {name.upper()}")
            lines.append(f"{name.upper()}={wrong['input']!r}: {wrong['msg']}; expected {remedy}")
        raise SettingsError("\n".join(lines)) from None


def without_password(url: str) -> str:
    """A URL as errors and logs may show it: no user, no password, no options (they may hold keys)."""
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    place = rest.partition("?")[0]
    if "@" not in rest:
        return f"{scheme}://{place}"
    # A password with an unescaped / or ? in it must not show either: only what follows the last @ is safe.
    return f"{scheme}://***@{place.rpartition('@')[2] if '@' in place else '...'}"
