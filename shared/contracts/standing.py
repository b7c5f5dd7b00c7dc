"""Tells whether an action still fits an order: what has happened to its lines since it was wished for."""

from collections.abc import Sequence
from decimal import Decimal

from shared.contracts import actions as a
from shared.contracts.shop import Order, OrderItem
from shared.contracts.words import Value

_UNPACKED = frozenset({"unfulfilled", "on_hold"})


class Standing(Value, frozen=True, kw_only=True):
    """`why` it no longer fits; empty: it does. `items` are the titles it is about.

    `most` is the amount that could be paid instead, a decimal string; empty where no amount helps.
    """

    why: a.Refusal = ""
    items: tuple[str, ...] = ()
    most: str = ""


FITS = Standing()


def standing(action: a.Action, order: Order | None) -> Standing:  # noqa: PLR0911  one for each kind
    """How the action stands with the order as the shop has it now; None: the shop has no such order."""
    if isinstance(action, a.Newsletter | a.CorrectLoyalty):
        return FITS
    if order is None:
        return Standing(why="no_order")
    if order.status == "cancelled":
        return Standing(why="cancelled")
    match action:
        case a.Cancel() | a.ChangeAddress() | a.ChangeItem():
            return FITS if order.status in _UNPACKED else Standing(why="shipped")
        case a.Refund() if action.of_return:
            return FITS  # the shop compares it with the return itself
        case a.Exchange():
            return _of_lines(_chosen(order, (action.item,)))
        case a.Return() | a.Refund():
            return _of_lines(_chosen(order, action.items)) if action.items else _of_all(action, order)
        case a.StoreCredit():
            return _of_money(action.amount, order)
        case _:
            return FITS


def _chosen(order: Order, skus: Sequence[str]) -> list[OrderItem]:
    return [item for item in order.items if item.sku in skus]


def _of_lines(items: Sequence[OrderItem]) -> Standing:
    if not items:
        return Standing(why="not_in_order")
    if back := tuple(item.title for item in items if item.back):
        return Standing(why="already_back", items=back)
    if paid := tuple(item.title for item in items if item.gone):
        return Standing(why="already_paid", items=paid)
    return FITS


def _of_all(action: a.Return | a.Refund, order: Order) -> Standing:
    """Of the whole order: any line that went its own way makes the amount another one."""
    lines = _of_lines(order.items)
    return lines if lines.why else _of_money(action.amount, order)


def _of_money(amount: str, order: Order) -> Standing:
    left = Decimal(order.total) - Decimal(order.refunded or 0)
    if left <= 0:
        return Standing(why="already_paid")
    if amount and Decimal(amount) > left:
        return Standing(why="too_much", most=f"{left:.2f}")
    return FITS
