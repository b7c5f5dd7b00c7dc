"""The escalation agent's other half: a case and its ticket at the helpdesk tell the same story.

What staff do here is written into the ticket; what colleagues do there is done to the case. Neither is
written back to where it came from.
"""

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
    CaseReleased,
    CaseReturned,
    StaffNoted,
    StaffSpoke,
    TicketChanged,
)
from shared.errors import NotNow, VendorDown, VendorRefused
from shared.ports import CaseStore, HelpdeskApi, Numbered, TicketComment, TicketWish
from shared.routing.queues import routing

HELPDESK = "zendesk"
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
        try:
            await helpdesk.add_comment(
                ticket,
                line.text,
                conversation_id=case.conversation_id,
                key=f"{each.case_id}.{each.n}",
                public=line.public,
                change=line.change,
            )
        except VendorRefused as error:
            # Closed for good over there, or gone: the case goes on without its ticket.
            telemetry.note(ticket_error=str(error))
    await cases.mark_mirrored(each.case_id, each.n)


async def ticket_changed(change: TicketChanged, *, cases: CaseStore, helpdesk: HelpdeskApi) -> None:
    """Do to the case what a colleague did to its ticket; what is not ours, or too late, changes nothing."""
    case = await cases.case(change.hand_over_id) if change.hand_over_id else None
    if case is None:
        return
    if change.change == "comment":
        await _comments(case, change.ticket, cases=cases, helpdesk=helpdesk)
    elif change.change == "priority" and change.priority and change.priority != case.priority:
        if change.changed_at >= await _moved_at(case, cases):
            await _do(cases, case, _moved(case, change))
    elif change.change == "assignment" and change.assigned and case.phase == "waiting":
        await _do(cases, case, _claimed(case, change.changed_at))
    elif change.status in {"solved", "closed"} and case.open:
        turn = f"s-{case.id}-solved-{case.version}"
        await _do(cases, case, CaseClosed(at=change.changed_at, by=HELPDESK, turn_id=turn))


async def _comments(case: Case, ticket: str, *, cases: CaseStore, helpdesk: HelpdeskApi) -> None:
    """What colleagues wrote there and the case does not have yet."""
    owner = case.conversation_id
    said = await helpdesk.comments(ticket, conversation_id=case.conversation_id, owner=owner)
    known = {
        getattr(each.event, "turn_id", "") or getattr(each.event, "source", "")
        for each in await cases.events(case.conversation_id, case_id=case.id)
    }
    for comment in said:
        if _turn(comment) in known:
            continue
        if comment.public:
            case = await _spoken(case, comment, cases=cases)
        else:
            await _do(cases, case, _noted(comment, comment.text))


async def _spoken(case: Case, comment: TicketComment, *, cases: CaseStore) -> Case:
    """A public comment reaches the customer when its author's side has the case; else staff read it."""
    if case.phase == "waiting":
        case = await _do(cases, case, _claimed(case, comment.at)) or case
    if case.owner == HELPDESK:
        spoke = StaffSpoke(
            at=comment.at, by=HELPDESK, name=comment.author, text=comment.text, turn_id=_turn(comment)
        )
        return await _do(cases, case, spoke) or case
    return await _do(cases, case, _noted(comment, comment.text)) or case


async def _do(cases: CaseStore, case: Case, event: CaseEvent) -> Case | None:
    """None when the case does not allow it: somebody in the console has it, or it is over."""
    try:
        return await cases.append(case.id, event)
    except NotNow as refused:
        telemetry.note(refused=refused.rule)
        return None


def _line(event: CaseEvent) -> _Line | None:  # noqa: PLR0911  one for each event
    match event:
        case StaffSpoke():
            return _Line(f"{event.name}: {event.text}", public=True, change=TicketWish(status="open"))
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
        case CaseReturned():
            return _Line("The bot has this conversation again.", change=TicketWish(status="solved"))
        case CaseClosed(by=by) if by == CUSTOMER:
            return _Line("The customer needs nobody any more, and left.", change=TicketWish(status="solved"))
        case CaseClosed():
            what = f": {event.resolution}" if event.resolution else "."
            return _Line(f"Closed in the console{what}", change=TicketWish(status="solved"))
        case CaseMerged():
            return _Line(f"It goes on in case {event.into}.", change=TicketWish(status="solved"))
        case _:
            return None


def _claimed(case: Case, at: float) -> CaseClaimed:
    return CaseClaimed(at=at, by=HELPDESK, name="", turn_id=f"s-{case.id}-taken-{case.version}")


async def _moved_at(case: Case, cases: CaseStore) -> float:
    """When it got the queue and priority it has; 0 when it never had others."""
    events = await cases.events(case.conversation_id, case_id=case.id)
    return max((each.event.at for each in events if isinstance(each.event, CaseMoved)), default=0.0)


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
