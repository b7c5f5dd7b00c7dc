"""Decides what may be done, from data alone: no model is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from conversation.rules.playbooks import Policy
from shared.contracts import ActionKind, Order, OrderItem, Variant
from shared.contracts.refunding import part_cancelled, refund_of
from shared.contracts.rules import ActionRule


@dataclass(frozen=True)
class Verdict:
    """`do`: carry it out after the customer's yes. `no`: the goal says why.

    `person`: a person approves it; `reason` names the hand-over, `why` what of its rule it goes beyond.
    `proof`: who asks has not shown enough of who they are.
    """

    decision: Literal["do", "person", "no", "proof"]
    goal: str = ""
    reason: str = ""
    why: tuple[str, ...] = ()


DO = Verdict("do")
OPEN = frozenset({"unfulfilled", "on_hold"})
"""States of an order of which nothing is packed."""
_NOT_WORTH = Verdict("no", "refund.not_worth")
_REASONS: dict[ActionKind, str] = {"refund": "refund_limit"}


def may_return(order: Order, items: Sequence[OrderItem] = (), *, policy: Policy, today: date) -> Verdict:
    """A return needs a delivery within the window, a returnable item, and money that is left of its label.

    Of an order, or of these items of it.
    """
    verdict = _may_send_back("return", order, policy=policy, today=today)
    rule = policy.actions["return"]
    money = refund_of(order, items, rule)
    if verdict.decision == "no" or not rule.goods_back or money.total:
        return verdict
    return _beyond("return", policy, ["payment"]) if money.held else _NOT_WORTH


def may_exchange(
    order: Order, item: OrderItem | None, wanted: Variant | None, *, policy: Policy, today: date
) -> Verdict:
    """As a return; another price than the rule allows is for a person."""
    verdict = _may_send_back("exchange", order, policy=policy, today=today)
    if verdict.decision != "do" or item is None or wanted is None:
        return verdict
    return _beyond("exchange", policy, _priced(policy.actions["exchange"], item, wanted))


def _may_send_back(
    kind: Literal["return", "exchange"], order: Order, *, policy: Policy, today: date
) -> Verdict:
    rule = policy.actions[kind]
    late = _late(rule, order, today) and rule.too_late == "refuse"
    # The first that holds is told: what is over is no matter of what may ever go back.
    reasons = (
        (order.status in {"return_in_progress", "returned"}, "return.already"),
        (order.status == "cancelled", "cancel.already"),
        (not _has_arrived(order), f"{kind}.not_delivered"),
        (order.payment == "refunded", "return.refunded"),
        (bool(order.items) and all(item.is_gone for item in order.items), "return.gone"),
        (late, f"{kind}.window_closed"),
        (not any(item.returnable for item in order.items), "return.final_sale"),
    )
    goal = next((goal for holds, goal in reasons if holds), "")
    if goal:
        return Verdict("no", goal)
    return _beyond(kind, policy, (*_window(rule, order, today), *_abuse(rule, order, today)))


def may_cancel(order: Order, items: Sequence[OrderItem] = (), *, policy: Policy) -> Verdict:
    """Only before fulfilment; of an order, or of these items of it.

    A part is paid back over the payment it was paid with, so without one a person decides.
    """
    if order.status == "cancelled":
        return Verdict("no", "cancel.already")
    rule = policy.actions["cancel"]
    if rule.before_fulfilment and order.status not in OPEN:
        # A person cannot call a parcel back either, so there is nothing to approve.
        return Verdict("no", "cancel.too_late")
    if not items:
        return _beyond("cancel", policy, _amount(rule, order.total))
    money = part_cancelled(order, items, rule)
    paid = order.payment in {"paid", "partially_refunded"} and money.amount > 0 and not money.held
    why = [*_amount(rule, f"{money.amount:.2f}"), *([] if paid else ["payment"])]
    return _beyond("cancel", policy, why)


def may_refund(order: Order, items: Sequence[OrderItem] = (), *, policy: Policy, today: date) -> Verdict:
    """Small, recent and not part of a pattern is done at once; everything else a person approves.

    Of an order, or of these items of it. What nobody has received yet cannot come back: unpacked it is
    cancelled instead, on its way it is waited for.
    """
    if order.payment in {"refunded", "voided"}:
        return Verdict("no", "refund_status.refunded")
    rule = policy.actions["refund"]
    if rule.goods_back and not _has_arrived(order):
        return Verdict("no", "refund.not_packed" if order.status in OPEN else "refund.not_delivered")
    money = refund_of(order, items, rule)
    if money.prices and not money.total and not money.held:
        return _NOT_WORTH
    why = [*_amount(rule, f"{money.total:.2f}"), *_window(rule, order, today), *_abuse(rule, order, today)]
    # What is gone was paid for and sent back: it is no reason against the rest.
    why += [] if all(item.returnable or item.is_gone for item in items or order.items) else ["final_sale"]
    why += [] if order.payment == "paid" and money.total else ["payment"]
    return _beyond("refund", policy, why)


def beyond_refund(amount: str, policy: Policy) -> tuple[str, ...]:
    """What of the rule of refunds an amount that is due goes beyond."""
    return tuple(_amount(policy.actions["refund"], amount))


def may_change(
    kind: Literal["address", "item"],
    order: Order,
    *,
    policy: Policy,
    signed_in: bool,
    item: OrderItem | None = None,
    wanted: Variant | None = None,
) -> Verdict:
    """Before fulfilment only; an address asks for more proof than an e-mail that others may know."""
    if order.status == "cancelled":
        return Verdict("no", "cancel.already")
    rule = policy.actions[kind]
    if rule.before_fulfilment and order.status not in OPEN:
        return Verdict("no", "change.too_late")
    if rule.proof == "signed_in" and not signed_in:
        return Verdict("proof", "change.sign_in")
    priced = _priced(rule, item, wanted) if item is not None and wanted is not None else []
    return _beyond(kind, policy, priced)


def may_newsletter(*, policy: Policy, signed_in: bool) -> Verdict:
    """Of one's own account only."""
    if not signed_in:
        return Verdict("proof", "newsletter.sign_in")
    return _beyond("newsletter", policy, [])


def _beyond(kind: ActionKind, policy: Policy, why: "list[str] | tuple[str, ...]") -> Verdict:
    tier = policy.actions[kind].tier
    if tier == "never":
        return Verdict("person", reason="not_allowed")
    why = ["tier", *why] if tier == "approval" else why
    return Verdict("person", reason=_REASONS.get(kind, "approval"), why=tuple(why)) if why else DO


def _has_arrived(order: Order) -> bool:
    """All of it: what was delivered of an order that is still being packed is only its first parcels."""
    return bool(order.delivered_on) and order.status != "partially_shipped"


def _amount(rule: ActionRule, amount: str) -> list[str]:
    return ["amount"] if rule.most and Decimal(amount) > Decimal(rule.most) else []


def _priced(rule: ActionRule, item: OrderItem, wanted: Variant) -> list[str]:
    more = abs(Decimal(wanted.price) - Decimal(item.price)) * item.quantity
    return ["price"] if rule.most and more > Decimal(rule.most) else []


def _window(rule: ActionRule, order: Order, today: date) -> list[str]:
    if rule.days_since_delivery and not order.delivered_on:
        return ["not_delivered"]
    return ["window"] if _late(rule, order, today) else []


def _late(rule: ActionRule, order: Order, today: date) -> bool:
    if not (rule.days_since_delivery and order.delivered_on):
        return False
    return days_since(order.delivered_on, today) > rule.days_since_delivery


def _abuse(rule: ActionRule, order: Order, today: date) -> list[str]:
    if rule.abuse is None:
        return []
    given = [each.on for each in order.given if each.kind in rule.abuse.kinds]
    recent = [day for day in given if days_since(day, today) <= rule.abuse.days]
    return ["abuse"] if len(recent) >= rule.abuse.count else []


def days_since(day: str, today: date) -> int:
    """Whole days from an ISO date to today."""
    return (today - date.fromisoformat(day[:10])).days
