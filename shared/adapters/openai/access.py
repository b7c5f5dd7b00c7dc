"""Builds the SDK's client for OpenAI, Azure OpenAI or a server that speaks their protocol.

Azure's two ways in are described at learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: `v1`,
and one address per deployment with a dated `api-version`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from httpx2 import AsyncClient
from openai import AsyncAzureOpenAI, AsyncOpenAI

from shared.errors import SettingsError

_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_NEEDS_KEY = "api.openai.com"
_NO_KEY = "none"  # the SDK wants some text; servers of one's own ignore it


@dataclass(frozen=True, kw_only=True)
class ModelAccess:
    """Where the model is and how to get in.

    `api_version` is set only for Azure's older addresses by deployment. `token` brings a fresh Entra ID token
    in place of `key`. `setting` is what the names of the settings that say all this begin with.
    """

    url: str
    key: str = field(default="", repr=False)
    api_version: str = ""
    token: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    setting: str = "MODEL"


def open_client(access: ModelAccess, *, http_client: AsyncClient | None = None) -> AsyncOpenAI:
    """The SDK's client with its own retries off (ours know the caller's deadline). SettingsError."""
    parts = urlsplit(access.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            f"{access.setting}_URL {access.url!r} is no address: give https://<name>.openai.azure.com or"
            " https://api.openai.com/v1"
        )
    azure = parts.hostname.endswith(_AZURE)
    if not (access.key or access.token) and (azure or access.api_version or parts.hostname == _NEEDS_KEY):
        raise SettingsError(
            f"{access.setting}_API_KEY is empty but {parts.hostname} wants one: set the key or an identity"
        )
    if access.api_version:
        return AsyncAzureOpenAI(
            azure_endpoint=access.url.rstrip("/"),
            api_version=access.api_version,
            api_key=None if access.token else access.key,
            azure_ad_token_provider=access.token,
            max_retries=0,
            http_client=http_client,
        )
    base = access.url.rstrip("/")
    if not parts.path.strip("/"):
        base += "/openai/v1" if azure else "/v1"
    key: str | Callable[[], Awaitable[str]] = access.token or access.key or _NO_KEY
    return AsyncOpenAI(base_url=base, api_key=key, max_retries=0, http_client=http_client)
