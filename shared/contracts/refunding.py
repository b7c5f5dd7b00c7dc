"""Works out what a refund comes to: the price that was paid, with tax and after discount, less the label."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.actions import Cancel, Refund, Return
from shared.contracts.rules import ActionRule
from shared.contracts.shop import Order, OrderItem

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Refunded:
    """The parts of a refund, in the order's currency. `prices` are those on the list, for all units.

    `kept_shipping` was paid with what is refunded, and stays paid. `held` is what the goods are worth above
    what is left of the order's payment: money that was given back before, for no line that the shop names.
    """

    prices: Decimal
    discount: Decimal
    tax: Decimal
    shipping: Decimal
    label: Decimal
    currency: str
    kept_shipping: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """What is paid, never less than nothing."""
        whole = self.prices - self.discount + self.tax + self.shipping - self.held - self.label
        return max(whole, Decimal(0)).quantize(_CENT, ROUND_HALF_UP)

    def told(self) -> dict[str, str]:
        """The parts that there are, by the slot of a reply that tells them: `49.90 USD`.

        The price is one only where it is not the amount itself. Where something is held, the parts do not add
        up to the amount, which is told alone.
        """
        parts = {"discount": self.discount, "tax": self.tax, "label_cost": self.label}
        parts = {} if self.held else parts
        parts = {name: value for name, value in parts.items() if value}
        if parts:
            parts["price"] = self.prices
        if self.kept_shipping:
            parts["kept_shipping"] = self.kept_shipping
        parts["amount"] = self.total
        return {name: f"{value:.2f} {self.currency}" for name, value in parts.items()}


def refunded_items(order: Order, items: Sequence[OrderItem], rule: ActionRule) -> tuple[OrderItem, ...]:
    """The items a wish is about: those it names, else all that are left of the order.

    Where goods come back first, all that can come back; where none can, a person decides on what is left.
    """
    if items:
        return tuple(items)
    left = tuple(item for item in order.items if not item.is_gone)
    able = tuple(item for item in left if item.returnable)
    return able if rule.goods_back and able else left


def worth(items: Sequence[OrderItem]) -> Decimal:
    """What was paid for the units of these items that are left, with their tax, in the order's currency."""
    return sum((_paid(item) + _tax(item) for item in items), Decimal(0))


def refund_of(order: Order, items: Sequence[OrderItem], rule: ActionRule, *, fault: bool = False) -> Refunded:
    """What is refunded for these items, of none for the whole order, by this rule.

    Only units that are left count. `fault`: it was the shop's. What is left of the order's payment is the
    most that they are worth, and of a whole order its shipping is not part of that while it stays paid.
    """
    chosen = refunded_items(order, items, rule)
    prices = sum((Decimal(item.price) * item.left for item in chosen), Decimal(0))
    at_fault = rule.fault if fault else None
    with_shipping = at_fault.shipping if at_fault else rule.shipping
    # Shipping was paid for the parcel, so it is refunded with all of it alone.
    paid_for_parcel = Decimal(order.shipping or 0) if not items else Decimal(0)
    shipping = paid_for_parcel if with_shipping else Decimal(0)
    kept = paid_for_parcel - shipping
    label = Decimal((at_fault.label_cost if at_fault else rule.label_cost) or 0)
    goods = worth(chosen)
    left = max(Decimal(order.total) - Decimal(order.refunded or 0) - kept, Decimal(0))
    held = max(goods + shipping - left, Decimal(0))
    return Refunded(
        prices=prices,
        discount=prices - sum((_paid(item) for item in chosen), Decimal(0)),
        tax=sum((_tax(item) for item in chosen), Decimal(0)),
        shipping=shipping,
        label=min(label, goods + shipping - held),
        currency=order.currency,
        kept_shipping=kept,
        held=held,
    )


def _paid(item: OrderItem) -> Decimal:
    return Decimal(item.paid or item.price) * item.left


def _tax(item: OrderItem) -> Decimal:
    """The part of the line's tax that is of the units left, in whole cents."""
    if not item.quantity:
        return Decimal(0)
    return (Decimal(item.tax or 0) * item.left / item.quantity).quantize(_CENT, ROUND_HALF_UP)


def refund_action(
    order: Order, items: Sequence[OrderItem], rule: ActionRule, *, fault: bool = False
) -> Refund:
    """The refund that this rule makes of a wish; it names what has to come back, so that no other is paid.

    Money at once for no item in particular takes no line out of the order: it may be a part of its price.
    """
    money = refund_of(order, items, rule, fault=fault)
    meant = refunded_items(order, items, rule) if rule.goods_back else items
    return Refund(
        order_number=order.number,
        items=tuple(item.sku for item in meant),
        amount=f"{money.total:.2f}",
        currency=order.currency,
        goods_back=rule.goods_back,
        label=rule.label if rule.goods_back else "",
        label_cost=f"{money.label:.2f}" if rule.goods_back and money.label else "",
    )


def return_action(order: Order, items: Sequence[OrderItem], rule: ActionRule, *, reason: str = "") -> Return:
    """The return that this rule makes of a wish, with what is paid once it has arrived."""
    money = refund_of(order, items, rule)
    paid = rule.goods_back and money.total > 0
    return Return(
        order_number=order.number,
        items=tuple(item.sku for item in refunded_items(order, items, rule)),
        reason=reason,
        label=rule.label,
        amount=f"{money.total:.2f}" if paid else "",
        currency=order.currency if paid else "",
        label_cost=f"{money.label:.2f}" if paid and money.label else "",
    )


@dataclass(frozen=True)
class PartCancelled:
    """What is paid back for a part of an order; `rest_shipping` is what the rest costs to ship now."""

    amount: Decimal
    rest_shipping: Decimal
    held: Decimal


def part_cancelled(order: Order, items: Sequence[OrderItem], rule: ActionRule) -> PartCancelled:
    """What these items come to, less the shipping that was free for the whole and is not for the rest."""
    money, shipping = refund_of(order, items, rule), Decimal(0)
    before = sum((_paid(item) for item in order.items), Decimal(0))
    after = before - sum((_paid(item) for item in items), Decimal(0))
    if rule.rest and not Decimal(order.shipping or 0) and before >= Decimal(rule.rest.below) > after:
        shipping = Decimal(rule.rest.shipping)
    return PartCancelled(max(money.total - shipping, Decimal(0)), shipping, money.held)


def cancel_action(order: Order, items: Sequence[OrderItem], rule: ActionRule, *, reason: str) -> Cancel:
    """These items are cancelled and paid for; none, or all that is left of the order, are the whole of it."""
    if not items or all(item in items or item.is_gone for item in order.items):
        return Cancel(order_number=order.number, reason=reason)
    return Cancel(
        order_number=order.number,
        items=tuple(item.sku for item in items),
        amount=f"{part_cancelled(order, items, rule).amount:.2f}",
        currency=order.currency,
        reason=reason,
    )
