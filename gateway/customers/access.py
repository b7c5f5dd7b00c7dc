"""Lets in who may see a conversation: its token, the customer it belongs to, and nobody after them.

A token says on its own whose it is and from when. What it cannot know, that the conversation became a
customer's meanwhile or that a later token came back, is one read of the conversation's state.
"""

import hmac
import time

from gateway.context import Caller, Desk
from gateway.conversation_tokens import ConversationProof
from gateway.problems import Problem, not_found
from shared.contracts import ConversationState
from shared.errors import StoreDown


async def opened(
    at: Desk, who: Caller, conversation_id: str, token: str = "", *, without_store: bool = False
) -> ConversationProof:
    """What the conversation's token proves, for who may come in with it.

    `without_store` lets a message in while the store is down: the conversation service, which needs the
    store to answer, looks again.

    Raises:
        Problem: 404, the same for a wrong token, another customer's, and no such conversation; 401 when a
            token that was good is over, was replaced, or needs its customer's own beside it.
    """
    proof = at.conversation_tokens.read(token or who.conversation_token)
    if proof is None or proof.conversation_id != conversation_id:
        raise await turned_away(at, who, conversation_id, "conversation", not_found("conversation"))
    if not proof.guest and not at.conversation_tokens.belongs(proof, who.identity):
        raise await _not_theirs(at, who, conversation_id)
    if at.conversation_tokens.over(proof, now=time.time()):
        problem = _over("conversation-expired", "This conversation was closed: nobody came back for long.")
        raise await turned_away(at, who, conversation_id, "closed conversation", problem)
    try:
        state = await at.store.load(conversation_id)
    except StoreDown:
        if not without_store:
            raise
        return proof
    if state is not None:
        await theirs(at, who, conversation_id, state)
        if state.turnover.replaced(proof.issued, at=time.time()):
            problem = _over("conversation-replaced", "The conversation went on elsewhere, with newer tokens.")
            raise await turned_away(at, who, conversation_id, "replaced conversation token", problem)
    return proof


async def theirs(at: Desk, who: Caller, conversation_id: str, state: ConversationState) -> None:
    """Let pass a guest to what no customer has taken over, and that customer to what they have.

    Raises:
        Problem: as `opened`.
    """
    mine = at.entries.mark(who.identity)
    if state.customer_mark and not hmac.compare_digest(state.customer_mark, mine):
        raise await _not_theirs(at, who, conversation_id)


async def first_time(at: Desk, who: Caller, conversation_id: str) -> None:
    """Let pass a guest's first message, repeated too, but not once somebody came back with the token.

    Raises:
        Problem: 404; whoever repeats a first message never got the token.
    """
    try:
        state = await at.store.load(conversation_id)
    except StoreDown:
        return
    if state is not None and (state.turnover.newest or state.customer_mark):
        raise await turned_away(at, who, conversation_id, "repeated first message", not_found("conversation"))


async def turned_away(at: Desk, who: Caller, conversation_id: str, door: str, problem: Problem) -> Problem:
    """The problem, once it is written down who met it, and where."""
    await at.entries.denied(
        door, customer=who.identity.customer_id, address=who.address, conversation_id=conversation_id
    )
    return problem


async def _not_theirs(at: Desk, who: Caller, conversation_id: str) -> Problem:
    """Another customer hears what a stranger hears; who has not signed in, that they must."""
    if who.identity.customer_id:
        return await turned_away(at, who, conversation_id, "conversation", not_found("conversation"))
    detail = "This conversation belongs to a customer; send their customer token, a fresh one, beside it."
    problem = Problem(401, "token-expired", "Not signed in", detail, headers={"WWW-Authenticate": "Bearer"})
    return await turned_away(at, who, conversation_id, "conversation of a customer", problem)


def _over(kind: str, detail: str) -> Problem:
    return Problem(
        401,
        kind,
        "Conversation closed",
        f"{detail} Begin a new one without conversation_id.",
        headers={"WWW-Authenticate": "Bearer"},
    )
