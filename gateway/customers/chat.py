"""`POST /v1/chat`: a message in, an answer out, whole or sentence by sentence."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway import sse
from gateway.context import Caller, CallerOf, Desk, DeskOf
from gateway.conversation_tokens import ConversationProof
from gateway.customers.access import first_time, opened
from gateway.customers.schemas import ChatReply, ChatRequest, ChatWorking
from gateway.doors import group_of
from gateway.hub import Arrivals
from gateway.intake import Came, clean
from gateway.limits import DAY, Rule
from gateway.problems import Problem, unavailable
from shared import telemetry
from shared.contracts import Language
from shared.errors import DeskError
from shared.ports import Delivered

router = APIRouter(prefix="/v1", tags=["chat"])


@dataclass(frozen=True)
class Sent:
    """A message on its way: who sent it with what proof, where the answer will be."""

    body: ChatRequest
    who: Caller
    conversation_id: str
    turn_id: str
    proof: ConversationProof | None
    token: str


@router.post(
    "/chat",
    response_model=ChatReply,
    responses={
        200: {"content": {"text/event-stream": {}}},
        202: {"model": ChatWorking, "description": "Accepted; the answer comes on the event stream"},
    },
)
async def chat(request: Request, body: ChatRequest, at: DeskOf, who: CallerOf) -> Response:
    """Ask the shop. With `Accept: text/event-stream` the answer comes as events: status, sentence, done."""
    sent = await _address(at, who, body)
    clean(body.message)  # what is no message begins no turn
    with telemetry.root(
        "turn", conversation=sent.conversation_id, turn=sent.turn_id, agent="gateway", action="chat"
    ) as turn:
        try:
            if "text/event-stream" in request.headers.get("accept", ""):
                # The first event is drawn here: a message that is refused has its own HTTP status.
                events = _events(at, sent, turn.stay())
                return sse.stream(events, first=await anext(events))
            return await _whole(at, sent, turn)
        except Problem as problem:
            if _ours(problem):
                raise
            refused = problem
            turn.note(code=problem.status)
    raise refused


def _ours(error: Exception) -> bool:
    """Whether it failed: who is refused, or sends too much, does not make our errors more."""
    return not isinstance(error, Problem) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


async def _whole(at: Desk, sent: Sent, turn: telemetry.Opened) -> Response:
    async with at.hub.listening(sent.conversation_id) as queue:
        await _submit(at, sent)
        result = await _result(at, sent, queue)
    if result is None:
        turn.note(code=202)
        working = {
            "conversation_id": sent.conversation_id,
            "conversation_token": sent.token,
            "turn_id": sent.turn_id,
            "status": "working",
        }
        return _json(working, status=202)
    _ended(turn, result)
    return _json(await at.delivery.answer(result.turn, token=sent.token))


def _ended(turn: telemetry.Opened, result: Delivered) -> None:
    """Say in the trace how the turn ended for who sent it."""
    told = result.turn
    turn.note(
        code=200,
        status=told.status,
        intent=told.intent.value if told.intent else "",
        language=told.language,
        engine=told.engine,
        cost_usd=sum(usage.cost_usd for usage in told.usages),
    )
    if told.waited is not None:  # who asks again after a crash waits for less than the customer did
        turn.note(waited_ms=round(told.waited * 1000, 2))


async def _address(at: Desk, who: Caller, body: ChatRequest) -> Sent:
    """Which conversation and turn this is; a conversation is continued only with its token."""
    proof = None
    if body.conversation_id:
        token = body.conversation_token or ""
        proof = await opened(at, who, body.conversation_id, token, without_store=True)
        conversation_id = body.conversation_id
        rules = [Rule("conversation", conversation_id, at.settings.rate_per_minute)]
    else:
        most = at.settings.rate_new_conversations_per_minute
        rules = [Rule("new-conversations", group_of(who.address), most)]
        conversation_id = at.conversation_tokens.new_conversation(
            who.identity, address=who.address, client_message_id=body.client_message_id or ""
        )
    if customer := who.identity.customer_id:
        rules += [
            Rule("customer", customer, at.settings.rate_per_minute),
            Rule("customer-day", customer, at.settings.quota_customer_per_day, DAY),
        ]
    await at.limits.take(*rules)
    clean(body.message)  # what is no message begins no turn, and no trace
    if proof is None and body.client_message_id and not who.identity.customer_id:
        await first_time(at, who, conversation_id)
    return Sent(
        body=body,
        who=who,
        conversation_id=conversation_id,
        turn_id=at.conversation_tokens.turn_id(conversation_id, body.client_message_id or ""),
        proof=proof,
        token=at.conversation_tokens.issue(conversation_id, who.identity, after=proof),
    )


async def _submit(at: Desk, sent: Sent) -> None:
    came = Came(
        token_issued=sent.proof.issued if sent.proof else 0,
        customer_mark=at.entries.mark(sent.who.identity),
        place=at.entries.place(sent.who.address),
    )
    await at.intake.submit(
        sent.body.message,
        conversation_id=sent.conversation_id,
        turn_id=sent.turn_id,
        identity=sent.who.identity,
        locale=cast("Language | None", sent.body.locale),
        came=came,
    )


async def _result(at: Desk, sent: Sent, queue: Arrivals) -> Delivered | None:
    seconds = at.settings.reply_seconds
    async for item in at.hub.follow(queue, sent.conversation_id, sent.turn_id, seconds=seconds):
        if isinstance(item, Delivered):
            return item
    return None


async def _events(at: Desk, sent: Sent, turn: telemetry.Opened) -> AsyncGenerator[bytes]:
    try:
        async for event in _told(at, sent, turn):
            yield event
    except Exception as error:
        if _ours(error):
            turn.fail(error)  # before it ends: what fails is kept whatever the sample
        raise
    finally:
        turn.end()


async def _told(at: Desk, sent: Sent, turn: telemetry.Opened) -> AsyncGenerator[bytes]:
    base = {
        "conversation_id": sent.conversation_id,
        "conversation_token": sent.token,
        "turn_id": sent.turn_id,
    }
    seconds = at.settings.reply_seconds
    async with (
        at.streams.answering(at.settings, sent.who.address),
        at.hub.listening(sent.conversation_id) as queue,
    ):
        await _submit(at, sent)
        yield sse.event("status", base | {"stage": "understanding"})
        try:
            async for item in at.hub.follow(queue, sent.conversation_id, sent.turn_id, seconds=seconds):
                if not isinstance(item, Delivered):
                    yield sse.event("status", {"stage": item.stage, "turn_id": item.turn_id})
                    continue
                _ended(turn, item)
                # First: it decides whether the customer gets these words at all.
                with turn.within():
                    answer = await at.delivery.answer(item.turn, token=sent.token)
                    said = await at.delivery.sentences(item.turn) if answer["reply"] else []
                for index, text in enumerate(said):
                    yield sse.event("sentence", {"turn_id": sent.turn_id, "index": index, "text": text})
                yield sse.event("done", answer, seq=item.seq)
                return
        except DeskError as error:
            turn.fail(error)
            yield sse.event("problem", unavailable(error).body)
            return
        turn.note(code=202)
        detail = "The answer will come on the conversation's event stream."
        yield sse.event("problem", Problem(202, "working", "Still working", detail).body)


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
