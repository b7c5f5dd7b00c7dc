"""Reads what staff decided about a request from the form, and what they would have done instead."""

from decimal import Decimal, InvalidOperation
from typing import get_args

from msgspec import structs

from gateway.problems import Problem
from shared import contracts as c
from shared.contracts.standing import Standing

DECISIONS: tuple[c.Decision, ...] = get_args(c.Decision)
REASONS: dict[c.DenialReason, str] = {
    "window": "too long after the delivery",
    "used": "the item has been used",
    "final_sale": "sold as final sale",
    "evidence": "something is missing to decide",
    "other": "another reason",
}
INSTEAD = ("refund", "store_credit", "resend")
WHY: dict[str, str] = {
    "amount": "over the amount",
    "price": "another price",
    "window": "outside the time",
    "not_delivered": "not delivered yet",
    "abuse": "many refunds lately",
    "final_sale": "final sale",
    "payment": "not paid in full",
    "tier": "always needs approval",
    "proof": "the customer is not signed in",
    "declined": "the rules decline it",
}
MEANWHILE: dict[c.Refusal, str] = {
    "no_order": "the shop no longer has this order",
    "not_in_order": "these items are no longer part of the order",
    "cancelled": "the order has been cancelled",
    "shipped": "the order has been packed or shipped",
    "already_back": "a return or an exchange of the same items is open",
    "already_paid": "it has been refunded or exchanged",
    "too_much": "less than this is left to refund",
}
LONGEST_WORDS = 1000
_MOST = Decimal(1_000_000)


def read_decision(form: dict[str, str]) -> c.Decision:
    """`decision`. Raises `Problem` 422 for none of ours."""
    for each in DECISIONS:
        if form.get("decision") == each:
            return each
    raise wrong("decision", form.get("decision", ""), f"is not one of {', '.join(DECISIONS)}")


def read_reason(form: dict[str, str]) -> c.DenialReason:
    """`reason`, which the customer hears in their language. Raises `Problem` 422 for none of ours."""
    for each in REASONS:
        if form.get("reason") == each:
            return each
    raise wrong("reason", form.get("reason", ""), f"is not one of {', '.join(REASONS)}")


def read_edited(form: dict[str, str], asked: c.Action) -> c.Action:
    """What is done instead: another amount or item, or another kind for the same order.

    Raises:
        Problem: 422 for what cannot be, or when nothing is different.
    """
    amount = _amount(form.get("amount", "").strip())
    if isinstance(asked, c.Refund) and asked.amount and amount and Decimal(amount) > Decimal(asked.amount):
        most = f"{asked.amount} {asked.currency}".strip()
        raise wrong("amount", amount, f"is more than was asked for; {most} is the most")
    edited = _edited(asked, form.get("instead", "").strip(), amount, form.get("wanted", "").strip())
    if edited == asked:
        detail = "decision: nothing is different from what was asked; approve it, or change something"
        raise Problem(422, "invalid-field", "Nothing changed", detail)
    return edited


def _edited(asked: c.Action, instead: str, amount: str, wanted: str) -> c.Action:
    if instead and instead not in INSTEAD:
        raise wrong("instead", instead, f"is not one of {', '.join(INSTEAD)}")
    match asked:
        case c.Refund() if instead == "store_credit":
            return c.StoreCredit(
                order_number=asked.order_number, amount=amount or asked.amount, currency=asked.currency
            )
        case c.Refund() if instead == "resend":
            return c.Resend(order_number=asked.order_number, items=asked.items)
        case c.Refund():
            return structs.replace(asked, amount=amount or asked.amount)
        case c.Exchange() | c.ChangeItem() if wanted:
            return structs.replace(asked, wanted=wanted[:64])
        case _:
            return asked


def _amount(text: str) -> str:
    if not text:
        return ""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 < amount < _MOST and amount == round(amount, 2)):
        raise wrong("amount", text, "is no amount; write it like 49.90")
    return f"{amount:.2f}"


def meanwhile(found: Standing) -> str:
    """What has happened since the request, in a sentence's end; empty when nothing has."""
    if not found.why:
        return ""
    told = MEANWHILE.get(found.why, "the order has changed")
    named = f" ({', '.join(found.items)})" if found.items else ""
    return f"{told}{named}" + (f"; {found.most} could be approved instead" if found.most else "")


def wrong(field: str, value: str, why: str) -> Problem:
    """A field that cannot be taken."""
    return Problem(422, "invalid-field", "Invalid request", f"{field}: {value[:40]!r} {why}")
