"""The vocabulary inside messages: intents, orders, products, sentences, receipts, hand-overs."""

from enum import StrEnum
from typing import Literal

import msgspec

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "es")


class Intent(StrEnum):
    """What a customer wants; the 19 intents of the product plus the one that says "not ours"."""

    ORDER_STATUS = "ORDER_STATUS"
    TRACKING_UPDATE = "TRACKING_UPDATE"
    SHIPPING_ESTIMATE = "SHIPPING_ESTIMATE"
    RETURN_REQUEST = "RETURN_REQUEST"
    EXCHANGE = "EXCHANGE"
    REFUND_STATUS = "REFUND_STATUS"
    CANCELLATION = "CANCELLATION"
    PRODUCT_INQUIRY = "PRODUCT_INQUIRY"
    BILLING_ISSUE = "BILLING_ISSUE"
    ACCOUNT_HELP = "ACCOUNT_HELP"
    SUBSCRIPTION_MANAGEMENT = "SUBSCRIPTION_MANAGEMENT"
    TECHNICAL_SUPPORT = "TECHNICAL_SUPPORT"
    LOYALTY_PROGRAM = "LOYALTY_PROGRAM"
    FEEDBACK = "FEEDBACK"
    COMPLAINT = "COMPLAINT"
    GENERAL_INQUIRY = "GENERAL_INQUIRY"
    ESCALATION_REQUEST = "ESCALATION_REQUEST"
    ORDER_CHANGE = "ORDER_CHANGE"
    PRICE_PROMOTION = "PRICE_PROMOTION"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a message; immutable, and unknown fields are refused when it is read."""


class Said(Value, frozen=True, kw_only=True):
    """One earlier utterance, as context."""

    who: Literal["customer", "bot", "staff"]
    text: str


class Usage(Value, frozen=True, kw_only=True):
    """What one model call took; zero tokens for the embedded engine. `cost_usd` by the price table."""

    engine: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0


class Need(Value, frozen=True, kw_only=True):
    """One thing the customer wants, and how sure we are (0 to 1, calibrated)."""

    intent: Intent
    confidence: float


class Entity(Value, frozen=True, kw_only=True):
    """Something named in the text at [start, end); `value` is its normal form (`#1001` -> `1001`)."""

    kind: Literal[
        "order_number",
        "product",
        "size",
        "color",
        "amount",
        "date",
        "quantity",
        "reason",
        "promo_code",
    ]
    text: str
    value: str
    start: int
    end: int


class Sentiment(Value, frozen=True, kw_only=True):
    """How the customer feels: -1 (furious) to 1 (delighted)."""

    label: Literal["positive", "neutral", "negative"]
    score: float


class Passage(Value, frozen=True, kw_only=True):
    """A quotable piece of a knowledge document. `id` is `kb:<document>#<section>`; score 0 to 1."""

    id: str
    source: str
    title: str
    section: str
    text: str
    locale: Language
    category: str
    version: int
    score: float


class Fact(Value, frozen=True, kw_only=True):
    """One value read from a vendor. `id` names the field it came from: `order:1001/status`.

    `value` is plain text as a sentence may state it: ISO dates, `49.90 USD`, a token for a personal value.
    """

    id: str
    value: str


class OrderItem(Value, frozen=True, kw_only=True):
    """A line of an order; `price` is a decimal string per unit."""

    title: str
    variant: str
    sku: str
    quantity: int
    price: str
    returnable: bool


class Order(Value, frozen=True, kw_only=True):
    """What the shop knows of one order; dates are ISO `YYYY-MM-DD` or empty when it has not happened.

    `tracking_number` and `ship_to` are tokens. `refund_count_90d` is the customer's refunds in 90 days.
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
    refund_count_90d: int = 0

    def facts(self) -> tuple[Fact, ...]:
        """Every field that is filled, as facts a sentence can cite."""
        prefix = f"order:{self.number}"
        money = ("total", "refunded")
        plain = (
            "status", "payment", "placed_on", "shipped_on", "expected_on", "delivered_on",
            "cancelled_on", "total", "carrier", "tracking_number", "ship_to", "refunded", "refunded_on",
        )  # fmt: skip
        found = [Fact(id=f"{prefix}/number", value=self.number)]
        for name in plain:
            value = getattr(self, name)
            if value:
                shown = f"{value} {self.currency}" if name in money else value
                found.append(Fact(id=f"{prefix}/{name}", value=shown))
        for n, item in enumerate(self.items):
            shown = f"{item.quantity} x {item.title} {item.variant} {item.price} {self.currency}"
            found.append(Fact(id=f"{prefix}/items/{n}", value=shown))
        return tuple(found)


class Variant(Value, frozen=True, kw_only=True):
    """One buyable form of a product."""

    title: str
    sku: str
    price: str
    in_stock: int


class Product(Value, frozen=True, kw_only=True):
    """What the shop sells; `price` from the cheapest variant."""

    handle: str
    title: str
    category: str
    description: str
    currency: str
    final_sale: bool
    variants: tuple[Variant, ...]

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


class Sentence(Value, frozen=True, kw_only=True):
    """One sentence of a reply with the ids of the passages and facts it rests on.

    No sources means the sentence states nothing about the shop (a greeting, a question).
    """

    text: str
    sources: tuple[str, ...] = ()


class Finding(Value, frozen=True, kw_only=True):
    """Why the critic objects: which rule, which words, what would mend it."""

    rule: str
    span: str
    remedy: str


class Citation(Value, frozen=True, kw_only=True):
    """Where a reply's statement can be read."""

    source: str
    title: str
    section: str
    quote: str


ActionKind = Literal["return", "cancel", "refund"]


class Action(Value, frozen=True, kw_only=True):
    """Something to be done at the shop. `amount` is a decimal string, `items` are SKUs (empty: all)."""

    kind: ActionKind
    order_number: str
    items: tuple[str, ...] = ()
    amount: str = ""
    currency: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """The idempotency key of the *logical* action: the same wish is carried out once."""
        return f"{self.kind}:{self.order_number}:{','.join(sorted(self.items))}:{self.amount}"


class Receipt(Value, frozen=True, kw_only=True):
    """Proof that an action happened (`done`) or the vendor's plain reason why not (`refused`)."""

    kind: ActionKind
    order_number: str
    status: Literal["done", "refused"]
    reference: str
    detail: str = ""


Priority = Literal["low", "normal", "high", "urgent"]


class Signal(Value, frozen=True, kw_only=True):
    """A reason to involve a person, found in the customer's words."""

    reason: str
    span: str


class Packet(Value, frozen=True, kw_only=True):
    """What a person needs to take over without asking again."""

    summary: str
    facts: tuple[Fact, ...]
    tried: tuple[str, ...]
    promised: tuple[str, ...]
    suggested_reply: str
    sentiment: str
    language: Language


class HandOver(Value, frozen=True, kw_only=True):
    """A conversation that waits for a person. `ticket` is empty until the helpdesk has taken it."""

    id: str
    conversation_id: str
    reason: str
    priority: Priority
    queue: str
    opened_at: float
    sla_due_at: float
    position: int
    packet: Packet
    ticket: str = ""
