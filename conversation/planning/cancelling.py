"""Stops an order of which nothing is packed, or some items of it: never more than was named."""

from dataclasses import replace
from decimal import Decimal

from conversation.planning.orders import find_order
from conversation.planning.proposing import propose
from conversation.planning.saying import about, left_of, topic
from conversation.planning.taking_back import too_late
from conversation.rules.policy import may_cancel
from conversation.turn import Case, Outcome
from conversation.words.agreeing import names_deed
from conversation.words.parts import Part, part_of
from shared.contracts import Cancel, Order, OrderItem
from shared.contracts.refunding import cancel_action, part_cancelled

_WISH = "cancel_wish"
"""The slot for the words of a wish whose order is still asked for."""
_LONGEST_WISH = 200


async def cancel(case: Case) -> Outcome:
    """The whole order or a part of it, before fulfilment only."""
    order = await find_order(case)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {_WISH: _wish(case)[:_LONGEST_WISH]})
    verdict = may_cancel(order, policy=case.policy)
    if verdict.goal == "cancel.already" and not names_deed("cancel", case.text):
        # Just cancelled, and spoken of without that word: it is wanted back.
        return too_late(case, order.number) or about(order, topic(case, verdict.goal, order))
    if verdict.decision == "no":
        return _not_stopped(case, order, verdict.goal)
    part = _part(case, order)
    if part.kind == "which":
        asked = about(order, topic(case, "ask.cancel_which", order, items=_titles(left_of(order))))
        return replace(asked, slot="item")
    if part.kind == "one":
        return _by_a_person(order)  # a line goes as a whole here; how many of it stay, a person changes
    items = part.items if part.kind == "items" else ()
    return _offered(case, order, items, case.asks("confirm", "ask.confirm_cancel"))


def _not_stopped(case: Case, order: Order, goal: str) -> Outcome:
    """Why it is too late, by where the order is now."""
    if order.status == "partially_shipped":
        # The rest may still be stopped, but what of it has left is not known here.
        return _by_a_person(order)
    if goal == "cancel.too_late" and order.status in {"return_in_progress", "returned"}:
        goal = "return.already"
    if goal == "cancel.too_late" and order.status == "delivered":
        goals = ("change.too_late", "order_status.delivered")
        return about(order, *(topic(case, each, order, items=_titles(left_of(order))) for each in goals))
    return about(order, topic(case, goal, order))


def _by_a_person(order: Order) -> Outcome:
    told = about(order)
    return Outcome(hand_over="order_change", facts=told.facts, slots=told.slots, proved=told.proved)


def cancelled_instead(case: Case, order: Order, items: tuple[OrderItem, ...]) -> Outcome:
    """What is wished back of an order that is not packed yet: nothing of it has to be sent."""
    return _offered(case, order, items, "ask.confirm_cancel_instead")


def _offered(case: Case, order: Order, items: tuple[OrderItem, ...], whole: str) -> Outcome:
    """The offer, which says what is cancelled; `whole` is its goal where nothing of the order is left."""
    rule = case.policy.actions["cancel"]
    action = cancel_action(order, items, rule, reason="customer")
    verdict = may_cancel(order, items if action.items else (), policy=case.policy)
    part = part_cancelled(order, items, rule) if action.items else None
    money = part.amount if part else Decimal(order.total) - Decimal(order.refunded or 0)
    kept = part.rest_shipping if part else None
    goal = "ask.confirm_cancel_part" if action.items else whole
    meant = items if action.items else left_of(order)
    told = {"amount": money, "rest_shipping": kept} if kept else {"amount": money}
    amounts = {name: f"{value:.2f} {order.currency}" for name, value in told.items()}
    preview = topic(case, goal, order, items=_titles(meant), **amounts)
    return propose(case, about(order, preview), action, verdict, {item.sku: item.title for item in meant})


def _part(case: Case, order: Order) -> Part:
    """How much is meant: as said now, or for who only agrees, as offered before."""
    part = part_of(_wish(case), order, case.items_said)
    offered = case.state.pending_action if case.state.open_slot == "confirm" else None
    if isinstance(offered, Cancel) and offered.items and offered.order_number == order.number:
        return Part("items", _of(order, offered.items)) if part.kind == "it" else part
    asked = case.state.open_slot == "item" and not names_deed("cancel", case.text)
    return Part("which") if asked and part.kind == "it" else part


def _wish(case: Case) -> str:
    """The words that say how much: these, with those to which an order was asked for."""
    before = case.state.slots.get(_WISH, "") if case.state.open_slot == "order_number" else ""
    return case.text if names_deed("cancel", case.text) else f"{before}\n{case.text}"


def _of(order: Order, skus: tuple[str, ...]) -> tuple[OrderItem, ...]:
    return tuple(item for item in order.items if item.sku in skus)


def _titles(items: tuple[OrderItem, ...]) -> str:
    return ", ".join(f"{item.title} ({item.left})" if item.left > 1 else item.title for item in items)
