"""The actions agent: the only one with write rights at the shop, and no model."""

from shared import telemetry
from shared.contracts import ActionExecuted, ExecuteAction
from shared.ports import CommerceApi


async def execute(ask: ExecuteAction, *, shop: CommerceApi) -> ActionExecuted:
    """Carry the action out, once per logical action: the key does not hold the turn or the step."""
    key = f"{ask.idempotency_scope}:{ask.key or ask.action.key}"
    receipt = await shop.execute(
        ask.action, customer=ask.customer, conversation_id=ask.conversation_id, key=key
    )
    telemetry.note(
        action_kind=receipt.kind,
        outcome=receipt.status,
        reference=receipt.reference,
        reasoning=f"{receipt.kind} was {receipt.status} by the shop",
    )
    if receipt.status in {"refused", "half"}:
        telemetry.flag("action_failed")
    return ActionExecuted(
        conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, receipt=receipt
    )
