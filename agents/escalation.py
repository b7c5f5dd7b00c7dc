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
from shared.ports import Clock, ConversationStore, HelpdeskApi, RiskWatch, StoredMessage


async def assess(ask: AssessMessage, *, watch: RiskWatch) -> MessageAssessed:
    """Does something in these words call for a person?"""
    assessed = watch.assess(ask)
    telemetry.note(
        signals=" ".join(signal.reason for signal in assessed.signals),
        reasoning="; ".join(f"{signal.reason}: {signal.span!r}" for signal in assessed.signals)
        or "nothing in the words calls for a person",
    )
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
    telemetry.note(
        reason=opened.reason,
        priority=opened.priority,
        queue=opened.queue,
        reasoning=f"{opened.reason} is {opened.priority} for {opened.queue}",
    )
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
        if turn.answered_with:
            return  # of a burst the last one files it: its history has them all
        opened = await store.open_hand_over(turn.escalation)
        if not opened.ticket:
            transcript = turn.state.history if turn.state else (Said(who="customer", text=turn.said),)
            await _with_ticket(opened, transcript, store=store, helpdesk=helpdesk)
        return
    if turn.status == "with_person" and turn.said:
        case = await store.case_of(turn.conversation_id)
        given = await store.hand_over(case.id) if case else None
        if given is not None and given.ticket:
            await helpdesk.add_comment(
                given.ticket, turn.said, conversation_id=turn.conversation_id, key=turn.turn_id
            )


async def file_missing(store: ConversationStore, helpdesk: HelpdeskApi) -> int:
    """File every open case that has no ticket, however long the helpdesk was down; how many were filed.

    Raises `VendorDown` at the first it does not take: the others wait for the next time. One that it refuses
    holds up no other; the last such error is raised when all the others are filed.
    """
    filed, refused = 0, None
    for missing in await store.unfiled():
        try:
            await _file_late(missing, store=store, helpdesk=helpdesk)
        except VendorRefused as error:
            refused = error  # another case may be taken
        else:
            filed += 1
    if refused is not None:
        raise refused
    return filed


async def _file_late(given: HandOver, *, store: ConversationStore, helpdesk: HelpdeskApi) -> None:
    """What was said before the case is the ticket's story; what the customer said since are comments.

    So each has the key that `follow_up` gives it, and is there once whichever of the two was faster.
    """
    before, since = await _said(given, store)
    ticket = await helpdesk.open_ticket(given, transcript=before)
    talk = given.conversation_id
    for line in since:
        await helpdesk.add_comment(ticket, line.text, conversation_id=talk, key=line.turn_id)
    await store.attach_ticket(given.id, ticket)
    _, now = await _said(given, store)
    for line in now[len(since) :]:  # written meanwhile: `follow_up` saw no ticket
        await helpdesk.add_comment(ticket, line.text, conversation_id=talk, key=line.turn_id)


async def _said(given: HandOver, store: ConversationStore) -> tuple[list[Said], list[StoredMessage]]:
    """What was said before this case was open, and what the customer said since."""
    before: list[Said] = []
    since: list[StoredMessage] = []
    for held in await store.held([given.conversation_id]):
        during = {getattr(each.event, "turn_id", "") for each in held.case_events if each.case_id == given.id}
        for line in held.conversation.messages if held.conversation else ():
            if line.turn_id not in during and line.who != "system":
                before.append(Said(who=line.who, text=line.text))
            elif line.turn_id in during and line.who == "customer":
                since.append(line)
    return before, since


async def _with_ticket(
    opened: HandOver, transcript: tuple[Said, ...], *, store: ConversationStore, helpdesk: HelpdeskApi
) -> HandOver:
    if opened.ticket:
        return opened
    ticket = await helpdesk.open_ticket(opened, transcript=transcript)
    await store.attach_ticket(opened.id, ticket)
    return structs.replace(opened, ticket=ticket)
