"""Turns Shopify's orders, customers and products into our own values, personal ones as tokens."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from shared import contracts as c
from shared.adapters import shopify_wire as wire
from shared.adapters.shopify_wire_base import Nodes
from shared.adapters.shopify_wire_stock import VariantOfProduct
from shared.ports import PIIVault

_PAYMENT: dict[str | None, str] = {
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "REFUNDED": "refunded",
    "VOIDED": "voided",
}
_UNDONE = {"CANCELED", "DECLINED"}
_ON_THE_ROAD = {"OUT_FOR_DELIVERY": "out_for_delivery", "DELAYED": "delayed"}


async def order(
    found: wire.Order, owner: wire.Owner | None, *, vault: PIIVault, conversation_id: str, now: float
) -> c.Order:
    """The order; the vault's owner of its personal values is the shop's customer."""
    parcels = [parcel for parcel in found.fulfillments if parcel.status != "CANCELLED"]
    track = _tracking(parcels)
    whose = owner.legacy_resource_id if owner is not None else conversation_id

    async def hidden(value: str | None) -> str:
        if not value:
            return ""
        return await vault.token(value, conversation_id=conversation_id, owner=whose)

    address = ", ".join(found.shipping_address.formatted) if found.shipping_address else ""
    back = found.total_refunded_set.shop_money.amount
    arrived = bool(parcels) and all(parcel.delivered_at for parcel in parcels)
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    return c.Order(
        number=found.name.removeprefix("#"),
        status=_status(found, parcels, today),  # type: ignore[arg-type]  # one of the literals by its table
        payment=_PAYMENT.get(found.display_financial_status, "pending"),  # type: ignore[arg-type]
        placed_on=_day(found.processed_at),
        shipped_on=min((_day(parcel.created_at) for parcel in parcels), default=""),
        expected_on=max((_day(parcel.estimated_delivery_at) for parcel in parcels), default=""),
        delivered_on=max(_day(parcel.delivered_at) for parcel in parcels) if arrived else "",
        cancelled_on=_day(found.cancelled_at),
        total=found.total_price_set.shop_money.amount,
        currency=found.total_price_set.shop_money.currency_code,
        items=_items(found),
        carrier=(track.company if track else None) or "",
        tracking_number=await hidden(track.number if track else None),
        ship_to=await hidden(address),
        refunded=back if float(back) else "",
        refunded_on=max((_day(refund.created_at) for refund in found.refunds), default=""),
        refunds_on=_refunds(owner),
        shipping=found.total_shipping_price_set.shop_money.amount if found.total_shipping_price_set else "",
        given=_given(owner),
        codes=tuple(found.discount_codes),
    )


def _status(found: wire.Order, parcels: list[wire.Parcel], today: str) -> str:  # noqa: PLR0911 one per state
    if found.cancelled_at:
        return "cancelled"
    if any(sent.status in {"OPEN", "REQUESTED"} for sent in found.returns.nodes):
        return "return_in_progress"
    if found.return_status == "RETURNED":
        return "returned"
    if found.display_fulfillment_status == "PARTIALLY_FULFILLED":
        return "partially_shipped"
    if not parcels:
        return "on_hold" if found.display_fulfillment_status == "ON_HOLD" else "unfulfilled"
    if all(parcel.delivered_at or parcel.display_status == "DELIVERED" for parcel in parcels):
        return "delivered"
    told = [_ON_THE_ROAD[p.display_status] for p in parcels if p.display_status in _ON_THE_ROAD]
    # A carrier that says nothing does not make a late parcel punctual.
    late = any(
        not p.delivered_at and p.estimated_delivery_at and _day(p.estimated_delivery_at) < today
        for p in parcels
    )
    return told[0] if told else "delayed" if late else "shipped"


def _tracking(parcels: list[wire.Parcel]) -> wire.Tracking | None:
    """Of the parcel that still travels, else of the last one."""
    known = [(parcel, parcel.tracking_info[0]) for parcel in parcels if parcel.tracking_info]
    travelling = [track for parcel, track in known if not parcel.delivered_at]
    return travelling[0] if travelling else known[-1][1] if known else None


def _items(found: wire.Order) -> tuple[c.OrderItem, ...]:
    back: Counter[str] = Counter()
    for sent in found.returns.nodes:
        if sent.status in {"OPEN", "REQUESTED"}:
            for row in sent.return_line_items.nodes:
                if row.fulfillment_line_item is None:
                    continue
                back[row.fulfillment_line_item.line_item.id] += row.quantity
    taxed = not found.taxes_included
    return tuple(_item(line, taxed=taxed, back=back[line.id]) for line in found.line_items.nodes)


def _item(line: wire.Line, *, taxed: bool, back: int) -> c.OrderItem:
    """`taxed`: the tax came on top of the prices."""
    listed = line.original_unit_price_set.shop_money.amount
    after = line.discounted_unit_price_after_all_discounts_set
    paid = after.shop_money.amount if after else listed
    taxes = [Decimal(tax.price_set.shop_money.amount) for tax in line.tax_lines if taxed]
    return c.OrderItem(
        title=line.title,
        variant=line.variant_title or "",
        sku=line.sku or "",
        quantity=line.quantity,
        price=listed,
        returnable=line.returnable,
        paid="" if Decimal(paid) == Decimal(listed) else paid,
        tax=f"{sum(taxes):.2f}" if any(taxes) else "",
        back=back,
        gone=line.quantity - line.refundable_quantity,
    )


def _refunds(owner: wire.Owner | None) -> tuple[str, ...]:
    """The days of the customer's refunds, newest first; the query reads twenty refunded orders at most."""
    orders = owner.refunded.nodes if owner is not None else []
    days = [_day(refund.created_at) for paid in orders for refund in paid.refunds]
    return tuple(sorted((day for day in days if day), reverse=True))


def _given(owner: wire.Owner | None) -> tuple[c.Given, ...]:
    """Money, other items and items once more, the newest first; the query reads twenty orders of each."""
    if owner is None:
        return ()
    swapped = [
        _day(back.created_at)
        for order in owner.sent_back.nodes
        for back in order.returns.nodes
        if back.exchange_line_items.nodes and back.status not in _UNDONE
    ]
    found = [c.Given(kind="refund", on=day) for day in _refunds(owner)]
    found += [c.Given(kind="exchange", on=day) for day in swapped]
    found += [c.Given(kind="resend", on=_day(order.created_at)) for order in owner.resent.nodes]
    return tuple(sorted(found, key=lambda each: each.on, reverse=True))


def _day(stamp: str | None) -> str:
    return (stamp or "")[:10]


def product(found: wire.Product, currency: str) -> c.Product:
    """A product with its variants."""
    return c.Product(
        handle=found.handle,
        title=found.title,
        category=found.product_type,
        description=found.description,
        currency=currency,
        final_sale="final-sale" in found.tags,
        variants=tuple(_variant(row) for row in found.variants.nodes),
        tags=tuple(found.tags),
    )


def stocked(found: VariantOfProduct, currency: str) -> c.Product:
    """The product of this variant, with this variant alone."""
    nodes = Nodes[wire.Variant](nodes=[found])
    of = found.product
    whole = wire.Product(
        handle=of.handle, title=of.title, product_type=of.product_type, description=of.description,
        tags=of.tags, variants=nodes,
    )  # fmt: skip
    return product(whole, currency)


def _variant(row: wire.Variant) -> c.Variant:
    return c.Variant(
        title=row.title,
        sku=row.sku or "",
        price=row.price,
        in_stock=max(row.inventory_quantity or 0, 0),
        item=row.inventory_item.legacy_resource_id if row.inventory_item else "",
    )


def record(found: wire.Record) -> tuple[str, ...]:
    """Every personal value of a customer's record once, in the shop's own writing."""
    values: list[str | None] = [found.display_name, found.first_name, found.last_name]
    values.append(found.default_email_address.email_address if found.default_email_address else None)
    values.append(found.default_phone_number.phone_number if found.default_phone_number else None)
    places = [found.default_address, *(row.shipping_address for row in found.orders.nodes)]
    for place in places:
        if place is not None:
            values += [place.name, ", ".join(place.formatted), place.address1, place.address2]
            values += [place.zip, place.phone]
    return tuple(dict.fromkeys(value for value in values if value))


def language(locale: str) -> c.Language:
    """The customer's language as one of ours; English when it is none of them."""
    short = locale[:2].lower()
    return next((known for known in c.LANGUAGES if known == short), "en")
