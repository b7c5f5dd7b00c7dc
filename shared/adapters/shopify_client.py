"""Sends one GraphQL operation to Shopify and decodes its answer."""

from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec

from shared.adapters import shopify_wire_work as wire
from shared.adapters.vendor_http import Patience, exchange, persist
from shared.errors import VendorDown, VendorRefused

VENDOR = "shopify"
API_VERSION = "2026-10"
Answer = TypeVar("Answer")

# Codes that pass by themselves: shopify.dev/docs/api/admin-graphql#status_and_error_codes
_PASSING = {"INTERNAL_SERVER_ERROR", "TIMEOUT", "SHOP_INACTIVE"}


@dataclass(frozen=True, kw_only=True)
class ShopifyClient:
    """One shop's Admin API; `http` has the base URL and the access token."""

    http: httpx.AsyncClient
    patience: Patience
    version: str = API_VERSION

    async def read(self, query: str, answer: type[Answer], **variables: object) -> Answer:
        """A query, tried again while the vendor's trouble may pass."""
        return await persist(
            lambda: self.once(query, answer, **variables), vendor=VENDOR, patience=self.patience
        )

    async def once(self, query: str, answer: type[Answer], **variables: Any) -> Answer:
        """One attempt of an operation. Raises `VendorDown` or `VendorRefused`."""
        response = await exchange(
            self.http,
            "POST",
            f"/admin/api/{self.version}/graphql.json",
            vendor=VENDOR,
            action=_operation(query),
            json={"query": query, "variables": variables},
        )
        if response.status_code != httpx.codes.OK:
            remedy = f"check the shop's address and the API version {self.version}"
            raise VendorRefused(VENDOR, f"answered {response.status_code}: {remedy}")
        try:
            envelope = msgspec.json.decode(response.content, type=wire.Envelope)
            if not envelope.errors:
                return msgspec.json.decode(envelope.data, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            # The error's own text may quote the answer; its kind says enough.
            raise VendorDown(VENDOR, f"answered garbage ({type(error).__name__})") from None
        raise _trouble(envelope)


def _operation(query: str) -> str:
    """`query OrderByName`: how a trace names it."""
    return " ".join(query.partition("(")[0].partition("{")[0].split()) or "query"


def _trouble(envelope: wire.Envelope) -> VendorDown | VendorRefused:
    codes = sorted({problem.extensions.code or "no code" for problem in envelope.errors})
    if "THROTTLED" in codes:
        cost = envelope.extensions.cost
        missing = cost.requested_query_cost - cost.throttle_status.currently_available
        rate = cost.throttle_status.restore_rate
        wait = max(missing, 0) / rate if rate > 0 else None
        return VendorDown(VENDOR, "THROTTLED: too many points asked", retry_after=wait)
    if _PASSING.intersection(codes):
        return VendorDown(VENDOR, f"answered {', '.join(codes)}")
    return VendorRefused(VENDOR, f"does not accept our query ({', '.join(codes)})")
