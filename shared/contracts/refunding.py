"""Works out what a refund comes to: the price that was paid, with tax and after discount, less the label."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.actions import Refund, Return
from shared.contracts.rules import ActionRule
from shared.contracts.shop import Order, OrderItem

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Refunded:
    """The parts of a refund, in the order's currency. `prices` are those on the list, for all units.

    `kept_shipping` was paid with what is refunded, and stays paid.
    """

    prices: Decimal
    discount: Decimal
    tax: Decimal
    shipping: Decimal
    label: Decimal
    currency: str
    kept_shipping: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """What is paid, never less than nothing."""
        whole = self.prices - self.discount + self.tax + self.shipping - self.label
        return max(whole, Decimal(0)).quantize(_CENT, ROUND_HALF_UP)

    def told(self) -> dict[str, str]:
        """The parts that there are, by the slot of a reply that tells them: `49.90 USD`.

        The price is one only where it is not the amount itself.
        """
        parts = {"discount": self.discount, "tax": self.tax, "label_cost": self.label}
        parts = {name: value for name, value in parts.items() if value}
        if parts:
            parts["price"] = self.prices
        if self.kept_shipping:
            parts["kept_shipping"] = self.kept_shipping
        parts["amount"] = self.total
        return {name: f"{value:.2f} {self.currency}" for name, value in parts.items()}


def refund_of(order: Order, items: Sequence[OrderItem], rule: ActionRule, *, fault: bool = False) -> Refunded:
    """What is refunded for these items, of none for the whole order, by this rule.

    `fault`: it was the shop's. What is left of the order's payment is the most.
    """
    chosen = items or order.items
    prices = sum((Decimal(item.price) * item.quantity for item in chosen), Decimal(0))
    paid = sum((Decimal(item.paid or item.price) * item.quantity for item in chosen), Decimal(0))
    tax = sum((Decimal(item.tax or 0) for item in chosen), Decimal(0))
    at_fault = rule.fault if fault else None
    with_shipping = at_fault.shipping if at_fault else rule.shipping
    # Shipping was paid for the parcel, so it is refunded with all of it alone.
    paid_for_parcel = Decimal(order.shipping or 0) if not items else Decimal(0)
    label = Decimal((at_fault.label_cost if at_fault else rule.label_cost) or 0)
    found = Refunded(
        prices=prices,
        discount=prices - paid,
        tax=tax,
        shipping=paid_for_parcel if with_shipping else Decimal(0),
        label=min(label, paid + tax),
        currency=order.currency,
        kept_shipping=Decimal(0) if with_shipping else paid_for_parcel,
    )
    left = Decimal(order.total) - Decimal(order.refunded or 0)
    over = found.total - left
    if over <= 0:
        return found
    # The shop says that less was paid than its lines add up to: its word counts.
    return replace(found, discount=found.discount + over)


def refund_action(
    order: Order, items: Sequence[OrderItem], rule: ActionRule, *, fault: bool = False
) -> Refund:
    """The refund that this rule makes of a wish."""
    money = refund_of(order, items, rule, fault=fault)
    return Refund(
        order_number=order.number,
        items=tuple(item.sku for item in items),
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
        items=tuple(item.sku for item in items),
        reason=reason,
        label=rule.label,
        amount=f"{money.total:.2f}" if paid else "",
        currency=order.currency if paid else "",
        label_cost=f"{money.label:.2f}" if paid and money.label else "",
    )
