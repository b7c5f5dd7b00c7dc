"""Speaks the managed identity endpoint of App Service and Container Apps.

Wire format: learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference and
learn.microsoft.com/azure/container-apps/managed-identity#rest-endpoint-reference. Azure publishes the
successful answer; the refusal of an unknown identity is as MSAL's own tests quote it, the others are ours.
Tokens have the claims of Entra ID's
(learn.microsoft.com/entra/identity-platform/access-token-claims-reference, version 1.0), but are signed
with a key that the mock services share (HS256) where Entra ID publishes one.
"""

import hmac
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HEADER = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"
"""What the mock wants in `X-IDENTITY-HEADER`; no secret of anyone."""
PATH = "/msi/token"
CLIENT_ID = "5e29463d-71da-4fe0-8e69-999b57db23b0"
_PRINCIPAL = "3975aeed-7d08-453b-b6f4-445f32698091"
_DAY_S = 86400  # tokens of managed identities live for a day
_VERSIONS = ("2019-08-01",)
_USER_ASSIGNED = ("client_id", "mi_res_id", "object_id", "principal_id")


@dataclass(frozen=True)
class Tenant:
    """A directory: who signs tokens, and who believes them."""

    id: str
    key: str = field(repr=False)

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return f"https://sts.windows.net/{self.id}/"

    def sign(self, resource: str, *, client_id: str, seconds: float, now: float) -> str:
        """An access token for a resource."""
        claims: dict[str, Any] = {
            "aud": resource,
            "iss": self.issuer,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + seconds),
            "appid": client_id,
            "oid": _PRINCIPAL,
            "sub": _PRINCIPAL,
            "tid": self.id,
            "ver": "1.0",
        }
        return jwt.encode(claims, self.key, algorithm="HS256")


TENANT = Tenant(
    "16b3c013-d300-468d-ac64-7eda0820b6d3", "the mock tenant signs with this; no secret of anyone"
)


def create_app(
    tenant: Tenant = TENANT,
    *,
    header: str = HEADER,
    client_ids: Collection[str] = (CLIENT_ID,),
    seconds: float = _DAY_S,
    now: Callable[[], float] = time.time,
) -> Starlette:
    """The endpoint at `/msi/token`; the first of `client_ids` is given to whoever names none.

    Tokens live for `seconds`.
    """
    default = next(iter(client_ids))

    async def token(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-identity-header", "").encode(), header.encode()):
            return _refused(
                401, "The X-IDENTITY-HEADER header is missing or not this process' IDENTITY_HEADER."
            )
        asked = request.query_params
        if asked.get("api-version") not in _VERSIONS:
            return _refused(400, f"Unsupported api-version: {asked.get('api-version', '')}.")
        resource = asked.get("resource", "")
        if not resource:
            return _refused(400, "The parameter resource is missing.")
        wanted = next((asked[name] for name in _USER_ASSIGNED if name in asked), default)
        if wanted not in client_ids:
            told = "No User Assigned or Delegated Managed Identity found for specified"
            return _refused(400, f"{told} ClientId/ResourceId/PrincipalId.")
        at = now()
        return JSONResponse(
            {
                "access_token": tenant.sign(resource, client_id=wanted, seconds=seconds, now=at),
                "expires_on": str(int(at + seconds)),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": wanted,
            }
        )

    return Starlette(routes=[Route(PATH, token)])


def _refused(status: int, message: str) -> Response:
    told = {"statusCode": status, "message": message, "correlationId": str(uuid.uuid4())}
    return JSONResponse(told, status_code=status)
