"""What is owed once a return has arrived: kept as a task of the bot, and paid when its time has come."""

from decimal import Decimal

from msgspec import structs

from conversation.asks import TurnState
from conversation.rules.playbooks import Policy
from conversation.rules.policy import beyond_refund
from conversation.turn import Plan, Wish
from shared import contracts as c
from shared.contracts.previews import preview_owed
from shared.errors import AskFailed
from shared.ports import Bus, Tasks

_LOOK_AGAIN_SECONDS = 86_400.0
_REASON = "refund_limit"
UNSETTLED = "unsettled"
"""The slot of what speaks against the money of an offered return; it is kept until the customer's yes."""


class NotPaid(Exception):
    """The shop could not be told to pay: the turn ends without a word, and its task has it tried again."""


async def keep_owed(
    state: TurnState, action: c.Action, receipt: c.Receipt, *, policy: Policy, tasks: Tasks | None, bus: Bus
) -> None:
    """Remember what is to be paid when a return has arrived, before anybody is told of it."""
    task = owed(action, receipt, state["turn"], customer=state["plan"].state.customer)
    if task is not None and isinstance(action, c.Return):
        # Of staff's own return nothing was offered; the amount is held against the limit all the same.
        offered = state["before"].slots.get(UNSETTLED, "") if state["turn"].act is None else ""
        why = tuple(offered.split(",")) if offered else beyond_refund(action.amount, policy)
        task = structs.replace(task, agreed=not why, why=why)
    if task is None or tasks is None:
        return
    kept = await tasks.add(task)
    changed = c.TaskChanged.of(kept, at=task.created_at)
    await bus.publish(c.TASK_CHANGED, changed, key=changed.key)


def unreached(turn: c.TurnAccepted, error: AskFailed) -> dict[str, str]:
    """What an action that reached nobody leads to: a person; `NotPaid` for what is owed."""
    if isinstance(turn.act, c.PaymentDue):
        raise NotPaid from error
    return {"reason": "action_failed"}


def owed(action: c.Action, receipt: c.Receipt, turn: c.TurnAccepted, *, customer: str) -> c.Task | None:
    """The task of paying for the return that this receipt proves; None where nothing is to be paid.

    Its id is made from the turn's, so that a replay keeps it once. A refund's amount is settled, by the
    customer's yes or by a person; what a mere return brings, `keep_owed` holds against the rule of refunds.
    """
    if receipt.kind != "return" or receipt.status != "done" or not receipt.reference:
        return None
    if not isinstance(action, c.Refund | c.Return) or Decimal(action.amount or 0) <= 0:
        return None
    due = c.Refund(
        order_number=action.order_number,
        items=action.items,
        amount=action.amount,
        currency=action.currency,
        of_return=receipt.reference,
    )
    return c.Task(
        id=f"o-{turn.turn_id}"[:80],
        kind="pay_when_back",
        title=preview_owed(due, "en"),
        due_at=turn.accepted_at + _LOOK_AGAIN_SECONDS,
        created_by=c.BOT,
        created_at=turn.accepted_at,
        assignee=c.BOT,
        conversation_id=turn.conversation_id,
        customer=customer,
        order_number=action.order_number,
        action=due,
    )


def payment_plan(act: c.PaymentDue, before: c.ConversationState, policy: Policy) -> Plan:
    """The way of the turn that pays; what nobody has agreed to is asked of staff."""
    why = () if act.agreed else act.why or beyond_refund(act.action.amount, policy)
    if why:
        return Plan(route="hand_over", state=before, reason=_REASON, approval=Wish(act.action, why))
    return Plan(route="act", state=before, execute=act.action, key=act.key)
