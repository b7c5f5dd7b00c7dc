"""A conversation of a customer: its lines, its event stream, a thumb on a reply."""

import re
import time
from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from starlette.responses import Response

from gateway import sse
from gateway.context import Caller, CallerOf, Desk, DeskOf
from gateway.customers.access import opened, theirs
from gateway.customers.schemas import FeedbackRequest
from gateway.hub import QueueTold
from gateway.problems import Problem, not_found
from shared.contracts import FEEDBACK_GIVEN, OVERLAP_SECONDS, StaffSeen
from shared.ports import Delivered

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
_SEQUENCE = re.compile(r"[0-9]{1,18}")


@router.get("/{conversation_id}")
async def read(conversation_id: str, at: DeskOf, who: CallerOf) -> Response:
    """Everything said so far, and a fresh token, for who holds the conversation's token."""
    proof = await opened(at, who, conversation_id)
    stored = await at.store.read(conversation_id)
    if stored is None:
        raise not_found("conversation")
    await theirs(at, who, conversation_id, stored.state)  # it may have become a customer's just now
    body = await at.delivery.conversation(stored)
    body["queue"] = await at.places.now(conversation_id) if at.places else None
    body["conversation_token"] = at.conversation_tokens.renew(proof, who.identity)
    return Response(msgspec.json.encode(body), media_type="application/json")


@router.get(
    "/{conversation_id}/events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(
    conversation_id: str,
    at: DeskOf,
    who: CallerOf,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Every finished turn as a `done` event, from `Last-Event-ID` on, then live.

    Who waits for a person is told how it stands by `queue` events, first at once, then whenever it changes.

    Who comes with an older token gets it back first, seen now, as a `token` event; `done` brings none,
    because only a message brings a newer one.
    """
    proof = await opened(at, who, conversation_id)
    if last_event_id and not _SEQUENCE.fullmatch(last_event_id):
        detail = f"Last-Event-ID: {last_event_id[:40]!r} was not sent by this stream; leave it out"
        raise Problem(422, "invalid-field", "Invalid request", detail)
    aged = time.time() - proof.seen > OVERLAP_SECONDS
    fresh = at.conversation_tokens.renew(proof, who.identity) if aged else ""
    follow = _follow(at, who, conversation_id, fresh=fresh, after=int(last_event_id or 0))
    # The first is drawn here: a stream too many has its own HTTP status.
    return sse.stream(follow, first=await anext(follow), seconds=at.settings.sse_seconds)


@router.post("/{conversation_id}/feedback", status_code=204)
async def feedback(conversation_id: str, body: FeedbackRequest, at: DeskOf, who: CallerOf) -> Response:
    """A thumb up or down on one reply."""
    await opened(at, who, conversation_id)
    if await at.bus.result(conversation_id, body.turn_id) is None:
        raise not_found("turn")
    given = await at.intake.feedback(
        conversation_id=conversation_id,
        turn_id=body.turn_id,
        rating=body.rating,
        comment=body.comment,
        identity=who.identity,
    )
    await at.bus.publish(FEEDBACK_GIVEN, given, key=f"{given.turn_id}-{given.given_at}")
    return Response(status_code=204)


async def _follow(
    at: Desk, who: Caller, conversation_id: str, *, fresh: str, after: int
) -> AsyncGenerator[bytes]:
    """Events for this customer, or guest; ends when the conversation becomes somebody else's."""
    mine = at.entries.mark(who.identity)
    # Listen first, then read what is stored: nothing falls between; what comes twice is sent once.
    async with (
        at.hub.listening(conversation_id) as queue,
        at.streams.following(at.settings, who.address, conversation_id, queue),
    ):
        # The place is taken, the response may begin.
        token = {"conversation_id": conversation_id, "conversation_token": fresh}
        yield sse.event("token", token) if fresh else b""
        sent = after
        for item in await at.bus.results(conversation_id, after=after):
            if item.turn.customer_mark not in {"", mine}:
                return
            sent = item.seq
            yield sse.event("done", await at.delivery.answer(item.turn), seq=item.seq)
        if at.places and (place := await at.places.first(conversation_id)):
            yield sse.event("queue", place)
        while (news := await queue.get()) is not None:
            if isinstance(news, QueueTold):
                yield sse.event("queue", news.body)
                continue
            if isinstance(news, StaffSeen):
                yield sse.event("status", {"stage": "typing", "name": news.display})
                continue
            if not isinstance(news, Delivered):
                yield sse.event("status", {"stage": news.stage, "turn_id": news.turn_id})
                continue
            if news.turn.customer_mark not in {"", mine}:
                return
            if news.seq > sent:
                sent = news.seq
                yield sse.event("done", await at.delivery.answer(news.turn), seq=news.seq)
