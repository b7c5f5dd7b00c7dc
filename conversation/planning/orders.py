"""Finds the order a customer speaks of, asking for proof of who may hear about it."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from conversation.planning.choosing import holding_instead, names_theirs, order_meant
from conversation.turn import Case, Outcome
from conversation.words.replies import outright
from shared.contracts import Order, OrderLookup, Topic

_LISTED = 5
_DONE = {"delivered", "cancelled", "returned"}


async def find_order(case: Case) -> Order | Outcome:
    """The order, or the question that leads to it. Facts of other people's orders never pass here."""
    number = case.entity("order_number") or case.state.slots.get("order_number", "")
    if case.turn.customer or case.state.customer:
        return await _own_order(case, number)
    return await _proved_order(case, number)


async def _own_order(case: Case, number: str) -> Order | Outcome:
    if number:
        found = await case.fetch("order", order_number=number)
        if found.order is not None:
            return found.order if case.entity("order_number") else await _still_meant(case, found.order)
        return _ask(case, "order.unknown", slots={}, values={"number": number})
    return await _one_of_them(case)


async def _still_meant(case: Case, order: Order) -> Order | Outcome:
    """The order that was spoken of, unless a thing is named that only others of theirs hold."""
    words = names_theirs(case)
    if not words or outright(words, order):
        return order
    others = holding_instead(case, order, (await case.fetch("orders")).orders, words)
    if len(others) > 1:
        return _which(case, others)
    return others[0] if others else order


async def _one_of_them(case: Case) -> Order | Outcome:
    """The one of their orders that is meant without its number, else the list to choose from."""
    orders = (await case.fetch("orders")).orders
    if not orders:
        return _ask(case, "ask.order_number")
    meant = order_meant(case, orders)
    if meant is not None:
        return meant
    moving = [order for order in orders if order.status not in _DONE]
    if len(orders) == 1:
        return orders[0]
    if case.playbook.flow == "order_status" and len(moving) == 1 and _singular_wish(case):
        return moving[0]
    return _which(case, orders)


def _which(case: Case, orders: Sequence[Order]) -> Outcome:
    """Asks which one is meant; the one that was spoken of before is not it."""
    listed = orders[:_LISTED]
    values = {"orders": named(listed)}
    asked = _ask(
        case, case.asks("order_number", "ask.which_order"), slots={"order_number": ""}, values=values
    )
    return replace(asked, facts=tuple(fact for order in listed for fact in order.facts()))


def named(orders: Sequence[Order]) -> str:
    """Their numbers, each with what is in it."""
    return ", ".join(f"#{o.number} ({', '.join(i.title for i in o.items[:2])})" for o in orders)


def _singular_wish(case: Case) -> bool:
    """Asking where "my order" is, with one parcel on its way, can only mean that one."""
    return case.need.intent.value == "TRACKING_UPDATE"


async def _proved_order(case: Case, number: str) -> Order | Outcome:
    tokens = case.tokens()
    proof = " ".join(tokens) or case.state.slots.get("proof", "")
    if number in case.state.proved_orders:
        found = await case.fetch("order", order_number=number)
        if found.order is not None:
            return _of_guest(found.order)
    if case.state.failed_proofs >= case.policy.max_failed_proofs:
        return Outcome(hand_over="unclear", topics=(_topic(case, "order.locked"),))
    remembered = {"order_number": number, "proof": proof}
    if not number:
        return _ask(case, "ask.order_proof", slots=remembered)
    if not proof:
        return _ask(case, "ask.email", slots=remembered, values={"number": number})
    found = await case.fetch("order", order_number=number, email=proof)
    if found.order is not None:
        return _of_guest(found.order)
    return _not_proved(case, number, found.order_lookup)


def _of_guest(order: Order) -> Order:
    """Without where it goes: who knows a number and an e-mail need not be who lives there."""
    return structs.replace(order, ship_to="")


def _not_proved(case: Case, number: str, lookup: OrderLookup) -> Outcome:
    """What a guest hears instead of an order."""
    if lookup == "needs_proof":  # a name or a phone number: nobody has guessed anything
        kept = {"order_number": number, "proof": ""}
        return _ask(case, "ask.email", slots=kept, values={"number": number})
    # The same words whether the number, the e-mail or the pair is wrong: no one can probe for orders.
    if lookup == "locked":
        forgotten = {"order_number": "", "proof": ""}
        return Outcome(topics=(_topic(case, "order.locked"),), slots=forgotten, offers_person=True)
    # The number as they wrote it stays: who corrects a slip in the e-mail alone is not asked for both.
    failed = _ask(case, "ask.order_again", slots={"order_number": number, "proof": ""})
    return replace(failed, failed_proof=True)


def _topic(case: Case, goal: str, values: dict[str, str] | None = None) -> Topic:
    return Topic(goal=goal, intent=case.need.intent, values=values or {})


def _ask(
    case: Case, goal: str, *, slots: dict[str, str] | None = None, values: dict[str, str] | None = None
) -> Outcome:
    return Outcome(topics=(_topic(case, goal, values),), slot="order_number", slots=slots or {})
