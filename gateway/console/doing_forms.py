"""Reads what staff want done at the shop, with the amount that the rules make of it."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import structs

from gateway.console.approval_forms import MEANWHILE
from gateway.console.asking import wrong
from gateway.problems import Problem
from shared import contracts as c
from shared.contracts.refunding import cancel_action, refund_action, refund_of, return_action
from shared.contracts.rules import ActionRule
from shared.contracts.standing import standing

KINDS: dict[c.ActionKind, str] = {
    "refund": "Refund",
    "store_credit": "Store credit",
    "return": "Return with a label",
    "exchange": "Exchange",
    "resend": "Send once more",
    "cancel": "Cancel the order",
    "address": "Another address",
    "loyalty": "Correct points",
}
LABELS = {
    "kind": "What",
    "order": "Order",
    "items": "Items",
    "amount": "Amount",
    "goods": "A refund is paid",
    "wanted": "New item",
    "address": "New address",
    "points": "Points",
}
"""Fields by the names that the form shows."""
_ACCOUNT = {"loyalty"}
_COMMA = re.compile(r"^(\d+),(\d{1,2})$")
"""As an amount is written in French and Spanish."""
_MOST_POINTS = 100_000


def read_kind(form: Mapping[str, str]) -> c.ActionKind:
    """`kind`. Raises `Problem` 422 for none of ours."""
    for kind in KINDS:
        if form.get("kind") == kind:
            return kind
    raise wrong("kind", f"{form.get('kind', '')[:40]!r} is not one of {', '.join(KINDS)}")


def read_order(form: Mapping[str, str], orders: Sequence[c.Order], kind: c.ActionKind) -> c.Order | None:
    """The order that is named, one of the customer's own. Raises `Problem` 422 for any other."""
    if kind in _ACCOUNT:
        return None
    number = form.get("order", "").strip().removeprefix("#")
    found = next((order for order in orders if order.number == number), None)
    if found is None:
        known = ", ".join(order.number for order in orders) or "none"
        raise wrong("order", f"{number[:20]!r} is none that this customer has shown to be theirs ({known})")
    return found


def read_action(
    form: Mapping[str, str],
    order: c.Order | None,
    rules: Mapping[c.ActionKind, ActionRule],
    *,
    address: str,
    reason: str,
) -> c.Action:
    """The action, priced by its rule. `address` and `reason` are tokenized.

    Raises:
        Problem: 422 for what cannot be meant, 409 for what no longer fits the order.
    """
    kind = read_kind(form)
    if rules[kind].tier == "never":
        raise wrong("kind", f"{kind} is done by nobody at this desk (actions.toml)")
    if kind == "loyalty":
        return c.CorrectLoyalty(points=_points(form.get("points", "")), reason=reason)
    assert order is not None  # every other kind is of an order
    action = _of_order(kind, form, order, rules, address=address, reason=reason)
    now = standing(action, order)
    if now.why:
        detail = f"This cannot be done: {MEANWHILE.get(now.why, 'the order does not allow it')}."
        raise Problem(409, "order-changed", "Not possible", detail)
    return action


def _of_order(  # noqa: PLR0911  one for each kind
    kind: c.ActionKind, form: Mapping[str, str], order: c.Order, rules: Mapping[c.ActionKind, ActionRule], *,
    address: str, reason: str,
) -> c.Action:  # fmt: skip
    items = _items(form.get("items", ""), order)
    number, rule = order.number, rules[kind]
    if kind in {"return", "exchange"} and not order.delivered_on:
        raise wrong("order", f"#{number} has not been delivered, so nothing of it can come back")
    match kind:
        case "refund":
            return _refund(form, order, items, rule)
        case "return":
            return return_action(order, items, rule, reason=reason)
        case "store_credit":
            most = refund_of(order, items, rules["refund"], fault=True).total
            return c.StoreCredit(
                order_number=number, amount=_amount(form, most), currency=order.currency, reason=reason
            )
        case "exchange":
            wanted = form.get("wanted", "").strip()[:64]
            if len(items) != 1 or not wanted:
                raise wrong("wanted", "an exchange names one SKU in items, and the SKU that is sent for it")
            return c.Exchange(
                order_number=number, item=items[0].sku, wanted=wanted, quantity=items[0].quantity,
                label=rule.label, reason=reason,
            )  # fmt: skip
        case "resend":
            return c.Resend(order_number=number, items=tuple(item.sku for item in items), reason=reason)
        case "cancel":
            return cancel_action(order, items, rule, reason=reason)
        case _:
            if not address:
                raise wrong("address", "is empty; write street, town and postal code")
            return c.ChangeAddress(order_number=number, address=address, reason=reason)


def _refund(
    form: Mapping[str, str], order: c.Order, items: Sequence[c.OrderItem], rule: ActionRule
) -> c.Refund:
    """By the rule, or what the form says instead: our fault, at once, another amount up to what was paid."""
    fault, at_once = form.get("fault") == "yes", form.get("goods") == "at_once"
    if at_once:  # nothing comes back, so there is no label
        rule = structs.replace(rule, goods_back=False, label_cost="", label="")
    found = refund_action(order, items, rule, fault=fault)
    if found.goods_back and not order.delivered_on:
        raise wrong("goods", f"#{order.number} has not been delivered: nothing can come back, so pay at once")
    most = refund_of(order, items, rule, fault=True).total
    amount = _amount(form, most) if form.get("amount", "").strip() else found.amount
    return structs.replace(found, amount=amount)


def _items(text: str, order: c.Order) -> list[c.OrderItem]:
    """The items by their SKUs; none named: all (an empty list)."""
    wanted = [sku.casefold() for sku in text.replace(",", " ").split()]
    known = {item.sku.casefold(): item for item in order.items}
    if unknown := [sku for sku in wanted if sku not in known]:
        skus = ", ".join(item.sku for item in order.items)
        raise wrong("items", f"{unknown[0][:64]!r} is no SKU of #{order.number} ({skus})")
    return [known[sku] for sku in dict.fromkeys(wanted)]


def _amount(form: Mapping[str, str], most: Decimal) -> str:
    text = form.get("amount", "").strip()
    try:
        amount = Decimal(_COMMA.sub(r"\1.\2", text.strip("$€£ ")))
    except ArithmeticError:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount > 0):
        raise wrong("amount", f"{text[:20]!r} is no amount; write it like 49.90")
    if amount > most:  # before it is rounded: 1e99 has more digits than a Decimal rounds
        raise wrong("amount", f"{text[:20]} is more than was paid for it; {most:.2f} is the most")
    if amount != round(amount, 2):
        raise wrong("amount", f"{text[:20]!r} has parts of a cent; write it like 49.90")
    return f"{amount:.2f}"


def _points(text: str) -> int:
    try:
        points = int(text)
    except ValueError:
        points = 0
    if not points or abs(points) > _MOST_POINTS:
        raise wrong("points", f"{text[:20]!r} is no number of points; write it like 150 or -150")
    return points
