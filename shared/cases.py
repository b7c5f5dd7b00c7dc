"""Which event may follow which in a case: the one place that says who may speak.

A pure fold: stores keep the events, apply each to the case as it stands inside one transaction, and write
nothing that is refused here.
"""

from functools import reduce

from msgspec import structs

from shared.contracts import (
    RANK,
    Case,
    CaseAbsorbed,
    CaseClaimed,
    CaseClosed,
    CaseEvent,
    CaseMerged,
    CaseMoved,
    CaseOpened,
    CaseRaised,
    CaseReleased,
    CaseReopened,
    CaseReturned,
    ContactAsked,
    CustomerWrote,
    DraftRejected,
    ReplyHeld,
    StaffNoted,
    StaffSpoke,
)
from shared.errors import NotNow

CLOCK = "clock"
CUSTOMER = "customer"
_FOR_STAFF = frozenset({"self_harm", "safety", "legal_threat", "fraud"})
"""Reasons that a person looks at whatever the customer wants by then."""
_MOST_SILENT = 20
"""Members who lost a case that are remembered with it, so that they are not given it again."""
MOST_ABSORBED = 20
REOPEN_SECONDS = 900.0
"""So long closing a case can be taken back; after that what the customer writes is a new question."""
_Live = (
    CaseClaimed
    | CaseReleased
    | CaseMoved
    | StaffSpoke
    | CustomerWrote
    | CaseRaised
    | ContactAsked
    | ReplyHeld
    | CaseReturned
    | CaseClosed
    | CaseMerged
    | CaseAbsorbed
)


def opened(event: CaseOpened) -> Case:
    """The case that begins with this."""
    given = event.hand_over
    return Case(
        id=given.id,
        conversation_id=given.conversation_id,
        phase="waiting",
        version=1,
        hand_over=given,
        queue=given.queue,
        priority=given.priority,
        language=given.packet.language,
        opened_at=given.opened_at,
        due_at=given.sla_due_at,
        heard_at=given.opened_at,
        unanswered_at=0.0 if event.taken else given.opened_at,
    )


def after(case: Case, event: CaseEvent) -> Case:
    """The case after this event.

    Raises:
        NotNow: it may not happen now; the message says why and what may be done instead.
    """
    changed = _changed(case, event)
    return structs.replace(changed, version=case.version + 1)


def may_leave(case: Case) -> bool:
    """Whether the customer alone may end this: nobody has it yet, and nothing in it is for staff to judge."""
    return case.phase == "waiting" and case.priority != "urgent" and _FOR_STAFF.isdisjoint(case.reasons)


def never_lowered(case: Case, event: CaseRaised) -> CaseRaised:
    """The event as this case takes it: what stands higher already stays, and an answer is due no later.

    Once a person has answered, the first answer's time is over: the next is due as the event says.
    """
    due = event.due_at if case.first_spoke_at else min(case.due_at, event.due_at)
    if RANK[event.priority] > RANK[case.priority]:
        return structs.replace(event, queue=case.queue, priority=case.priority, due_at=due)
    return structs.replace(event, due_at=due)


def answer_due(case: Case) -> bool:
    """Whether `due_at` still counts: no person has answered yet, or none since the case was raised."""
    return case.open and (not case.first_spoke_at or case.raised_at > case.spoke_at)


def told(events: "tuple[CaseEvent, ...]") -> Case:
    """The case that these events tell, the first of which opens it."""
    first, *rest = events
    if not isinstance(first, CaseOpened):
        raise NotNow("not_open", "a case begins with being opened")
    return reduce(after, rest, opened(first))


def _changed(case: Case, event: CaseEvent) -> Case:
    if isinstance(event, StaffNoted):
        return case  # also of what is over
    if isinstance(event, DraftRejected):
        return _without_draft(case, event.turn_id)
    if isinstance(event, CaseOpened):
        raise NotNow("open", f"case {case.id} is open already")
    if isinstance(event, CaseReopened):
        return _reopened(case, event)
    if not case.open:
        over = "closed" if case.phase == "closed" else "with the bot again"
        raise NotNow(case.phase, f"case {case.id} is {over}; open a new one to speak in its conversation")
    return _while_open(case, event)


def _while_open(case: Case, event: _Live) -> Case:  # noqa: C901, PLR0911  one for each event
    match event:
        case CaseClaimed():
            return _claimed(case, event)
        case CaseReleased():
            _need_owner(case, event.by, anybody=event.by == CLOCK or event.why == "lead")
            return _released(case, event)
        case CaseMoved():
            return _moved(case, event)
        case StaffSpoke():
            _need_owner(case, event.by)
            case = _without_draft(case, event.draft) if event.draft else case
            return structs.replace(
                case, spoke_at=event.at, first_spoke_at=case.first_spoke_at or event.at, unanswered_at=0.0
            )
        case CustomerWrote():
            heard, unanswered = max(case.heard_at, event.at), case.unanswered_at or event.at
            return structs.replace(case, heard_at=heard, unanswered_at=unanswered)
        case CaseRaised():
            return _raised(case, event)
        case ContactAsked():
            return structs.replace(case, contact=None if event.wish.channel == "chat" else event.wish)
        case ReplyHeld():
            return structs.replace(case, drafts=(*case.drafts, event.turn_id)) if event.text else case
        case CaseReturned() | CaseClosed() | CaseMerged():
            return _ended(case, event)
        case CaseAbsorbed():
            return _absorbed(case, event)


def _claimed(case: Case, event: CaseClaimed) -> Case:
    if case.owner and case.owner != event.by:
        raise NotNow("claimed", f"{case.owner_name} has it; ask them to give it back, or a lead to take it")
    if case.owner:
        raise NotNow("yours", "you have it already")
    return structs.replace(
        case,
        phase="person",
        owner=event.by,
        owner_name=event.name,
        owner_display=event.display,
        claimed_at=event.at,
    )


def _moved(case: Case, event: CaseMoved) -> Case:
    waited = {**case.waited, case.queue: event.waited} if event.waited else case.waited
    return structs.replace(
        case, queue=event.queue, priority=event.priority, due_at=event.due_at, waited=waited
    )


def _raised(case: Case, event: CaseRaised) -> Case:
    if event.reason in case.reasons:
        raise NotNow("raised", f"case {case.id} was raised for {event.reason} already")
    now = never_lowered(case, event)
    return structs.replace(
        case,
        queue=now.queue,
        priority=now.priority,
        due_at=now.due_at,
        raised={**case.raised, now.reason: now.turn_id},
        raised_at=now.at,
    )


def _released(case: Case, event: CaseReleased) -> Case:
    silent = (*case.silent, case.owner)[-_MOST_SILENT:] if event.why == "silent" else case.silent
    return structs.replace(
        case, phase="waiting", owner="", owner_name="", owner_display="", claimed_at=0.0, silent=silent
    )


def _without_draft(case: Case, turn_id: str) -> Case:
    if turn_id not in case.drafts:
        raise NotNow("no_draft", "that draft was decided about already, or there is none")
    return structs.replace(case, drafts=tuple(each for each in case.drafts if each != turn_id))


def _ended(case: Case, event: CaseReturned | CaseClosed | CaseMerged) -> Case:
    if event.by == CUSTOMER and not may_leave(case):
        raise NotNow("for_staff", f"case {case.id} is for a person to end; tell the customer so")
    staff = event.by.startswith("staff:")
    _need_owner(case, event.by, anybody=case.phase == "waiting" or not staff)
    over = structs.replace(case, ended_at=event.at, owner="", owner_name="", owner_display="")
    if isinstance(event, CaseReturned):
        return structs.replace(over, phase="returned")
    if isinstance(event, CaseMerged):
        if event.into == case.id:
            raise NotNow("same", f"case {case.id} cannot go on in itself; name another case of this customer")
        return structs.replace(over, phase="closed", resolution="merged", merged_into=event.into)
    return structs.replace(over, phase="closed", outcome=event.outcome, resolution=event.resolution)


def may_reopen(case: Case, now: float) -> bool:
    """Whether closing it can still be taken back."""
    return case.phase == "closed" and not case.merged_into and now - case.ended_at <= REOPEN_SECONDS


def _reopened(case: Case, event: CaseReopened) -> Case:
    if case.open:
        raise NotNow("open", f"case {case.id} is open already")
    if case.phase != "closed" or case.merged_into:
        where = f"goes on in case {case.merged_into}" if case.merged_into else "is with the bot again"
        raise NotNow("over", f"case {case.id} {where}; only what was closed can be opened again")
    if not may_reopen(case, event.at):
        raise NotNow(
            "late",
            f"case {case.id} was closed more than {REOPEN_SECONDS / 60:.0f} minutes ago; it stays closed",
        )
    return structs.replace(
        case, phase="person", owner=event.by, owner_name=event.name,
        owner_display=event.display, claimed_at=event.at, ended_at=0.0, outcome="", resolution="",
    )  # fmt: skip


def _absorbed(case: Case, event: CaseAbsorbed) -> Case:
    _need_owner(case, event.by, anybody=case.phase == "waiting")
    if event.case_id in case.absorbed:
        raise NotNow("merged", f"case {event.case_id} goes on in this one already")
    if len(case.absorbed) >= MOST_ABSORBED:
        raise NotNow("full", f"{MOST_ABSORBED} cases go on in this one already; close it and open another")
    return structs.replace(case, absorbed=(*case.absorbed, event.case_id))


def _need_owner(case: Case, by: str, *, anybody: bool = False) -> None:
    if anybody or (case.owner and case.owner == by):
        return
    if case.owner:
        raise NotNow("claimed", f"{case.owner_name} has it, and only they speak; ask them to give it back")
    raise NotNow("waiting", "it waits for a person; claim it first")
