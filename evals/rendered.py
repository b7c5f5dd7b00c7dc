"""Renders every reply template over one order and one product, as asks to the critic."""

from collections.abc import AsyncIterator

from shared.adapters.embedded.writer import open_writer
from shared.contracts import (
    Fact,
    Intent,
    JudgeReply,
    Language,
    Order,
    OrderItem,
    Product,
    Topic,
    Variant,
    WriteReply,
)

NAME = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"
TRACKING = "TOKEN_2b4e28ba-2fa1-41d2-883f-0016d3cca427"
# The state an order is in when a goal is said, where it is not the goal's own name.
_STATES = {
    "refund_status": "returned", "return": "delivered", "cancel": "shipped", "cancel.already": "cancelled",
    "return.window_closed": "delivered", "return.not_delivered": "shipped",
    "return.already": "return_in_progress",
    "action.cancel.done": "unfulfilled",
    "action.refund_back.done": "delivered", "action.refund_paid.done": "delivered",
    "action.refused.cancelled": "cancelled", "action.refused.shipped": "shipped",
    "action.refused.not_arrived": "shipped",
    "exchange.window_closed": "delivered",
    "exchange.not_delivered": "shipped", "follow_up.shipped": "shipped",
    "follow_up.delivered": "delivered", "follow_up.never_delivered": "cancelled",
    "follow_up.will_tell_delivered": "shipped",
}  # fmt: skip
_VALUES = {
    "items": "Tern 2 Tent, Wren Titanium Mug", "item": "Tern 2 Tent",
    "orders": "#1001 (shipped), #1003 (delivered)",
    "options": "a return, an exchange", "amount": "45.00 USD", "days": "30", "business_days": "5-7",
    "reference": "R-1001-1", "detail": "Order is already fulfilled", "minutes": "5", "position": "3",
    "due": "2026-11-21T17:00:00-05:00", "mark": "backpacking", "name": "Alex",
    "opens": "08:00", "closes": "20:00", "call_until": "16:00",
    "call_at": "2026-11-23T14:00:00-05:00 America/New_York",
    "call_from": "2026-11-23T14:00:00-05:00 America/New_York",
    "first": "2026-11-23T08:00:00-05:00 America/New_York",
    "second": "2026-11-24T08:00:00-05:00 America/New_York", "example": "2026-11-21T10:00-05:00",
    "wanted": "Tern 2 Tent Sand", "address": "TOKEN_22222222-3333-4444-5555-666666666666", "points": "150",
    "label": "https://labels.example.com/1001-R1.pdf", "title": "Tern 2 Tent", "variant": "Sand",
    "question": "Do you ship to France?", "missing": "red", "versions": "Moss and Sand",
    "counts": "Moss (18)",
    "price": "259.00 USD", "about": "to send the boots back", "asked_on": "2026-11-20",
    "rest_shipping": "6.95 USD",
    "helplines": "988 in the US and Canada", "emergency": "112 in Europe",
}  # fmt: skip
_NEEDED = (
    "orders", "minutes", "amount", "mark", "name", "due", "opens", "closes", "example", "item", "wanted",
    "options", "address", "points", "title", "asked_on", "first", "second",
    "question", "missing", "versions", "counts",
)  # fmt: skip
_FEW = {name: _VALUES[name] for name in _NEEDED}
_PRODUCT = Product(
    handle="tern-2-tent", title="Tern 2 Tent", category="Tents", currency="USD", final_sale=False,
    description="Freestanding two-person tent for three seasons.",
    variants=(
        Variant(title="Moss", sku="A", price="249.00", in_stock=18),
        Variant(title="Sand", sku="B", price="259.00", in_stock=0),
    ),
)  # fmt: skip
_ITEMS = (
    OrderItem(title="Tern 2 Tent", variant="Moss", sku="A", quantity=1, price="249.00", returnable=True),
    OrderItem(
        title="Wren Titanium Mug", variant="450 ml", sku="W", quantity=2, price="34.00", returnable=True
    ),
)


async def renderings(language: Language) -> AsyncIterator[tuple[str, JudgeReply]]:
    """Each goal in each tone, with many and with few slots, as the writer puts it: (goal, ask)."""
    writer = open_writer()
    for goal in sorted(writer.goals - {"opening.first"}):
        found = _order(_state_of(goal))
        facts = (*found.facts(), *_PRODUCT.facts())
        # What a turn that agreed to a refund holds (`conversation/asks.py`).
        agreed = Fact(id="receipt:refund_agreed:1001", value="done R-1001-1")
        proofs = (agreed,) if goal == "action.refund_back.done" else ()
        slots = {fact.id.split("/")[1]: fact.id for fact in found.facts() if fact.id.count("/") == 1}
        if goal.startswith("product"):
            slots = {"title": "product:tern-2-tent/title"}
        for values in (_VALUES, _FEW):
            topic = Topic(goal=goal, intent=Intent.ORDER_STATUS, facts=slots, values=values)
            for draft, register in ((1, "neutral"), (2, "casual"), (1, "formal"), (3, "upset")):
                name = NAME if values is _VALUES else ""
                ask = WriteReply(
                    conversation_id="c1", turn_id=f"t{draft}", step_id="s", text="where is my order 1001?",
                    language=language, topics=(topic,), first_name=name, facts=facts, draft=draft,
                    register=register,  # type: ignore[arg-type]
                )  # fmt: skip
                written = await writer.write(ask)
                yield goal, JudgeReply(
                    conversation_id="c1", turn_id="t1", step_id="t1.judge", language=language,
                    text=ask.text, sentences=written.sentences, facts=(*facts, *proofs),
                    allowed_values=(*topic.values.values(), name),
                )  # fmt: skip


def _order(status: str) -> Order:
    done = {"delivered", "returned", "return_in_progress"}
    gone = {"cancelled", "returned"}
    return Order(
        number="1001", status=status, payment="paid", placed_on="2026-11-02", total="317.00",  # type: ignore[arg-type]
        currency="USD", carrier="Northway Parcel", tracking_number=TRACKING,
        shipped_on="2026-11-04", expected_on="2026-11-09",
        delivered_on="2026-11-08" if status in done else "",
        cancelled_on="2026-11-03" if status == "cancelled" else "",
        refunded="317.00" if status in gone else "", refunded_on="2026-11-12" if status in gone else "",
        items=_ITEMS, ship_to=_VALUES["address"], shipping="6.95", codes=("TRAIL10",),
    )  # fmt: skip


def _state_of(goal: str) -> str:
    if goal.startswith("order_status."):
        return goal.removeprefix("order_status.")
    return _STATES.get(goal) or _STATES.get(goal.split(".", maxsplit=1)[0], "unfulfilled")
