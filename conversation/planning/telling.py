"""Answers what customers ask of their own order from what the shop knows of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from conversation.planning.orders import find_order
from conversation.planning.saying import about, left_of, topic
from conversation.turn import Case, Outcome
from conversation.words.own_order import asked_of_order
from shared.contracts import Order, Topic

_ASKED = "asked_of_order"
"""The slot for what was asked while its order is looked for."""


async def told_of_order(case: Case) -> Outcome | None:
    """The answer, or which order is meant; None when nothing of the kind is asked."""
    asked = asked_of_order(case.text)
    if not asked and case.state.open_slot == "order_number":
        asked = tuple(case.state.slots.get(_ASKED, "").split())
    if not asked:
        return None
    order = await find_order(case)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {_ASKED: " ".join(asked)})
    told = about(order, *_topics(case, order, asked))
    return replace(told, slots=told.slots | {_ASKED: ""})


def _topics(case: Case, order: Order, asked: Sequence[str]) -> list[Topic]:
    items = ", ".join(
        f"{item.title} {item.variant}".strip() + (f" ({item.left})" if item.left > 1 else "")
        for item in left_of(order)
    )
    return [topic(case, _goal(case, order, what), order, items=items) for what in asked]


def _goal(case: Case, order: Order, what: str) -> str:
    """How it is said; where an order goes only who is signed in hears."""
    match what:
        case "address" if not (case.signed_in and order.ship_to):
            what = "address_sign_in"
        case "shipping" if not Decimal(order.shipping or 0):
            what = "shipping_free"
        case "code" if not order.codes:
            what = "no_code"
    return f"order_told.{what}"
