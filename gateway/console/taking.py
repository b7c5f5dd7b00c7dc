"""Staff take over a conversation that the bot has: it becomes a case, and from there on theirs."""

import time
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Path
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import Speaker
from gateway.context import DeskOf
from gateway.problems import not_found
from gateway.staff.guard import HeldOf
from shared.contracts import Intent, RequestPerson
from shared.errors import NotNow
from shared.hand_over import hand_over_of
from shared.ports import StoredConversation

router = APIRouter(prefix="/console/conversations", include_in_schema=False, route_class=render.PageRoute)
REASON = "taken_over"
Identity = Literal["signed_in", "proved", "unknown"]
ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,100}$")]


@router.post("/{conversation_id}/take-over")
async def take_over(at: DeskOf, who: Speaker, session: HeldOf, conversation_id: ConversationId) -> Response:
    """Only they speak from here on; what the bot was about to say becomes a draft of the case.

    A case that the conversation has open already is claimed like any other.

    Raises:
        NotNow: somebody else has it.
        Problem: 404 for a conversation that is not there.
    """
    del session
    stored = await at.store.read(conversation_id)
    if stored is None:
        raise not_found("conversation")
    given = hand_over_of(_request(stored), now=time.time())
    try:
        case_id = (await at.casework.take_over(given, who)).id
    except NotNow as why:
        there = await at.casework.cases.of(conversation_id) if why.rule == "yours" else None
        if there is None:
            raise
        case_id = there.id  # pressed twice: it is where they wanted to be
    return RedirectResponse(f"/console/cases/{case_id}#newest", 303)


def _request(stored: StoredConversation) -> RequestPerson:
    """What the bot would have asked for, with what is known of the conversation as it stands."""
    state, taking = stored.state, uuid4().hex
    said = [line.text for line in stored.messages if line.who == "customer"]
    identity: Identity = "signed_in" if state.customer else "proved" if state.proved_orders else "unknown"
    last = state.open_intent or state.last_intent
    return RequestPerson(
        conversation_id=stored.conversation_id,
        turn_id=f"s-{taking}",
        step_id=f"s-{taking}.person",
        hand_over_id=f"h-{taking}",
        reason=REASON,
        language=state.language or "en",
        intent=Intent(last) if last else Intent.GENERAL_INQUIRY,
        text=said[-1] if said else "",
        history=state.recalled,
        customer=state.customer,
        first_name=state.first_name,
        identity=identity,
        accepted_at=time.time(),
    )
