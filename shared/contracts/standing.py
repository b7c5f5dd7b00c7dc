"""Tells whether an action still fits an order: what has happened to its lines since it was wished for."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import structs

from shared.contracts import actions as a
from shared.contracts.refunding import worth
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
        case a.Cancel() | a.ChangeAddress() | a.ChangeItem() if order.status not in _UNPACKED:
            return Standing(why="shipped")
        case a.Cancel() if action.items:
            return _of_goods(action, order)
        case a.Refund() if action.of_return:
            return FITS  # the shop compares it with the return itself
        case a.Exchange():
            return _of_exchange(action, order)
        case a.Return() | a.Refund():
            return _of_goods(action, order)
        case a.StoreCredit():
            # What is on its way back is paid when it has arrived: who pays now pays twice.
            back = [item for item in order.items if item.back]
            return _went(back) if back else _of_money(action.amount, order)
        case _:
            return FITS


def _of_exchange(action: a.Exchange, order: Order) -> Standing:
    items = [item for item in order.items if item.sku == action.item]
    if not items:
        return Standing(why="not_in_order")
    return FITS if sum(item.left for item in items) >= action.quantity else _went(items)


def _of_goods(action: a.Return | a.Refund | a.Cancel, order: Order) -> Standing:
    """A named line of which nothing is left is another wish; of the others, what is left is the most."""
    chosen = [item for item in order.items if not action.items or item.sku in action.items]
    if not chosen:
        return Standing(why="not_in_order")
    gone = [item for item in chosen if item.is_gone]
    if gone and (action.items or len(gone) == len(chosen)):
        return _went(gone)
    if isinstance(action, a.Return) and not action.amount:
        return FITS
    changed = [item for item in chosen if item.left < item.quantity]
    label = Decimal(0) if isinstance(action, a.Cancel) else Decimal(action.label_cost or 0)
    most = worth(chosen) - label
    if not label and not any(item.left for item in order.items if item not in chosen):
        most += Decimal(order.shipping or 0)  # the shop's fault: the shipping of all that is left, too
    if changed and action.amount and Decimal(action.amount) > most:
        instead = isinstance(action, a.Refund) and most > 0
        return structs.replace(_went(changed), most=f"{most:.2f}" if instead else "")
    return _of_money(action.amount, order)


def _went(items: Sequence[OrderItem]) -> Standing:
    """Units of these lines went their own way: on their way back, or refunded."""
    back = [item for item in items if item.back]
    titles = tuple(item.title for item in back or items)
    return Standing(why="already_back" if back else "already_paid", items=titles)


def _of_money(amount: str, order: Order) -> Standing:
    left = Decimal(order.total) - Decimal(order.refunded or 0)
    if left <= 0:
        return Standing(why="already_paid")
    if amount and Decimal(amount) > left:
        return Standing(why="too_much", most=f"{left:.2f}")
    return FITS
