"""What the writer's tests share: a shop's facts, and asks that name them."""

from datetime import date
from functools import cache
from typing import Any

from shared.adapters.embedded.writer import EmbeddedWriter, open_writer
from shared.contracts import Fact, Intent, Language, Order, Product, Topic, WriteReply
from tests.orders import item, order
from tests.products import product, variant

TODAY = date(2026, 11, 21)
TRACKING = "TOKEN_11111111-2222-3333-4444-555555555555"
NAME = "TOKEN_99999999-8888-7777-6666-555555555555"

ORDER = order(
    "1001",
    item("Tern 2 Tent", "Moss", "HP-TERN2T-MOSS"),
    item("Wren Titanium Mug", "450 ml", "HP-WREN", quantity=2, price="34.00"),
    placed_on="2026-10-30",
    shipped_on="2026-11-03",
    expected_on="2026-11-24",
    delivered_on="2026-11-10",
    cancelled_on="2026-11-01",
    carrier="Northway Parcel",
    tracking_number=TRACKING,
    ship_to="TOKEN_33333333-2222-3333-4444-555555555555",
    shipping="6.95",
    codes=("TRAIL10",),
    refunded="49.90",
    refunded_on="2026-11-12",
)
ITEMS = "Tern 2 Tent, Wren Titanium Mug"
PRODUCT = product(
    "Tern 2 Tent",
    variant("Moss", "HP-TERN2T-MOSS", in_stock=18),
    variant("Sand", "HP-TERN2T-SAND", in_stock=0),
    description="Freestanding two-person tent for three seasons. Weighs 1.9 kg and has two doors.",
)
VALUES = {
    "items": ITEMS,
    "item": "Tern 2 Tent",
    "orders": f"#1001 ({ITEMS})",
    "business_days": "5-7",
    "days": "30",
    "minutes": "5",
    "amount": "49.90 USD",
    "reference": "R-77",
    "detail": "already fulfilled",
    "question": "do you ship to France",
    "position": "3",
    "name": "Emma",
    "due": "2026-11-21T14:30:00-05:00",
    "opens": "8:00",
    "closes": "20:00",
    "call_at": "2026-11-23T14:00:00-05:00 America/New_York",
    "call_from": "2026-11-23T14:00:00-05:00 America/New_York",
    "call_until": "16:00",
    "first": "2026-11-23T08:00:00-05:00 America/New_York",
    "second": "2026-11-24T08:00:00-05:00 America/New_York",
    "reopens": "2026-11-23T08:00:00-05:00",
    "wait_from": "5",
    "wait_to": "15",
    "within": "10",
    "beyond": "45",
    "options": "Tern 2 Tent, Wren Titanium Mug",
    "wanted": "Tern 2 Tent Sand",
    "address": "TOKEN_22222222-3333-4444-5555-666666666666",
    "label": "https://labels.example.com/1001-R1.pdf",
    "points": "150",
    "discount": "6.00 USD",
    "tax": "1.85 USD",
    "label_cost": "5.95 USD",
    "kept_shipping": "6.95 USD",
    "title": "Tern 2 Tent",
    "variant": "Sand",
    "price": "249.00 USD",
    "about": "to send the boots back",
    "asked_on": "2026-11-20",
    "helplines": "988 in the US and Canada",
    "emergency": "112 in Europe",
}


def order_facts(order: Order = ORDER) -> dict[str, str]:
    """Every field of an order as a topic's facts: slot to fact id."""
    return {f.id.split("/", 1)[1]: f.id for f in order.facts() if "/items/" not in f.id}


def product_facts(product: Product = PRODUCT) -> dict[str, str]:
    """The facts a product topic carries."""
    prefix = f"product:{product.handle}"
    return {"title": f"{prefix}/title", "price": f"{prefix}/{product.variants[0].sku}"}


def topic(goal: str, intent: Intent = Intent.ORDER_STATUS, **fields: Any) -> Topic:
    """A topic of a goal."""
    return Topic(goal=goal, intent=intent, **fields)


def ask(*topics: Topic, language: Language = "en", turn: str = "t-1", **fields: Any) -> WriteReply:
    """An ask with the order's and the product's facts, unless `facts` says otherwise."""
    known: tuple[Fact, ...] = (*ORDER.facts(), *PRODUCT.facts())
    return WriteReply(
        conversation_id="c-1",
        turn_id=turn,
        step_id=f"{turn}.write-1",
        language=language,
        topics=topics,
        **{"text": "Where is my order?", "facts": known, **fields},
    )


def full(goal: str) -> Topic:
    """A topic with every slot that anyone could fill."""
    if goal.startswith("product."):
        values = {"stock": "18", "mark": "backpacking"}
        if goal != "product.answer":
            values |= {"missing": "red", "versions": "Moss and Sand", "counts": "Moss (18)"}
        return topic(goal, Intent.PRODUCT_INQUIRY, facts=product_facts(), values=values)
    return topic(goal, facts=order_facts(), values=VALUES)


def minimal(writer: EmbeddedWriter, goal: str) -> Topic:
    """A topic with only what the goal cannot be said without."""
    found = full(goal)
    needs = writer.needs(goal)
    return topic(
        goal,
        found.intent,
        facts={slot: fact for slot, fact in found.facts.items() if slot in needs},
        values={slot: value for slot, value in found.values.items() if slot in needs},
    )


@cache
def writer() -> EmbeddedWriter:
    """The shipped templates, on a fixed day; read once, for it keeps nothing of what it wrote."""
    return open_writer(today=lambda: TODAY)
