"""The embedded default only: the four demo customers, and tokens for them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from gateway.auth import demo_token
from gateway.context import DeskOf
from gateway.problems import not_found

_SECONDS = 3600


class TokenRequest(BaseModel):
    """Which demo customer to be."""

    model_config = ConfigDict(extra="forbid")

    customer_id: Annotated[str, Field(max_length=64)]


def demo_router(
    customers: Callable[[], list[dict[str, Any]]], products: Callable[[], list[dict[str, Any]]]
) -> APIRouter:
    """Routes over the mock shop's own data, so that what they show is what the bot will say."""
    router = APIRouter(prefix="/demo", tags=["demo"])

    @router.get("/customers")
    def list_customers() -> dict[str, Any]:
        """The four demo customers with their orders."""
        return {"customers": customers()}

    @router.get("/products")
    def list_products() -> dict[str, Any]:
        """What the demo shop sells."""
        return {"products": products()}

    @router.post("/token")
    def token(body: TokenRequest, at: DeskOf) -> dict[str, Any]:
        """A signed customer token, as the shop's own login would give."""
        found = next((c for c in customers() if str(c["id"]) == body.customer_id), None)
        if found is None:
            raise not_found("demo customer")
        signed = demo_token(
            at.customer_secret,
            customer_id=str(found["id"]),
            name=found["name"],
            email=found["email"],
            audience=at.settings.customer_jwt_audience,
            issuer=at.settings.customer_jwt_issuer,
            seconds=_SECONDS,
        )
        return {"token": signed, "token_type": "Bearer", "expires_in": _SECONDS}

    return router
