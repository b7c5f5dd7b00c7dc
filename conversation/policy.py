"""Decides what may be done, from data alone: no model is asked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from conversation.playbooks import Policy
from shared.contracts import Order


@dataclass(frozen=True)
class Verdict:
    """`do`: carry it out after the customer's yes. `person`: a person decides. `no`: the goal says why."""

    decision: Literal["do", "person", "no"]
    goal: str = ""
    reason: str = ""


DO = Verdict("do")


def may_return(order: Order, *, policy: Policy, today: date) -> Verdict:
    """A return needs a delivery within the window, and at least one returnable item."""
    if order.status in {"return_in_progress", "returned"}:
        return Verdict("no", "return.already")
    if order.status == "cancelled":
        return Verdict("no", "cancel.already")
    if not order.delivered_on:
        return Verdict("no", "return.not_delivered")
    if days_since(order.delivered_on, today) > policy.return_window_days:
        return Verdict("no", "return.window_closed")
    if not any(item.returnable for item in order.items):
        return Verdict("no", "return.final_sale")
    return DO


def may_cancel(order: Order) -> Verdict:
    """Only before fulfilment."""
    if order.status == "cancelled":
        return Verdict("no", "cancel.already")
    if order.status in {"unfulfilled", "on_hold"}:
        return DO
    return Verdict("no", "cancel.too_late")


def may_refund(order: Order, *, policy: Policy, today: date) -> Verdict:
    """Small, recent and not part of a pattern is done at once; everything else a person approves."""
    if order.payment in {"refunded", "voided"}:
        return Verdict("no", "refund_status.refunded")
    if not order.delivered_on:
        return Verdict("person", reason="refund_limit")
    small = Decimal(order.total) <= Decimal(policy.refund_auto_limit)
    recent = days_since(order.delivered_on, today) <= policy.refund_window_days
    abusive = order.refund_count_90d >= policy.refund_abuse_count
    final_sale = any(not item.returnable for item in order.items)
    if small and recent and not abusive and not final_sale and order.payment == "paid":
        return DO
    return Verdict("person", reason="refund_limit")


def days_since(day: str, today: date) -> int:
    """Whole days from an ISO date to today."""
    return (today - date.fromisoformat(day[:10])).days
