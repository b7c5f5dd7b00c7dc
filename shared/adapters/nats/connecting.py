"""Connects to a nats-server as somebody, and says at once why the server or we refuse."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from nats import errors
from nats.aio.client import Client

from shared.adapters.nats.access import inbox_of
from shared.adapters.nats.login import Credential, Login
from shared.errors import SettingsError

_DENIED = re.compile(r'permissions violation for (\w+) to "([^"]+)"')
_REFUSED = ("authorization violation", "authentication expired", "authentication revoked")
"""What nats-server says to who may not come in (its `errors.go`)."""
_SHOWN = {
    "answer": 2,
    "ask": 4,
    "event": 4,
    "dead": 2,
    "turn": 2,
    "heard": 2,
    "leases": 2,
    "_inbox": 2,
    "$kv": 3,
    "$js": 20,
}
"""Parts of a subject that may be logged: those that follow name conversations and steps."""


class _Client(Client):
    """nats-py's client with our keys (its own want the package `nkeys`), silent where TLS is missing."""

    def __init__(self, credential: Credential | None, *, encrypted: bool) -> None:
        super().__init__()
        self._encrypted = encrypted
        if credential is not None and not credential.jwt:
            self._public_nkey = credential.key.public

    def _connect_command(self) -> bytes:
        # nats-py encrypts when the server asks for it: one in the middle would just not ask.
        if self._encrypted and not self._server_info.get("tls_required"):
            raise _InTheClear
        return super()._connect_command()

    def drop(self) -> None:
        """Close what an attempt to come back has opened: nats-py forgets it and opens another."""
        if not self.is_connected and self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]

    async def _process_err(self, err_msg: str) -> None:
        # A user that was taken away may come back with the next reload; nats-py would close for good.
        if self.is_connected and any(words in err_msg.lower() for words in _REFUSED):
            await self._error_cb(errors.Error(f"nats: {err_msg}"))
            await self._process_op_err(errors.AuthorizationError())
            return
        await super()._process_err(err_msg)


class _InTheClear(errors.Error):
    """TLS was asked for, and the server does not require it."""


async def connect(
    url: str,
    *,
    name: str,
    login: Login,
    seconds: float,
    told: Callable[[Exception], Awaitable[None]],
    options: Mapping[str, Any],
) -> Client:
    """A connection; `told` hears every error from now on, also after it stands.

    Raises:
        SettingsError: the server refuses us, or we do not trust it; trying again would change nothing.
        TimeoutError, errors.Error, OSError: there is no server, or none in `seconds`.
    """
    client = _Client(login.credential, encrypted=login.tls is not None or urlsplit(url).scheme == "tls")
    refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def heard(error: Exception) -> None:
        why = refusal(error)
        client.drop()
        if why and not refused.done():
            refused.set_result(why)
        await told(error)

    connecting: asyncio.Future[Any] = asyncio.create_task(
        client.connect(url, name=name, error_cb=heard, **_signing(login), **options)
    )
    try:
        await asyncio.wait([connecting, refused], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        _check(connecting, refused, url)
    except BaseException:
        # nats-py would go on trying.
        connecting.cancel()
        await client.close()
        raise
    return client


def _check(connecting: asyncio.Future[Any], refused: asyncio.Future[str], url: str) -> None:
    """Raise unless the connection stands."""
    if connecting.done():
        connecting.result()
    elif refused.done():
        raise SettingsError(f"BUS_URL={address_of(url)!r}: {refused.result()}")
    else:
        raise TimeoutError


def refusal(error: Exception) -> str:
    """Why trying again is useless, with the remedy; empty for everything else."""
    said = str(error).lower()
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted: {error.verify_message or error.reason}; "
            "BUS_TLS_CA must name the authority that signed it, BUS_URL a name that stands in it"
        )
    if isinstance(error, ssl.SSLError) and "certificate" in said:
        return (
            f"it does not accept our certificate ({error.reason}); "
            "BUS_TLS_CERT and BUS_TLS_KEY must be ones that its authority signed"
        )
    if isinstance(error, _InTheClear):
        return "TLS was asked for, and the server does not require it; configure tls there, or use nats://"
    if any(words in said for words in _REFUSED):
        return (
            "the server refuses our credential; BUS_CREDENTIALS must be of a user that its configuration "
            "names (see `python -m launch bus-users`), and the server reloaded since"
        )
    return ""


def address_of(url: str) -> str:
    """Scheme, host and port: what may be logged of a URL that may hold a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('/')[0]}"


def denied(error: Exception) -> tuple[str, str] | None:
    """What a permission violation was for (`publish`, `subscription`) and its subject, in small letters."""
    found = _DENIED.search(str(error).lower())
    return None if found is None else (found[1], found[2])


def pattern_of(subject: str) -> str:
    """A subject as it may be logged: without the ids of conversations and steps."""
    parts = subject.split(".")
    shown = _SHOWN.get(parts[0].lower(), 1)
    return subject if len(parts) <= shown else ".".join([*parts[:shown], ">"])


def _signing(login: Login) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if login.user:
        options["inbox_prefix"] = inbox_of(login.user)
    if login.tls is not None:
        options["tls"] = login.tls
    if login.credential is not None:
        jwt = login.credential.jwt
        options["signature_cb"] = login.credential.key.sign
        if jwt:
            options["user_jwt_cb"] = jwt.encode
    return options
