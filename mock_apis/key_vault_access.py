"""Decides who may ask the mock Key Vault what, and how often.

The challenge, the token's checks and their texts:
learn.microsoft.com/azure/key-vault/general/rest-error-codes and .../authentication-requests-and-responses;
limits: .../service-limits and .../overview-throttling.
"""

import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Literal
from uuid import uuid4

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mock_apis.identity import Tenant

Doc = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]
Permission = Literal["get", "list", "set", "delete", "recover", "purge"]
PERMISSIONS: tuple[Permission, ...] = ("get", "list", "set", "delete", "recover", "purge")

API_VERSIONS = ("7.4", "7.5", "7.6", "2025-07-01", "2026-04-01")
"""Oldest first; the last is what azure-keyvault-secrets 4.12 asks for."""
WINDOW_S = 10
READS, CREATES = 4000, 300
"""Transactions on secrets in ten seconds: all others, and those that create a version."""


def error(
    status: int, code: str, message: str, *, inner: str = "", retry_after: int | None = None
) -> Response:
    """An error as the service words it: `innererror.code` tells refusals of one status apart."""
    told: Doc = {"code": code, "message": message}
    if inner:
        told["innererror"] = {"code": inner}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse({"error": told}, status, headers)


def resource(request: Request) -> str:
    """Whom tokens must be for: the vault's host without its first label, as vault.azure.net is.

    So `127.0.0.1:9001` is `https://0.0.1:9001`: odd, but what the SDK's check of the challenge asks for.
    """
    host = request.headers.get("host", "")
    return f"https://{host.partition('.')[2] or host}"


class Access:
    """Token, api-version, rate and permission, in this order, before a handler."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        permissions: Collection[Permission],
        reads: int,
        creates: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._tenant = tenant
        self._permissions = frozenset(permissions)
        self._most = {True: creates, False: reads}
        self._used = {True: 0, False: 0}
        self._window = 0
        self._now = now

    def over(self, permission: Permission, handler: Handler) -> Handler:
        """The handler, asked only when the caller may."""

        async def guarded(request: Request) -> Response:
            answer = self._refusal(request, permission) or await handler(request)
            answer.headers["Cache-Control"] = "no-cache"
            answer.headers["x-ms-request-id"] = str(uuid4())
            answer.headers["x-ms-keyvault-region"] = "mock"
            if (asked := request.headers.get("x-ms-client-request-id")) is not None:
                answer.headers["x-ms-client-request-id"] = asked
            return answer

        return guarded

    def _refusal(self, request: Request, permission: Permission) -> Response | None:
        if (why := self._distrust(request)) is not None:
            where = f"https://login.microsoftonline.com/{self._tenant.id}"
            answer = error(401, "Unauthorized", why)
            challenge = f'Bearer authorization="{where}", resource="{resource(request)}"'
            answer.headers["WWW-Authenticate"] = challenge
            return answer
        version = request.query_params.get("api-version", "")
        if version not in API_VERSIONS:
            told = f"The specified version ({version}) is not recognized. Consider using the latest supported"
            return error(400, "BadParameter", f"{told} version ({API_VERSIONS[-1]}).")
        if (wait := self._count(creating=request.method == "PUT")) is not None:
            told = "Request was not processed because too many requests were received. Reason:"
            return error(429, "Throttled", f"{told} VaultRequestTypeLimitReached", retry_after=wait)
        if permission not in self._permissions:
            told = f"Caller is not authorized to perform action on resource. Action: secrets/{permission}"
            return error(403, "Forbidden", told, inner="ForbiddenByRbac")
        return None

    def _distrust(self, request: Request) -> str | None:
        """Why the token is not believed, or None."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.casefold() != "bearer" or not token:
            return "AKV10000: Request is missing a Bearer or PoP token."
        wanted = resource(request)
        try:
            jwt.decode(
                token,
                self._tenant.key,
                algorithms=["HS256"],
                audience=wanted,
                issuer=self._tenant.issuer,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidAudienceError:
            return f"AKV10022: Invalid audience. Expected {wanted}."
        except jwt.InvalidIssuerError:
            return f"AKV10032: Invalid issuer. Expected one of {self._tenant.issuer}."
        except jwt.PyJWTError:
            return self._wrong_signature(token)
        if not claims["nbf"] <= self._now() < claims["exp"]:
            return "[TokenExpired] Error validating token: 'S2S12086'."
        return None

    def _wrong_signature(self, token: str) -> str:
        """Another tenant's token is named as such, though its signature cannot be checked here."""
        try:
            found = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
        except jwt.PyJWTError:
            return "AKV10001: Token is not a JSON Web Token."
        if found != self._tenant.issuer:
            return f"AKV10032: Invalid issuer. Expected one of {self._tenant.issuer}, found {found}."
        return "AKV10046: Unable to resolve the key used for signature validation."

    def _count(self, *, creating: bool) -> int | None:
        """Seconds to wait when this window is full; refused requests do not count."""
        now = self._now()
        if int(now // WINDOW_S) != self._window:
            self._window, self._used = int(now // WINDOW_S), {True: 0, False: 0}
        if self._used[creating] >= self._most[creating]:
            return int(WINDOW_S - now % WINDOW_S) + 1
        self._used[creating] += 1
        return None
