"""The escalation agent: finds reasons for a person, and puts conversations in a person's queue."""

from msgspec import structs

from shared import telemetry
from shared.contracts import (
    AssessMessage,
    HandOver,
    MessageAssessed,
    PersonRequested,
    RequestPerson,
    Said,
    TurnFinished,
)
from shared.errors import StoreDown, VendorDown, VendorRefused
from shared.hand_over import hand_over_of
from shared.ports import Clock, ConversationStore, HelpdeskApi, RiskWatch


async def assess(ask: AssessMessage, *, watch: RiskWatch) -> MessageAssessed:
    """Does something in these words call for a person?"""
    assessed = watch.assess(ask)
    telemetry.note(signals=" ".join(signal.reason for signal in assessed.signals))
    return assessed


async def request_person(
    ask: RequestPerson, *, store: ConversationStore, helpdesk: HelpdeskApi, clock: Clock
) -> PersonRequested:
    """Open a place in the queue and a ticket; without store or helpdesk what is missing follows later."""
    record = hand_over_of(ask, now=clock.now())
    try:
        opened = await store.open_hand_over(record)
        erased = record.asked_at < await store.erased_at(ask.conversation_id)
    except StoreDown as error:
        telemetry.note(store_error=type(error).__name__)
        return _requested(ask, record)
    if erased:
        return _requested(ask, record)  # a ticket would be one that nobody finds to erase
    # The packet's summary says what was said before these lines.
    said = tuple(line for line in ask.history if line.who != "summary")
    transcript = (*said, Said(who="customer", text=ask.text))
    try:
        opened = await _with_ticket(opened, transcript, store=store, helpdesk=helpdesk)
    except (VendorDown, VendorRefused) as error:
        # `follow_up` hears the finished turn and tries until the ticket is there.
        telemetry.note(ticket_error=type(error).__name__)
    telemetry.note(reason=opened.reason, priority=opened.priority, queue=opened.queue)
    return _requested(ask, opened)


def _requested(ask: RequestPerson, record: HandOver) -> PersonRequested:
    return PersonRequested(
        conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, hand_over=record
    )


async def follow_up(turn: TurnFinished, *, store: ConversationStore, helpdesk: HelpdeskApi) -> None:
    """After a turn: file a hand-over that has no ticket yet, pass on what the customer adds later.

    Raises when the helpdesk is down, so that the bus brings the event again (1-2-4-8-16 s, then the
    dead letters); both writes happen once however often it comes. Of a conversation that was erased meanwhile
    nothing is filed any more.
    """
    if turn.accepted_at < await store.erased_at(turn.conversation_id):
        return
    if turn.escalation is not None:
        opened = await store.open_hand_over(turn.escalation)
        if not opened.ticket:
            transcript = turn.state.history if turn.state else (Said(who="customer", text=turn.said),)
            await _with_ticket(opened, transcript, store=store, helpdesk=helpdesk)
        return
    if turn.status == "with_person" and turn.state is not None:
        waiting = {hand_over.id: hand_over for hand_over in await store.waiting()}
        case = waiting.get(turn.state.hand_over_id)
        if case is not None and case.ticket:
            await helpdesk.add_comment(
                case.ticket, turn.said, conversation_id=turn.conversation_id, key=turn.turn_id
            )


async def file_missing(store: ConversationStore, helpdesk: HelpdeskApi) -> int:
    """File every waiting case that has no ticket, however long the helpdesk was down; how many were filed.

    Raises `VendorDown` at the first it does not take: the others wait for the next time.
    """
    filed = 0
    for waiting in await store.waiting():
        if waiting.ticket:
            continue
        conversation = await store.read(waiting.conversation_id)
        said = conversation.messages if conversation else ()
        transcript = tuple(Said(who=line.who, text=line.text) for line in said if line.who != "system")
        try:
            await _with_ticket(waiting, transcript, store=store, helpdesk=helpdesk)
        except VendorRefused as error:
            telemetry.note(ticket_error=type(error).__name__)  # another case may be taken
        else:
            filed += 1
    return filed


async def _with_ticket(
    opened: HandOver, transcript: tuple[Said, ...], *, store: ConversationStore, helpdesk: HelpdeskApi
) -> HandOver:
    if opened.ticket:
        return opened
    ticket = await helpdesk.open_ticket(opened, transcript=transcript)
    await store.attach_ticket(opened.id, ticket)
    return structs.replace(opened, ticket=ticket)
