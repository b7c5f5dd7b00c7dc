"""The escalation agent's other half: a case and its ticket at the helpdesk tell the same story.

What staff do here is written into the ticket; what colleagues do there is done to the case. Neither is
written back to where it came from.
"""

import logging
from dataclasses import dataclass

from shared import telemetry
from shared.cases import CUSTOMER
from shared.contracts import (
    Case,
    CaseClaimed,
    CaseClosed,
    CaseEvent,
    CaseMerged,
    CaseMoved,
    CaseRaised,
    CaseReleased,
    CaseReopened,
    CaseReturned,
    StaffNoted,
    StaffSpoke,
    TicketChanged,
)
from shared.errors import NotNow, VendorDown, VendorRefused
from shared.hand_over import told_of
from shared.ports import CaseStore, HelpdeskApi, Numbered, TicketComment, TicketWish
from shared.routing.outcomes import told
from shared.routing.queues import routing

HELPDESK = "zendesk"
_LOG = logging.getLogger("answerdesk.helpdesk")
_UNSETTLED = {"new", "open", "pending", "hold"}
_SOLVED_THERE = "A colleague solved the ticket at the helpdesk. You still have the conversation."
_DELETED_THERE = "The ticket was deleted at the helpdesk. The conversation goes on here without it."
_MERGED_THERE = (
    "The ticket was merged into another at the helpdesk. The customer reads nothing from there: "
    "answer them here."
)
_OVER = "This conversation is over in the desk: the customer has not read this. Reach them another way."
_MOST = 100
_MOST_DOWN = 5
"""So many tickets that cannot be written are no broken tickets: the helpdesk is down."""


@dataclass(frozen=True)
class _Line:
    """How an event stands in the ticket."""

    text: str
    public: bool = False
    change: TicketWish | None = None


async def mirror(*, cases: CaseStore, helpdesk: HelpdeskApi) -> int:
    """Write into tickets what happened since; how much. Each event once: the comment carries its number.

    Raises:
        VendorDown: of one ticket or of all; the others are written, and the rest follows next time.
    """
    waiting = await cases.unmirrored(limit=_MOST)
    down: dict[str, VendorDown] = {}
    for ticket, each in waiting:
        if ticket in down:
            continue  # its events stay in order
        try:
            await _mirrored(ticket, each, cases=cases, helpdesk=helpdesk)
        except VendorDown as error:
            down[ticket] = error
            if len(down) == _MOST_DOWN:
                break
    if down:
        raise next(iter(down.values()))
    return len(waiting)


async def _mirrored(ticket: str, each: Numbered, *, cases: CaseStore, helpdesk: HelpdeskApi) -> None:
    line, case = _line(each.event), await cases.case(each.case_id)
    if line is not None and case is not None:
        # An account may ask for fields before a ticket is solved: the words are not lost for that.
        for change in (line.change, None) if line.change else (None,):
            try:
                await helpdesk.add_comment(
                    ticket,
                    line.text,
                    conversation_id=case.conversation_id,
                    key=f"{each.case_id}.{each.n}",
                    public=line.public,
                    change=change,
                )
                break
            except VendorRefused as error:
                # Closed for good over there, or gone: the case goes on without its ticket.
                telemetry.note(ticket_error=str(error))
                _LOG.warning("ticket %s of case %s lacks event %s: %s", ticket, each.case_id, each.n, error)
    await cases.mark_mirrored(each.case_id, each.n)


async def ticket_changed(change: TicketChanged, *, cases: CaseStore, helpdesk: HelpdeskApi) -> None:
    """Do to the case what a colleague did to its ticket; what is not ours, or too late, changes nothing."""
    case = await cases.case(change.hand_over_id) if change.hand_over_id else None
    if case is None:
        return
    if change.change == "comment":
        await _comments(case, change.ticket, cases=cases, helpdesk=helpdesk)
    elif change.change == "merged" or change.status == "deleted":
        await _gone(case, change, cases=cases)
    elif change.change == "priority" and change.priority and change.priority != case.priority:
        if change.changed_at >= await _last((CaseMoved, CaseRaised), case, cases):
            await _do(cases, case, _moved(case, change))
    elif change.change == "assignment" and change.assigned and case.phase == "waiting":
        await _do(cases, case, _claimed(case, change.changed_at))
    elif change.status in {"solved", "closed"} and case.open:
        if change.changed_at >= await _last((CaseReopened,), case, cases):
            await _solved(case, change, cases=cases)  # else our own closing comes back, taken back since
    elif change.change == "status" and change.status in _UNSETTLED and not case.open:
        await _say_over(case, change.ticket, f"reopened.{int(change.changed_at)}", helpdesk=helpdesk)


async def _solved(case: Case, change: TicketChanged, *, cases: CaseStore) -> None:
    """Solved there is closed here; of what a person here has, only they say when it is over."""
    if case.phase == "person" and case.owner != HELPDESK:
        await _note_once(case, change, _SOLVED_THERE, cases=cases)
        return
    turn = f"s-{case.id}-solved-{case.version}"
    await _do(cases, case, CaseClosed(at=change.changed_at, by=HELPDESK, turn_id=turn))


async def _gone(case: Case, change: TicketChanged, *, cases: CaseStore) -> None:
    """The ticket was deleted, or goes on in another that is not ours: nobody there speaks to the customer.

    A merged ticket is closed by the merge, which settles nothing.
    """
    if not case.open:
        return
    if case.owner == HELPDESK:
        released = await _do(cases, case, CaseReleased(at=change.changed_at, by=HELPDESK))
        case = released or case
    text = _MERGED_THERE if change.change == "merged" else _DELETED_THERE
    await _note_once(case, change, text, cases=cases)


async def _note_once(case: Case, change: TicketChanged, text: str, *, cases: CaseStore) -> None:
    """A note of the helpdesk's own, however often the webhook comes."""
    source = f"{HELPDESK}-{change.change}-{int(change.changed_at)}"
    if source not in await _known(case, cases):
        note = StaffNoted(at=change.changed_at, by=HELPDESK, name=HELPDESK, text=text, source=source)
        await _do(cases, case, note)


async def _say_over(case: Case, ticket: str, what: str, *, helpdesk: HelpdeskApi) -> None:
    """Tell the colleague there that the conversation is over here, so that the customer reads nothing."""
    key = f"{case.id}.over.{what}"
    try:
        await helpdesk.add_comment(ticket, _OVER, conversation_id=case.conversation_id, key=key)
    except VendorRefused as error:
        telemetry.note(ticket_error=str(error))


async def _comments(case: Case, ticket: str, *, cases: CaseStore, helpdesk: HelpdeskApi) -> None:
    """What colleagues wrote there and the case does not have yet."""
    owner = case.conversation_id
    try:
        said = await helpdesk.comments(ticket, conversation_id=case.conversation_id, owner=owner)
    except VendorRefused as error:
        telemetry.note(ticket_error=str(error))  # deleted since: there is nothing to read any more
        return
    known = await _known(case, cases)
    for comment in said:
        if _turn(comment) in known:
            continue
        if comment.public:
            if not case.open:
                await _say_over(case, ticket, _turn(comment), helpdesk=helpdesk)
            case = await _spoken(case, comment, cases=cases)
        else:
            await _do(cases, case, _noted(comment, comment.text))


async def _known(case: Case, cases: CaseStore) -> set[str]:
    """What of the helpdesk's is in the case already, by the turn or source it has there."""
    return {
        getattr(each.event, "turn_id", "") or getattr(each.event, "source", "")
        for each in await cases.events(case.conversation_id, case_id=case.id)
    }


async def _spoken(case: Case, comment: TicketComment, *, cases: CaseStore) -> Case:
    """A public comment reaches the customer when its author's side has the case; else staff read it."""
    if case.phase == "waiting":
        case = await _do(cases, case, _claimed(case, comment.at)) or case
    if case.owner == HELPDESK:
        spoke = StaffSpoke(
            at=comment.at, by=HELPDESK, name=comment.author, display=comment.author, text=comment.text,
            turn_id=_turn(comment),
        )  # fmt: skip
        return await _do(cases, case, spoke) or case
    return await _do(cases, case, _noted(comment, comment.text)) or case


async def _do(cases: CaseStore, case: Case, event: CaseEvent) -> Case | None:
    """None when the case does not allow it: somebody in the console has it, or it is over."""
    try:
        return await cases.append(case.id, event)
    except NotNow as refused:
        telemetry.note(refused=refused.rule)
        return None


def _line(event: CaseEvent) -> _Line | None:  # noqa: C901, PLR0911  one for each event
    match event:
        case StaffSpoke():
            # A public comment is what the customer reads by e-mail, too.
            said = f"{event.display}: {event.text}" if event.display else event.text
            return _Line(said, public=True, change=TicketWish(status="open"))
        case StaffNoted():
            return _Line(f"{event.name} (note): {event.text}")
        case CaseClaimed():
            return _Line(f"{event.name} has this conversation in the console.")
        case CaseReleased():
            return _Line(f"It waits for a person again ({event.why.replace('_', ' ')}).")
        case CaseMoved():
            why = f" {event.why}" if event.why else ""
            return _Line(
                f"Moved to {event.queue}, priority {event.priority}.{why}",
                change=TicketWish(priority=event.priority),
            )
        case CaseRaised():
            return _Line(
                f"The customer told of {told_of(event.reason)}: {event.priority}, queue {event.queue}.",
                change=TicketWish(priority=event.priority),
            )
        case CaseReturned():
            return _Line("The bot has this conversation again.", change=TicketWish(status="solved"))
        case CaseClosed(by=by) if by == CUSTOMER:
            return _Line("The customer needs nobody any more, and left.", change=TicketWish(status="solved"))
        case CaseClosed():
            how = told(event.outcome, event.resolution)
            what = f": {how}" if how else "."
            return _Line(f"Closed in the console{what}", change=TicketWish(status="solved"))
        case CaseReopened():
            return _Line(
                f"{event.name} has opened it again in the console.", change=TicketWish(status="open")
            )
        case CaseMerged():
            return _Line(f"It goes on in case {event.into}.", change=TicketWish(status="solved"))
        case _:
            return None


def _claimed(case: Case, at: float) -> CaseClaimed:
    return CaseClaimed(at=at, by=HELPDESK, name="", turn_id=f"s-{case.id}-taken-{case.version}")


async def _last(kinds: tuple[type[CaseEvent], ...], case: Case, cases: CaseStore) -> float:
    """When one of these last happened to the case; 0 when it never did."""
    events = await cases.events(case.conversation_id, case_id=case.id)
    return max((each.event.at for each in events if isinstance(each.event, kinds)), default=0.0)


def _moved(case: Case, change: TicketChanged) -> CaseMoved:
    assert change.priority  # the caller looked
    return CaseMoved(
        at=change.changed_at,
        by=HELPDESK,
        queue=case.queue,
        priority=change.priority,
        due_at=routing().queue(case.queue).due_at(change.priority, case.opened_at),
        why="changed at the helpdesk",
    )


def _noted(comment: TicketComment, text: str) -> StaffNoted:
    return StaffNoted(at=comment.at, by=HELPDESK, name=comment.author, text=text, source=_turn(comment))


def _turn(comment: TicketComment) -> str:
    """The turn that brings a comment, the same however often it is read."""
    return f"s-zendesk-{comment.id}"
