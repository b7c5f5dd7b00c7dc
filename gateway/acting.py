"""Submits what staff or the house do to a conversation, as a turn with a trace of its own."""

from shared import telemetry
from shared.contracts import TurnAccepted
from shared.ports import Bus


async def submit_act(bus: Bus, turn: TurnAccepted) -> None:
    """As `Bus.submit`; the trace points to what led to it (a vendor's webhook), when that is traced."""
    led = telemetry.current()
    deed = str(turn.act.__struct_config__.tag) if turn.act is not None else "told"
    with telemetry.root(
        "turn", conversation=turn.conversation_id, turn=turn.turn_id, agent="gateway", action=f"act.{deed}"
    ) as root:
        if led is not None:
            root.link(led.traceparent)
        await bus.submit(turn)
