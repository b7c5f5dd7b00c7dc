"""Orders as the desk knows them; what a test does not name is filled in."""

from typing import Any

from shared.contracts import Order, OrderItem


def item(
    title: str,
    variant: str,
    sku: str,
    *,
    quantity: int = 1,
    price: str = "249.00",
    returnable: bool = True,
) -> OrderItem:
    """A line of an order."""
    return OrderItem(
        title=title, variant=variant, sku=sku, quantity=quantity, price=price, returnable=returnable
    )


def order(number: str, *items: OrderItem, **fields: Any) -> Order:
    """A shipped order, paid in dollars; `fields` are those of `Order`."""
    plain = {
        "status": "shipped",
        "payment": "paid",
        "placed_on": "2026-11-01",
        "total": "249.00",
        "currency": "USD",
    }
    return Order(number=number, items=items, **(plain | fields))
