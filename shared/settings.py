"""Every setting, read from the environment once, each with a clear error when it is wrong."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import SettingsError

_HELP = {
    "budget_at_limit": "embedded, cheaper or warn",
    "budget_at_warning": "cheaper or warn",
    "budget_limit_share": "a share over 0 to 1, e.g. 0.93",
    "budget_warning_share": "a share over 0 to 1, e.g. 0.83",
    "model_budget_usd_conversation": "0 (none) or USD up to 10000, e.g. 0.5",
    "model_budget_usd_day": "0 (none) or USD up to 10000000, e.g. 20",
    "model_budget_usd_month": "0 (none) or USD up to 10000000, e.g. 300",
    "model_budget_usd_replay": "0 (none) or USD up to 10000, e.g. 5",
    "audit_file_bytes": "bytes from 10000, e.g. 67108864",
    "conversation_days": "days over 0 to 365, e.g. 30",
    "conversation_idle_hours": "hours from 0.1 to 720, e.g. 12",
    "customer_jwks_stale_hours": "hours from 0.1 to 168, e.g. 24",
    "customer_jwt_hours": "hours over 0 to 720, e.g. 24",
    "helpdesk_language": "one of en, fr, es",
    "index_vectors": "one of exact, ivf, hnsw",
    "order_lock_minutes": "minutes over 0 to 1440, e.g. 15",
    "order_proof_address_tries": "a number from 1 to 10000, e.g. 20",
    "order_proof_tries": "a number from 1 to 100, e.g. 5",
    "port": "a port from 0 to 65535, e.g. 8080",
    "data_dir": "a folder that can be written, e.g. ./data",
    "knowledge_contradictions": "refuse or warn",
    "knowledge_interval": "seconds from 1 to 3600, e.g. 600",
    "webhook_window_seconds": "seconds from 1 to 3600, e.g. 300",
    "retention_conversations_days": "0 (for ever) or days from 30 to 36500, e.g. 365",
    "retention_values_days": "0 (as long as the conversation) or days from 1 to 36500, e.g. 90",
    "retention_hand_overs_days": "0 (for ever) or days from 30 to 36500, e.g. 365",
    "retention_feedback_days": "0 (for ever) or days from 1 to 36500, e.g. 365",
    "retention_gaps_days": "0 (for ever) or days from 1 to 36500, e.g. 365",
    "retention_corrections_days": "0 (for ever) or days from 1 to 36500, e.g. 365",
    "retention_tasks_days": "0 (for ever) or days from 1 to 36500, e.g. 365",
    "retention_promises_days": "0 (for ever) or days from 30 to 36500, e.g. 365",
    "retention_spending_days": "0 (for ever) or days from 30 to 36500, e.g. 365",
    "retention_events_days": "days from 1 to 365, e.g. 7; events are never kept for ever",
    "retention_dead_letters_days": "days from 1 to 365, e.g. 30; dead letters are never kept for ever",
    "retention_receipts_days": "0 (for ever) or days from 365 to 36500, e.g. 3650",
    "retention_exports_days": "days from 1 to 90, e.g. 7; exports are never kept for ever",
    "retention_interval": "seconds from 60 to 86400, e.g. 3600",
    "metrics_for": "loopback or operators",
    "metrics_port": "a port from 0 (none) to 65535, e.g. 9101",
    "staff_idle_minutes": "minutes from 1 to 1440, e.g. 60",
    "staff_session_hours": "hours over 0, at most 168, e.g. 12",
    "traces_ratio": "a share over 0, at most 1, e.g. 0.5",
    "traces_slow_seconds": "seconds over 0, at most 600, e.g. 2",
    "traces_workspace": "the workspace's id, as Azure shows it: 1b2c3d4e-0000-0000-0000-000000000000",
    "traces_days": "days from 1 to 730, e.g. 7",
}


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _least(days: int) -> AfterValidator:
    """0 stands for "for ever"; anything else is at least this many days."""

    def check(value: int) -> int:
        if 0 < value < days:
            raise ValueError(f"at least {days} days, or 0")
        return value

    return AfterValidator(check)


_Days = Annotated[int, Field(ge=0, le=36_500)]


class Settings(BaseSettings):
    """What can be set. URLs pick the adapter by scheme; see docs/settings.md."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Path("data")
    shop_name: str = "Harbor & Pine"

    bus_url: Annotated[str, Field(repr=False)] = "nats+embedded://"
    bus_credentials: str = ""
    bus_tls_ca: str = ""
    bus_tls_cert: str = ""
    bus_tls_key: str = ""
    store_url: Annotated[str, Field(repr=False)] = "sqlite://"
    spending_url: Annotated[str, Field(repr=False)] = "sqlite://"
    index_url: Annotated[str, Field(repr=False)] = "sqlite://"
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
    model_cheaper_url: str = ""
    model_cheaper_api_key: SecretStr = SecretStr("")
    model_cheaper_api_version: str = ""
    model_cheaper_intent: str = ""
    model_cheaper_response: str = ""
    model_cheaper_critic: str = ""
    model_budget_usd_month: Annotated[float, Field(ge=0, le=1e7)] = 0.0
    model_budget_usd_day: Annotated[float, Field(ge=0, le=1e7)] = 0.0
    model_budget_usd_conversation: Annotated[float, Field(ge=0, le=1e4)] = 0.0
    model_budget_usd_replay: Annotated[float, Field(ge=0, le=1e4)] = 5.0
    budget_warning_share: Annotated[float, Field(gt=0, le=1)] = 0.83
    budget_limit_share: Annotated[float, Field(gt=0, le=1)] = 0.93
    budget_at_warning: Literal["cheaper", "warn"] = "cheaper"
    budget_at_limit: Literal["embedded", "cheaper", "warn"] = "embedded"
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
    helpdesk_language: Literal["en", "fr", "es"] = "en"
    # A secret because a container's URL may carry its SAS; KNOWLEDGE_DIR is its older name.
    knowledge_source: Annotated[
        SecretStr,
        BeforeValidator(_as_text),
        Field(validation_alias=AliasChoices("knowledge_source", "knowledge_dir")),
    ] = SecretStr("knowledge_base")
    knowledge_connection_string: SecretStr = SecretStr("")
    knowledge_hosts: str = ""
    knowledge_contradictions: Literal["refuse", "warn"] = "warn"
    knowledge_interval: Annotated[float, Field(ge=1, le=3600)] = 600.0

    customer_jwt_secret: SecretStr = SecretStr("")
    customer_jwks_url: str = ""
    customer_jwt_audience: str = ""
    customer_jwt_issuer: str = ""
    customer_jwt_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    customer_jwks_stale_hours: Annotated[float, Field(ge=0.1, le=168)] = 24.0
    conversation_secret: SecretStr = SecretStr("")
    conversation_idle_hours: Annotated[float, Field(ge=0.1, le=720)] = 12.0
    conversation_days: Annotated[float, Field(gt=0, le=365)] = 30.0
    order_proof_tries: Annotated[int, Field(ge=1, le=100)] = 5
    order_proof_address_tries: Annotated[int, Field(ge=1, le=10_000)] = 20
    order_lock_minutes: Annotated[float, Field(gt=0, le=1440)] = 15.0
    demo: bool = True

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_role_claim: Annotated[str, Field(min_length=1)] = "roles"
    oidc_roles: str = "agent=agent,lead=lead,operator=operator,admin=admin"
    staff_idle_minutes: Annotated[float, Field(ge=1, le=1440)] = 60.0
    staff_session_hours: Annotated[float, Field(gt=0, le=168)] = 12.0
    metrics_for: Literal["loopback", "operators"] = "loopback"
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0

    # Several by commas while one is being changed.
    shopify_webhook_secret: SecretStr = SecretStr("")
    shopify_shop_domain: str = ""
    zendesk_webhook_secret: SecretStr = SecretStr("")
    redact_hold: bool = False
    webhook_window_seconds: Annotated[float, Field(ge=1, le=3600)] = 300.0

    traces_url: Annotated[str, Field(repr=False)] = "embedded://"
    # None: all of them where that costs nothing (embedded), half elsewhere.
    traces_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    traces_slow_seconds: Annotated[float, Field(gt=0, le=600)] = 2.0
    traces_workspace: Annotated[
        str, Field(pattern=r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")
    ] = ""
    traces_days: Annotated[int, Field(ge=1, le=730)] = 7

    # gateway.doors reads these lists.
    public_url: str = ""
    allowed_hosts: str = ""
    trusted_proxies: str = ""
    cors_origins: str = ""

    retention_conversations_days: Annotated[_Days, _least(30)] = 365
    retention_values_days: _Days = 365
    retention_hand_overs_days: Annotated[_Days, _least(30)] = 365
    retention_feedback_days: _Days = 365
    retention_gaps_days: _Days = 365
    retention_corrections_days: _Days = 365
    retention_tasks_days: _Days = 365
    retention_promises_days: Annotated[_Days, _least(30)] = 365
    retention_spending_days: Annotated[_Days, _least(30)] = 365
    retention_events_days: Annotated[int, Field(ge=1, le=365)] = 7
    retention_dead_letters_days: Annotated[int, Field(ge=1, le=365)] = 30
    retention_receipts_days: Annotated[_Days, _least(365)] = 3650
    retention_exports_days: Annotated[int, Field(ge=1, le=90)] = 7
    retention_interval: Annotated[float, Field(ge=60, le=86_400)] = 3600.0

    rate_per_minute: Annotated[int, Field(ge=1)] = 60
    rate_address_per_minute: Annotated[int, Field(ge=1)] = 600
    rate_new_conversations_per_minute: Annotated[int, Field(ge=0)] = 300
    quota_customer_per_day: Annotated[int, Field(ge=0)] = 0
    quota_address_per_day: Annotated[int, Field(ge=0)] = 0
    sse_per_conversation: Annotated[int, Field(ge=1)] = 8
    sse_per_address: Annotated[int, Field(ge=1)] = 200
    sse_total: Annotated[int, Field(ge=1)] = 5000
    sse_seconds: Annotated[float, Field(ge=1, le=86400)] = 3600.0
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
