"""Makes events of Shopify's webhooks.

Sources: "Webhooks" (shopify.dev/docs/api/webhooks, topics and payloads), "Fulfillment"
(shopify.dev/docs/api/admin-rest, whose name is the order's with a number behind it), "Privacy law compliance"
(shopify.dev/docs/apps/build/privacy-law-compliance), "Verify webhook deliveries" and "Ignore duplicate
webhooks" (shopify.dev/docs/apps/build/webhooks).

Only the body is signed, so that a captured one can be sent again under another topic, id or time. Therefore
nothing is taken from the headers but the topic, and the body must bear it out; what tells deliveries apart is
topic and body (Shopify's retries send the same bytes), not `X-Shopify-Event-Id`; how old it is says the body.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, cast, get_args

import msgspec

from gateway.webhooks.bodies import Unreadable, happened, shaped
from gateway.webhooks.told import NOBODY, People, Told
from shared import contracts as c

Found = dict[str, Any]
# `#1001.1`, `#1001-F1`: a shop may set letters around its orders' numbers.
_PARCEL = re.compile(r"\D{0,20}?([0-9]{1,19})\D{0,20}?[.-]F?[0-9]{1,6}")


class _Ref(msgspec.Struct, frozen=True):
    id: c.VendorId


class _Order(msgspec.Struct, frozen=True):
    id: c.VendorId
    order_number: c.VendorId
    total_price: c.Amount
    currency: c.Currency
    updated_at: datetime
    financial_status: str | None = None
    fulfillment_status: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    customer: _Ref | None = None


class _Customer(msgspec.Struct, frozen=True):
    id: c.VendorId
    updated_at: datetime


class _Parcel(msgspec.Struct, frozen=True):
    id: c.VendorId
    order_id: c.VendorId
    name: str
    updated_at: datetime
    shipment_status: str | None = None


class _Stock(msgspec.Struct, frozen=True):
    inventory_item_id: c.VendorId
    location_id: c.VendorId
    available: int | None
    updated_at: datetime


class _Redact(msgspec.Struct, frozen=True):
    customer: _Ref
    orders_to_redact: list[int]


class _DataRequest(msgspec.Struct, frozen=True):
    customer: _Ref
    data_request: _Ref


class _Shop(msgspec.Struct, frozen=True):
    shop_id: c.VendorId


async def told(topic: str, body: bytes, found: Found, *, shop: str, people: People, now: float) -> Told[Any]:
    """The event of a topic in `TOPICS`. `shop` is our shop's domain, `now` in Unix seconds.

    Raises:
        Unreadable: the body is not one of this topic, or of another shop.
        Stale: it is nearly a day old.
        VaultDown: a customer's id cannot be hidden now.
    """
    if str(found.get("shop_domain", shop)).lower() != shop:
        raise Unreadable(".shop_domain")
    key = f"{topic} {hashlib.sha256(body).hexdigest()}"
    return await TOPICS[topic](topic, key, found, people, now)


async def _order(topic: str, key: str, found: Found, people: People, now: float) -> Told[Any]:
    order = shaped(found, _Order)
    event, field, fits = _ORDERS[topic]
    if not fits(order):
        raise Unreadable(field)
    at = happened(order.updated_at, now=now)
    # An old one must not bring an erased customer back into the vault: its age is looked at first.
    place = await people.place(order.customer.id) if order.customer else NOBODY
    body = c.ShopOrderChanged(
        order_id=order.id,
        number=str(order.order_number),
        payment=cast("c.PaymentState", _one_of(order.financial_status or "pending", c.PaymentState)),
        fulfillment=cast(
            "c.FulfillmentState", _one_of(order.fulfillment_status or "unfulfilled", c.FulfillmentState)
        ),
        total=order.total_price,
        currency=order.currency,
        changed_at=at,
        cancel_reason=cast("c.CancelReason", _one_of(order.cancel_reason or "", c.CancelReason)),
        customer=place.customer,
        conversation_id=place.conversation_id,
    )
    return Told(event, body, key)


async def _customer(topic: str, key: str, found: Found, people: People, now: float) -> Told[Any]:
    event = _CUSTOMERS[topic]
    if event is not c.SHOP_CUSTOMER_DELETED:
        changed = shaped(found, _Customer)
        id_, at = changed.id, happened(changed.updated_at, now=now)
    elif found.keys() & {"created_at", "updated_at"}:
        raise Unreadable(".updated_at")  # a record that is there, told as one that is gone
    else:
        id_, at = shaped(found, _Ref).id, now
    place = await people.place(id_)
    body = c.ShopCustomerChanged(
        conversation_id=place.conversation_id, customer=place.customer, changed_at=at
    )
    return Told(event, body, key)


async def _parcel(_: str, key: str, found: Found, __: People, now: float) -> Told[Any]:
    parcel = shaped(found, _Parcel)
    named = _PARCEL.fullmatch(parcel.name)
    if named is None:
        raise Unreadable(".name")
    body = c.ShopParcelChanged(
        number=named[1],
        state=cast("c.ParcelState", _one_of(parcel.shipment_status or "", c.ParcelState)),
        changed_at=happened(parcel.updated_at, now=now),
    )
    return Told(c.SHOP_PARCEL_CHANGED, body, key)


async def _stock(_: str, key: str, found: Found, __: People, now: float) -> Told[Any]:
    stock = shaped(found, _Stock)
    body = c.ShopStockChanged(
        inventory_item_id=stock.inventory_item_id,
        location_id=stock.location_id,
        available=stock.available,
        changed_at=happened(stock.updated_at, now=now),
    )
    return Told(c.SHOP_STOCK_UPDATED, body, key)


async def _redact(_: str, key: str, found: Found, people: People, now: float) -> Told[Any]:
    place = await people.place(shaped(found, _Redact).customer.id)
    body = c.ShopPersonRequest(
        conversation_id=place.conversation_id, customer=place.customer, received_at=now
    )
    return Told(c.SHOP_CUSTOMER_REDACT, body, key)


async def _data_request(_: str, key: str, found: Found, people: People, now: float) -> Told[Any]:
    asked = shaped(found, _DataRequest)
    place = await people.place(asked.customer.id)
    body = c.ShopPersonRequest(
        conversation_id=place.conversation_id,
        customer=place.customer,
        received_at=now,
        request_id=asked.data_request.id,
    )
    return Told(c.SHOP_CUSTOMER_DATA_REQUEST, body, key)


async def _shop_redact(_: str, key: str, found: Found, __: People, now: float) -> Told[Any]:
    if "customer" in found or "shop_domain" not in found:
        raise Unreadable(".shop_domain")  # one person's erasure is not that of all of them
    return Told(c.SHOP_REDACT, c.ShopGone(shop_id=shaped(found, _Shop).shop_id, received_at=now), key)


def _one_of(value: str, known: object) -> str:
    """A state we know; a new one of the vendor's is no reason to lose the event."""
    return value if value in get_args(known) else "other"


_CUSTOMERS = {
    "customers/create": c.SHOP_CUSTOMER_CREATED,
    "customers/update": c.SHOP_CUSTOMER_UPDATED,
    "customers/delete": c.SHOP_CUSTOMER_DELETED,
}
_Fits = Callable[[_Order], bool]
_ORDERS: Mapping[str, tuple[c.Event[c.ShopOrderChanged], str, _Fits]] = {
    "orders/create": (c.SHOP_ORDER_CREATED, ".id", lambda _: True),
    "orders/paid": (
        c.SHOP_ORDER_PAID,
        ".financial_status",
        lambda order: order.financial_status in {"paid", "partially_refunded", "refunded"},
    ),
    "orders/fulfilled": (
        c.SHOP_ORDER_FULFILLED,
        ".fulfillment_status",
        lambda order: order.fulfillment_status == "fulfilled",
    ),
    "orders/cancelled": (
        c.SHOP_ORDER_CANCELLED,
        ".cancelled_at",
        lambda order: order.cancelled_at is not None,
    ),
}
TOPICS: Mapping[str, Callable[[str, str, Found, People, float], Awaitable[Told[Any]]]] = {
    **dict.fromkeys(_ORDERS, _order),
    **dict.fromkeys(_CUSTOMERS, _customer),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), _parcel),
    "inventory_levels/update": _stock,
    "customers/redact": _redact,
    "customers/data_request": _data_request,
    "shop/redact": _shop_redact,
}
"""By `X-Shopify-Topic`."""
