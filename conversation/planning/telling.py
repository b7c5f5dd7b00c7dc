"""Answers what customers ask of their own order from what the shop knows of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from conversation.planning.orders import find_order, named
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
    if asked == ("orders",):
        return await _listed(case)
    order = await find_order(case)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {_ASKED: " ".join(asked)})
    told = about(order, *_topics(case, order, asked))
    return replace(told, slots=told.slots | {_ASKED: ""})


async def _listed(case: Case) -> Outcome:
    """All of their orders; a guest is asked for the one they can prove."""
    orders = (await case.fetch("orders")).orders if case.signed_in else ()
    if not orders:
        return Outcome(topics=(topic(case, "ask.order_proof"),), slot="order_number")
    facts = tuple(fact for order in orders for fact in order.facts())
    return Outcome(topics=(topic(case, "orders.list", orders=named(orders)),), facts=facts)


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
