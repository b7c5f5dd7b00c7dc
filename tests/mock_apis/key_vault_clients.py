"""The real clients of Key Vault, synchronous and asynchronous, behind one way of calling."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from azure.core.exceptions import HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from tests import key_vault

_POLL = 0.05


class Client(Protocol):
    """Calls an operation of the SDK by name."""

    async def call(self, name: str, *args: Any, **more: Any) -> Any:
        """What the operation returns."""
        ...

    async def listed(self, name: str, *args: Any, **more: Any) -> list[Any]:
        """Every item of a listing, page by page."""
        ...

    async def pages(self, name: str, *args: Any, **more: Any) -> list[int]:
        """How many items each page has."""
        ...

    async def delete(self, name: str) -> Any:
        """Delete and wait until it is deleted, as the SDK polls."""
        ...

    async def recover(self, name: str) -> Any:
        """Recover and wait until it is there, as the SDK polls."""
        ...


class Asynchronous:
    """`azure.keyvault.secrets.aio`."""

    def __init__(self, vault: key_vault.Vault, **more: Any) -> None:
        self._client = vault.client(**more)

    async def call(self, name: str, *args: Any, **more: Any) -> Any:
        return await getattr(self._client, name)(*args, **more)

    async def listed(self, name: str, *args: Any, **more: Any) -> list[Any]:
        return [item async for item in getattr(self._client, name)(*args, **more)]

    async def pages(self, name: str, *args: Any, **more: Any) -> list[int]:
        pages = getattr(self._client, name)(*args, **more).by_page()
        return [len([item async for item in page]) async for page in pages]

    async def delete(self, name: str) -> Any:
        return await self._client.delete_secret(name, _polling_interval=_POLL)

    async def recover(self, name: str) -> Any:
        return await self._client.recover_deleted_secret(name, _polling_interval=_POLL)


class Synchronous:
    """`azure.keyvault.secrets`, in a thread."""

    def __init__(self, vault: key_vault.Vault, **more: Any) -> None:
        self._credential = ManagedIdentityCredential()
        self._client = SecretClient(vault.url, self._credential, **more)
        vault.closing.append(self)

    async def call(self, name: str, *args: Any, **more: Any) -> Any:
        return await asyncio.to_thread(getattr(self._client, name), *args, **more)

    async def listed(self, name: str, *args: Any, **more: Any) -> list[Any]:
        return await asyncio.to_thread(lambda: list(getattr(self._client, name)(*args, **more)))

    async def pages(self, name: str, *args: Any, **more: Any) -> list[int]:
        pages = getattr(self._client, name)(*args, **more).by_page()
        return await asyncio.to_thread(lambda: [len(list(page)) for page in pages])

    async def delete(self, name: str) -> Any:
        return await self._polled("begin_delete_secret", name)

    async def recover(self, name: str) -> Any:
        return await self._polled("begin_recover_deleted_secret", name)

    async def _polled(self, operation: str, name: str) -> Any:
        def wait() -> Any:
            poller = getattr(self._client, operation)(name, _polling_interval=_POLL)
            poller.wait()
            return poller.result()

        return await asyncio.to_thread(wait)

    async def close(self) -> None:
        self._client.close()
        self._credential.close()


CLIENTS: dict[str, Callable[..., Client]] = {"sync": Synchronous, "async": Asynchronous}


def codes(error: HttpResponseError) -> tuple[int | None, str | None, str | None]:
    """Status, code and inner code of a refusal."""
    told = error.error
    inner = None if told is None or told.innererror is None else told.innererror.get("code")
    return error.status_code, None if told is None else told.code, inner
