"""What an action that staff wish for goes beyond, by the same rules that hold for the bot."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec import structs

from conversation.rules.playbooks import Policy
from conversation.rules.policy import (
    Verdict,
    beyond_refund,
    may_cancel,
    may_change,
    may_exchange,
    may_refund,
    may_return,
)
from shared import contracts as c

_DECLINED = {
    "not_packed": "not_delivered", "not_delivered": "not_delivered", "window_closed": "window",
    "final_sale": "final_sale", "refunded": "payment", "sign_in": "proof",
}  # fmt: skip


def beyond_rules(  # noqa: PLR0911  one for each kind
    action: c.Action,
    order: c.Order | None,
    wanted: c.Variant | None,
    *,
    policy: Policy,
    signed_in: bool,
    today: date,
) -> tuple[str, ...]:
    """What of its rule this goes beyond, as in `Approval.why`; empty: the bot would do it at a yes.

    What the bot declines is beyond, too (`declined` where there is no other word for it): a lead may have a
    reason. `wanted` is what is sent in exchange, None where its price is not known.
    """
    tier = ("tier",) if policy.actions[action.kind].tier != "auto" else ()
    if order is None:
        return tier
    items = [item for item in order.items if item.sku in getattr(action, "items", ())]
    match action:
        case c.Refund():
            return _of_refund(action, order, items, policy=policy, today=today)
        case c.Return():
            return _why(may_return(order, items, policy=policy, today=today))
        case c.Exchange():
            item = next((each for each in order.items if each.sku == action.item), None)
            why = _why(may_exchange(order, item, wanted, policy=policy, today=today))
            return why if wanted is not None else (*why, "price")
        case c.Cancel():
            return _why(may_cancel(order, items, policy=policy))
        case c.ChangeAddress():
            return _why(may_change("address", order, policy=policy, signed_in=signed_in))
        case _:
            return tier


def _of_refund(
    action: c.Refund, order: c.Order, items: Sequence[c.OrderItem], *, policy: Policy, today: date
) -> tuple[str, ...]:
    """As the bot's; the amount is what staff typed, with all that the order has been given back before.

    A refund in parts is one refund: that there were others is no reason by itself while all stay within.
    """
    whole = structs.replace(order, payment="paid") if order.payment == "partially_refunded" else order
    why = _why(may_refund(whole, items, policy=policy, today=today))
    given = Decimal(action.amount or 0) + Decimal(order.refunded or 0)
    over = beyond_refund(f"{given:.2f}", policy)
    return (*over, *(each for each in why if each != "amount"))


def _why(verdict: Verdict) -> tuple[str, ...]:
    match verdict.decision:
        case "do":
            return ()
        case "person":
            return verdict.why or ("tier",)
        case _:
            return (_DECLINED.get(verdict.goal.rpartition(".")[2], "declined"),)
