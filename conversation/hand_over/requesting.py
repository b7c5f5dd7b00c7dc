"""Makes the request for a person: as full as can be, and in any case."""

import logging

from msgspec import structs

from conversation.asks import TurnState, ids
from conversation.hand_over.handing import Asking, look_up, person_ask
from conversation.hand_over.suggesting import suggest
from conversation.turn import Plan
from shared import contracts as c
from shared import telemetry
from shared.ports import Judge, Writer

_LOG = logging.getLogger("answerdesk.conversation")


async def request_of(
    state: TurnState,
    plan: Plan,
    reason: str,
    *,
    asking: Asking,
    words: Writer,
    rules: Judge,
    language: c.Language,
    now: float,
) -> c.RequestPerson:
    """What a person gets to know, with a reply to suggest; bare when a bug of ours is in the way of that."""
    try:
        known = await look_up(asking, state, plan, reason=reason)
        ask = person_ask(state, plan, reason, known=known, language=language)
        reply = await suggest(words, rules, state, plan, ask, now=now)
        return structs.replace(ask, suggested=reply)
    except Exception as error:  # noqa: BLE001  said aloud; whoever asks for a person gets one
        # The type only: a stranger's message may quote what the customer wrote.
        _LOG.error("the request of turn %s goes without its packet: %s", state["turn"].turn_id, type(error))
        telemetry.note(error_kind=type(error).__name__)
        return c.RequestPerson(
            **ids(state, "person"),
            hand_over_id=f"h-{state['turn'].turn_id}",
            accepted_at=state["turn"].accepted_at,
            reason=reason,
            language=language,
            intent=c.Intent.ESCALATION_REQUEST,
            text=state["text"],
            history=state["before"].recalled,
            facts=plan.facts,
            customer=plan.state.customer,
        )
