"""A conversation of a customer: its lines, its event stream, a thumb on a reply."""

from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from starlette.responses import Response

from gateway import sse
from gateway.context import Caller, CallerOf, Desk, DeskOf, opened
from gateway.customers.schemas import FeedbackRequest
from gateway.problems import Problem, not_found
from shared.contracts import FEEDBACK_GIVEN
from shared.ports import Delivered

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])


@router.get("/{conversation_id}")
async def read(conversation_id: str, at: DeskOf, who: CallerOf) -> Response:
    """Everything said so far, for who holds the conversation's token."""
    await opened(at, who, conversation_id)
    stored = await at.store.read(conversation_id)
    if stored is None:
        raise not_found("conversation")
    body = await at.delivery.conversation(stored)
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
    """Every finished turn as a `done` event, from `Last-Event-ID` on, then live."""
    await opened(at, who, conversation_id)
    if last_event_id and not last_event_id.isdecimal():
        detail = f"Last-Event-ID: {last_event_id[:40]!r} was not sent by this stream; leave it out"
        raise Problem(422, "invalid-field", "Invalid request", detail)
    token = at.conversation_tokens.issue(conversation_id, who.identity)
    events = _follow(at, who, conversation_id, token, int(last_event_id or 0))
    # The first is drawn here: a stream too many has its own HTTP status.
    return sse.stream(events, first=await anext(events), seconds=at.settings.sse_seconds)


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
    at: Desk, who: Caller, conversation_id: str, token: str, after: int
) -> AsyncGenerator[bytes]:
    # Listen first, then read what is stored: nothing falls between; what comes twice is sent once.
    async with (
        at.hub.listening(conversation_id) as queue,
        at.streams.following(at.settings, who.address, conversation_id, queue),
    ):
        yield b""  # the place is taken, the response may begin
        sent = after
        for delivered in await at.bus.results(conversation_id, after=after):
            sent = delivered.seq
            yield sse.event("done", await at.delivery.answer(delivered.turn, token=token), seq=delivered.seq)
        while (item := await queue.get()) is not None:
            if not isinstance(item, Delivered):
                yield sse.event("status", {"stage": item.stage, "turn_id": item.turn_id})
            elif item.seq > sent:
                sent = item.seq
                yield sse.event("done", await at.delivery.answer(item.turn, token=token), seq=item.seq)
