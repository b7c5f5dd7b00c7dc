"""Says what went wrong at Key Vault, and what an operator does about it.

Codes: learn.microsoft.com/azure/key-vault/general/rest-error-codes; `innererror.code` tells refusals of one
status apart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.errors import SettingsError, VaultDown

_T = TypeVar("_T")


class KeyRefused(VaultDown):
    """Key Vault answered, and will give this key to nobody like us until an operator changes something."""


async def asked(call: Callable[..., Awaitable[_T]], *, url: str, secret: str, seconds: float) -> _T:
    """What a call of the SDK brings within `seconds`. Raises `VaultDown` or `SettingsError`.

    `call` is given keywords for the SDK; `secret`, a name or name/version, is named in errors.
    """
    last: dict[str, Any] = {"status": None, "retry_after": ""}

    def note(answer: Any) -> None:
        response = answer.http_response
        last.update(status=response.status_code, retry_after=response.headers.get("Retry-After", ""))

    try:
        async with asyncio.timeout(seconds):
            return await call(raw_response_hook=note)
    except TimeoutError as error:
        raise _late(seconds, url=url, **last) from error
    except AzureError as error:
        raise failure(error, url=url, secret=secret) from error
    except ValueError as error:  # the challenge is for another domain: our token is not for this server
        raise SettingsError(f"VAULT_URL={url!r} does not answer like a Key Vault: {error}") from error


def failure(error: AzureError, *, url: str, secret: str) -> VaultDown:
    """The error in our words; `secret` is a name, or name/version."""
    where = f"Key Vault {url}"
    if isinstance(error, ClientAuthenticationError):
        return VaultDown(
            f"{where} does not know who asks: {_words(error)}. Give this process a managed identity of the "
            f"vault's tenant (AZURE_CLIENT_ID names a user-assigned one), or sign in there with `az login`"
        )
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return VaultDown(
            f"{where} cannot be reached: {_words(error)}. Check VAULT_URL, the network and the vault's "
            f"private endpoint; REQUESTS_CA_BUNDLE names the certificates to trust in place of the usual"
        )
    if isinstance(error, HttpResponseError):
        return _refusal(error, where, url, secret)
    return VaultDown(f"{where} failed: {_words(error)}")


def gone(*, url: str, secret: str) -> KeyRefused:
    """The secret is not there, though values are sealed with it."""
    name, vault = secret.partition("/")[0], url.removeprefix("https://").partition(".")[0]
    return KeyRefused(
        f"Key Vault {url} has no secret {secret}, and the vault holds values sealed with it. A deleted one "
        f"is kept for up to 90 days: az keyvault secret recover --vault-name {vault} --name {name}"
    )


def _late(seconds: float, *, url: str, status: int | None, retry_after: str) -> VaultDown:
    """No answer that could be used came in time; `status` is the last one that came."""
    if status == 429:
        return _throttled(f"Key Vault {url}", retry_after)
    told = f"its last answer was HTTP {status}" if status is not None and status >= 400 else "silent or slow"
    return VaultDown(
        f"Key Vault {url} gave no key within {seconds:g} s: {told}. Check the network and its health"
    )


def _refusal(error: HttpResponseError, where: str, url: str, secret: str) -> VaultDown:
    inner = _inner(error)
    if error.status_code == 429:
        headers = getattr(error.response, "headers", {})
        return _throttled(where, str(headers.get("Retry-After", "")))
    if inner == "SecretDisabled":
        return KeyRefused(
            f"{where}: secret {secret} is disabled, so what is sealed with it stays closed. To enable it: "
            f"az keyvault secret set-attributes --id {url}/secrets/{secret} --enabled true"
        )
    if error.status_code == 403:
        return KeyRefused(
            f"{where} refuses secret {secret}: {_words(error)}. Give this process' identity the role Key "
            f"Vault Secrets Officer (Secrets User once the secret is there), and let the firewall pass it"
        )
    if error.status_code == 404:
        return gone(url=url, secret=secret)
    if error.status_code == 409:
        return KeyRefused(
            f"{where}: secret {secret} was deleted, and its name stays taken: {_words(error)}. "
            f"To have it back: az keyvault secret recover --id {url}/deletedsecrets/{secret}"
        )
    return VaultDown(f"{where} answered HTTP {error.status_code}: {_words(error)}. Try again later")


def _throttled(where: str, retry_after: str) -> VaultDown:
    told = f", asking to wait {retry_after} s" if retry_after else ""
    return VaultDown(
        f"{where} is throttled (HTTP 429{told}). Try again later; if it lasts, find who asks it so often"
    )


def _inner(error: HttpResponseError) -> str:
    found = getattr(error.error, "innererror", None) or {}
    return str(found.get("code", ""))


def _words(error: AzureError) -> str:
    """The first line of what was said: the rest repeats it."""
    told = getattr(getattr(error, "error", None), "message", None) or error.message
    return next(
        (line.strip().rstrip(".") for line in str(told).splitlines() if line.strip()), "no reason given"
    )
