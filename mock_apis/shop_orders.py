"""Writes one order of the demo shop the way the vendor would, from a short plan of its life."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Doc = dict[str, Any]
Line = tuple[Doc, Doc, int]  # product, variant, quantity

ORDER_BASE = 6_000_000_000_000
_CHILD_BASE = {
    "LineItem": 14,
    "Fulfillment": 5,
    "FulfillmentLineItem": 15,
    "Refund": 8,
    "Return": 3,
}
_CHILD_BASE |= {"ReturnLineItem": 16, "OrderTransaction": 7, "RefundLineItem": 9, "ExchangeLineItem": 17}
_CHILD_BASE |= {"FulfillmentOrder": 4, "FulfillmentOrderLineItem": 18}
_FREE_SHIPPING_FROM = 7500  # cents, United States only
_SHIPPING = {"US": 695, "CA": 1495}
_ABROAD = 1995


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An order's life in days before today (negative: still to come); None has not happened."""

    number: int
    lines: list[Line]
    placed: int
    shipped: int | None = None
    expected: int | None = None
    delivered: int | None = None
    cancelled: int | None = None
    refunded: int | None = None
    part_refund: bool = False
    return_opened: int | None = None
    return_closed: int | None = None
    shipped_lines: int | None = None
    road: Literal["IN_TRANSIT", "OUT_FOR_DELIVERY", "DELAYED"] = "IN_TRANSIT"
    on_hold: bool = False
    discount: int = 0  # percent off every line
    tax: int = 0  # percent on top
    note: str | None = None


def gid(kind: str, number: int, child: int = 0) -> str:
    """The vendor's id of an order's part."""
    return f"gid://shopify/{kind}/{_CHILD_BASE[kind] * 10**12 + number * 100 + child}"


def money(cents: int) -> Doc:
    """A MoneyBag in the shop's currency."""
    amount = {"amount": f"{cents // 100}.{cents % 100:02d}", "currencyCode": "USD"}
    return {"shopMoney": amount, "presentmentMoney": amount}


def cents(bag: Doc) -> int:
    """The amount of a MoneyBag in cents."""
    whole, _, part = bag["shopMoney"]["amount"].partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0")[:2])


def to_cents(amount: str) -> int:
    """A decimal string in cents."""
    return cents({"shopMoney": {"amount": amount}})


def order(plan: Plan, customer: Doc, today: date) -> Doc:
    """The order document; child connections are plain lists, the schema pages them."""
    lines = [_line(plan, n, line) for n, line in enumerate(plan.lines)]
    subtotal = sum(cents(row["discountedUnitPriceAfterAllDiscountsSet"]) * row["quantity"] for row in lines)
    tax = sum(cents(each["priceSet"]) for row in lines for each in row["taxLines"])
    country = customer["defaultAddress"]["countryCodeV2"]
    free = country == "US" and subtotal >= _FREE_SHIPPING_FROM
    shipping = 0 if free else _SHIPPING.get(country, _ABROAD)
    total = subtotal + tax + shipping
    number = ORDER_BASE + plan.number
    found: Doc = {
        "id": f"gid://shopify/Order/{number}",
        "legacyResourceId": str(number),
        "name": f"#{plan.number}",
        "number": plan.number,
        "email": customer["email"],
        "customerId": customer["id"],
        "note": plan.note,
        "tags": [],
        "createdAt": _at(today, plan.placed, 10),
        "processedAt": _at(today, plan.placed, 10),
        "updatedAt": _at(today, min(_days(plan)), 18),
        "closedAt": None,
        "cancelledAt": None if plan.cancelled is None else _at(today, plan.cancelled, 11),
        "cancelReason": None if plan.cancelled is None else "CUSTOMER",
        "cancellation": None if plan.cancelled is None else {"staffNote": None},
        "currencyCode": "USD",
        "subtotalPriceSet": money(subtotal),
        "totalShippingPriceSet": money(shipping),
        "totalTaxSet": money(tax),
        "taxesIncluded": False,
        "discountCodes": [f"TRAIL{plan.discount}"] if plan.discount else [],
        "totalPriceSet": money(total),
        "currentTotalPriceSet": money(0 if plan.cancelled is not None else total),
        "totalRefundedSet": money(0),
        "shippingAddress": dict(customer["defaultAddress"]),
        "lineItems": lines,
        "fulfillments": [],
        "refunds": [],
        "returns": [],
        "transactions": [_paid(plan, total, today)],
        "displayFulfillmentStatus": "ON_HOLD" if plan.on_hold else "UNFULFILLED",
        "displayFinancialStatus": "PAID",
        "returnStatus": "NO_RETURN",
    }
    _ship(found, plan, today)
    _send_back(found, plan, today)
    _pay_back(found, plan, today)
    return found


def _days(plan: Plan) -> list[int]:
    past = (
        plan.placed,
        plan.shipped,
        plan.delivered,
        plan.cancelled,
        plan.refunded,
        plan.return_opened,
    )
    return [day for day in past if day is not None]


def _at(today: date, days_ago: int, hour: int) -> str:
    return f"{today - timedelta(days=days_ago)}T{hour:02d}:15:00Z"


def _line(plan: Plan, n: int, line: Line) -> Doc:
    product, variant, count = line
    unshipped = n >= (len(plan.lines) if plan.shipped_lines is None else plan.shipped_lines)
    waiting = plan.cancelled is None and (plan.shipped is None or unshipped)
    left = 0 if plan.cancelled is not None else count
    listed = to_cents(variant["price"])
    paid = listed - listed * plan.discount // 100
    tax = paid * count * plan.tax // 100
    return {
        "id": gid("LineItem", plan.number, n),
        "title": product["title"],
        "variantTitle": variant["title"],
        "sku": variant["sku"],
        "quantity": count,
        "currentQuantity": left,
        "refundableQuantity": left,
        "unfulfilledQuantity": count if waiting else 0,
        "isGiftCard": product["isGiftCard"],
        "originalUnitPriceSet": money(listed),
        "discountedUnitPriceAfterAllDiscountsSet": money(paid),
        "taxLines": [{"title": "Sales tax", "priceSet": money(tax)}] if tax else [],
        "productId": product["id"],
    }


def _paid(plan: Plan, total: int, today: date) -> Doc:
    return {
        "id": gid("OrderTransaction", plan.number),
        "kind": "SALE",
        "status": "SUCCESS",
        "gateway": "harbor_payments",
        "amountSet": money(total),
        "processedAt": _at(today, plan.placed, 10),
    }


def _ship(found: Doc, plan: Plan, today: date) -> None:
    if plan.shipped is None:
        return
    shipped = found["lineItems"][: plan.shipped_lines]
    parcel = tracking_number(plan.number, found["shippingAddress"]["countryCodeV2"])
    status = "DELIVERED" if plan.delivered is not None else plan.road
    last = plan.shipped if plan.delivered is None else plan.delivered
    arrival = plan.delivered if plan.expected is None else plan.expected
    found["displayFulfillmentStatus"] = (
        "FULFILLED" if len(shipped) == len(found["lineItems"]) else "PARTIALLY_FULFILLED"
    )
    found["fulfillments"] = [
        {
            "id": gid("Fulfillment", plan.number),
            "name": f"#{plan.number}-F1",
            "status": "SUCCESS",
            "displayStatus": status,
            "createdAt": _at(today, plan.shipped, 15),
            "updatedAt": _at(today, last, 16),
            "inTransitAt": _at(today, plan.shipped, 20),
            "estimatedDeliveryAt": None if arrival is None else _at(today, arrival, 18),
            "deliveredAt": None if plan.delivered is None else _at(today, plan.delivered, 14),
            "trackingInfo": [
                {
                    "company": "Northway Parcel",
                    "number": parcel,
                    "url": f"https://track.example.com/{parcel}",
                }
            ],
            "fulfillmentLineItems": [
                {
                    "id": gid("FulfillmentLineItem", plan.number, n),
                    "quantity": line["quantity"],
                    "lineItemId": line["id"],
                }
                for n, line in enumerate(shipped)
            ],
        }
    ]


def tracking_number(number: int, country: str) -> str:
    """A postal S10 number (two letters, eight digits, check digit, country) made from the order's."""
    digits = f"{number * 7919 % 10**8:08d}"
    weighted = sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = 11 - weighted % 11
    return f"CX{digits}{ {10: 0, 11: 5}.get(check, check) }{country}"


def _send_back(found: Doc, plan: Plan, today: date) -> None:
    if plan.return_opened is None:
        return
    closed = plan.return_closed is not None
    found["returnStatus"] = "RETURNED" if closed else "IN_PROGRESS"
    parts = found["fulfillments"][0]["fulfillmentLineItems"]
    found["returns"] = [
        {
            "id": gid("Return", plan.number),
            "name": f"#{plan.number}-R1",
            "status": "CLOSED" if closed else "OPEN",
            "createdAt": _at(today, plan.return_opened, 9),
            "closedAt": None if plan.return_closed is None else _at(today, plan.return_closed, 17),
            "returnLineItems": [
                {
                    "id": gid("ReturnLineItem", plan.number, n),
                    "quantity": part["quantity"],
                    "returnReason": "UNWANTED",
                    "returnReasonNote": "",
                    "fulfillmentLineItemId": part["id"],
                }
                for n, part in enumerate(parts)
            ],
        }
    ]


def _pay_back(found: Doc, plan: Plan, today: date) -> None:
    if plan.refunded is None:
        return
    total = cents(found["totalPriceSet"])
    first = found["lineItems"][0]
    part = cents(first["originalUnitPriceSet"]) // (2 if len(found["lineItems"]) == 1 else 1)
    amount = part if plan.part_refund else total
    lines = [] if plan.part_refund else found["lineItems"]
    found["displayFinancialStatus"] = "PARTIALLY_REFUNDED" if plan.part_refund else "REFUNDED"
    found["totalRefundedSet"] = money(amount)
    for line in lines:
        line["refundableQuantity"] = line["currentQuantity"] = 0
    found["currentTotalPriceSet"] = money(total - amount)
    when = _at(today, plan.refunded, 12)
    found["refunds"] = [
        {
            "id": gid("Refund", plan.number),
            "legacyResourceId": gid("Refund", plan.number).rpartition("/")[2],
            "createdAt": when,
            "processedAt": when,
            "note": None,
            "totalRefundedSet": money(amount),
            "refundLineItems": [
                {
                    "id": gid("RefundLineItem", plan.number, n),
                    "quantity": line["quantity"],
                    "restockType": "NO_RESTOCK",
                    "lineItemId": line["id"],
                }
                for n, line in enumerate(lines)
            ],
        }
    ]
    found["transactions"].append(
        {
            "id": gid("OrderTransaction", plan.number, 1),
            "kind": "REFUND",
            "status": "SUCCESS",
            "gateway": "harbor_payments",
            "amountSet": money(amount),
            "processedAt": when,
        }
    )
