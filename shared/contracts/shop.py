"""What the shop knows: orders, products, customers."""

from typing import Literal

from shared.contracts.words import Fact, Language, Value


class OrderItem(Value, frozen=True, kw_only=True):
    """A line of an order; `price` is a decimal string per unit.

    `paid` is the price of a unit after all discounts (empty: as `price`), `tax` what was paid on top for the
    whole line (empty: none, or it is in the price). `back` of them are in a return that is not over, `gone`
    were refunded or taken out.
    """

    title: str
    variant: str
    sku: str
    quantity: int
    price: str
    returnable: bool
    paid: str = ""
    tax: str = ""
    back: int = 0
    gone: int = 0

    @property
    def left(self) -> int:
        """How many were neither refunded or taken out nor are on their way back."""
        return max(self.quantity - self.gone - self.back, 0)

    @property
    def is_gone(self) -> bool:
        """None of them is left to send back, which is another reason than what may never go back."""
        return self.left == 0


GivenKind = Literal["refund", "exchange", "resend"]
"""How a customer was given money or goods; store credit is a refund at the shop."""


class Given(Value, frozen=True, kw_only=True):
    """Something a customer was given, of whichever order, on an ISO day."""

    kind: GivenKind
    on: str


class Order(Value, frozen=True, kw_only=True):
    """What the shop knows of one order; dates are ISO `YYYY-MM-DD` or empty when it has not happened.

    `tracking_number` and `ship_to` are tokens. `shipping` is what was paid for it, `codes` are those of its
    discounts. `refunds_on` are the days
    of the customer's newest refunds, of whichever order, and `given` all that was given to them lately.
    """

    number: str
    status: Literal[
        "unfulfilled", "on_hold", "partially_shipped", "shipped", "out_for_delivery", "delivered",
        "delayed", "cancelled", "return_in_progress", "returned",
    ]  # fmt: skip
    payment: Literal["pending", "paid", "partially_refunded", "refunded", "voided"]
    placed_on: str
    total: str
    currency: str
    items: tuple[OrderItem, ...]
    shipped_on: str = ""
    expected_on: str = ""
    delivered_on: str = ""
    cancelled_on: str = ""
    carrier: str = ""
    tracking_number: str = ""
    ship_to: str = ""
    refunded: str = ""
    refunded_on: str = ""
    refunds_on: tuple[str, ...] = ()
    shipping: str = ""
    given: tuple[Given, ...] = ()
    codes: tuple[str, ...] = ()

    def facts(self) -> tuple[Fact, ...]:
        """Every field that is filled, as facts a sentence can cite."""
        prefix = f"order:{self.number}"
        money = ("total", "refunded", "shipping")
        plain = (
            "status", "payment", "placed_on", "shipped_on", "expected_on", "delivered_on",
            "cancelled_on", "total", "carrier", "tracking_number", "ship_to", "refunded", "refunded_on",
            "shipping",
        )  # fmt: skip
        found = [Fact(id=f"{prefix}/number", value=self.number)]
        for name in plain:
            value = getattr(self, name)
            if value:
                shown = f"{value} {self.currency}" if name in money else value
                found.append(Fact(id=f"{prefix}/{name}", value=shown))
        if self.codes:
            found.append(Fact(id=f"{prefix}/code", value=", ".join(self.codes)))
        for n, item in enumerate(self.items):
            shown = f"{item.quantity} x {item.title} {item.variant} {item.price} {self.currency}"
            found.append(Fact(id=f"{prefix}/items/{n}", value=shown))
        return tuple(found)


class Variant(Value, frozen=True, kw_only=True):
    """One buyable form of a product; `item` is the number by which the shop counts it, or empty."""

    title: str
    sku: str
    price: str
    in_stock: int
    item: str = ""


class Product(Value, frozen=True, kw_only=True):
    """What the shop sells, in the variants it comes in; `tags` are the marks the shop gave it."""

    handle: str
    title: str
    category: str
    description: str
    currency: str
    final_sale: bool
    variants: tuple[Variant, ...]
    tags: tuple[str, ...] = ()

    def facts(self) -> tuple[Fact, ...]:
        """Title, description and every variant with price and stock, as facts a sentence can cite."""
        prefix = f"product:{self.handle}"
        return (
            Fact(id=f"{prefix}/title", value=self.title),
            Fact(id=f"{prefix}/description", value=self.description),
            *(
                Fact(
                    id=f"{prefix}/{v.sku}",
                    value=f"{v.title} {v.price} {self.currency} {v.in_stock}",
                )
                for v in self.variants
            ),
        )


class Customer(Value, frozen=True, kw_only=True):
    """Who is asking, without saying who: `id`, `first_name` and `email` are tokens."""

    id: str
    first_name: str
    email: str
    locale: Language
    order_numbers: tuple[str, ...] = ()


AddressPart = Literal["street", "postal_code", "town"]


class AddressRead(Value, frozen=True, kw_only=True):
    """A new address as the shop reads it: `text` in one line (a token), and the parts it lacks.

    `abroad`: it is of another country than the order's, or of one whose addresses nobody here reads.
    """

    text: str = ""
    missing: tuple[AddressPart, ...] = ()
    abroad: bool = False
