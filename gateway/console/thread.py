"""Tells what happened in a conversation: what was said and what staff did, as one list in order of time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gateway.console.kinds import kinds_in
from gateway.console.queue import raised_for
from gateway.context import Desk
from gateway.staff.roles import Member, Permission, known_as
from shared import contracts as c
from shared.cases import may_reopen
from shared.errors import NotNow
from shared.hand_over import told_of
from shared.ports import Numbered, StoredMessage
from shared.routing.outcomes import told

PAGE = 100
"""Lines of one look; what came before is one click away."""
Kind = Literal["customer", "bot", "staff", "system", "note", "draft", "event"]


@dataclass(frozen=True)
class Line:
    """One line of the thread, the same for every reader; `text` is tokenized, `key` its id in the page.

    `draft`: what became of a held reply ("open", "sent", "edited" or "rejected"), `why` the reason.
    """

    key: str
    kind: Kind
    at: float
    text: str = ""
    name: str = ""
    turn_id: str = ""
    citations: tuple[c.Citation, ...] = ()
    actions: tuple[c.Receipt, ...] = ()
    draft: str = ""
    why: str = ""


async def find_case(at: Desk, case_id: str) -> c.Case:
    """The case.

    Raises:
        NotNow: there is none.
    """
    case = await at.casework.cases.case(case_id)
    if case is None:
        raise NotNow(
            "unknown", f"there is no case {case_id[:60]!r}; it may have been erased, look at the queue"
        )
    return case


async def thread_of(
    at: Desk, who: Member, case: c.Case, *, before: float = 0.0, since: float = 0.0
) -> dict[str, Any]:
    """What thread.html shows: the last lines, those before a time, or all since one."""
    stored = await at.store.read(case.conversation_id)
    events = await at.casework.cases.events(case.conversation_id)
    lines = lines_of(stored.messages if stored else (), events)
    if before:
        lines = [line for line in lines if line.at < before]
    start = max(0, len(lines) - PAGE)
    if since:
        start = min(start, next((i for i, line in enumerate(lines) if line.at >= since), start))
        start = max(start, len(lines) - 5 * PAGE)
    shown = lines[start:]
    return {
        "case": case,
        "lines": shown,
        "earlier": shown[0].at if start and shown else 0.0,
        "since": shown[0].at if shown else 0.0,
        "kinds": await kinds_in(at, shown),
        "raised": raised_for(case),
        "mine": case.owner == who.actor,
        "ended": told(case.outcome),
        "may_reopen": may_reopen(case, time.time()),
        "may_lead": who.role in {"lead", "admin"},
        "may_explain": who.may(Permission.TRACES),
        "now": time.time(),
    }


def lines_of(messages: Sequence[StoredMessage], events: Sequence[Numbered]) -> list[Line]:
    """Both as one list; what staff said stands there from the moment they said it, and once."""
    there = {(line.turn_id, line.who) for line in messages}
    fates = _fates(events)
    spoke = {each.event.turn_id: each.event for each in events if isinstance(each.event, c.StaffSpoke)}
    lines = [_line(message, spoke.get(message.turn_id)) for message in messages]
    lines += [
        line
        for each in events
        if (line := _told(each, fates)) is not None and (line.turn_id, line.kind) not in there
    ]
    return sorted(lines, key=lambda line: line.at)


def _line(message: StoredMessage, spoke: c.StaffSpoke | None) -> Line:
    result = message.result
    # What is stored is what the customer reads; colleagues know each other by their accounts.
    name = known_as(spoke.name, spoke.display) if spoke and message.who == "staff" else message.name
    return Line(
        key=f"m-{message.turn_id}-{message.who}",
        kind=message.who,
        at=message.at,
        text=message.text,
        name=name,
        turn_id=message.turn_id,
        citations=result.citations if result else (),
        actions=result.actions if result else (),
    )


def _fates(events: Sequence[Numbered]) -> dict[str, tuple[str, str]]:
    """What became of held replies, by turn: the fate, and why."""
    fates: dict[str, tuple[str, str]] = {}
    for each in events:
        match each.event:
            case c.StaffSpoke(draft=draft, edited=edited) if draft:
                fates[draft] = ("edited" if edited else "sent", "")
            case c.DraftRejected(turn_id=turn_id, reason=reason):
                fates[turn_id] = ("rejected", reason)
            case _:
                pass
    return fates


_WHY = {
    "gave_back": "put it back into the queue",
    "silent": "was silent for too long; it waits again",
    "signed_out": "signed out; it waits again",
    "transferred": "transferred it",
    "lead": "took it away; it waits again",
}


def wish_of(wish: c.ContactWish) -> str:
    """How the customer wants to be answered, as staff read it; tokens stay to be opened by purpose."""
    how = {"phone": "Wants to be called", "email": "Wants an e-mail", "chat": "Waits here after all"}[
        wish.channel
    ]
    where = {"": "", "account": ": the address of their account"}.get(wish.value, f": {wish.value}")
    return how + where


def _told(each: Numbered, fates: dict[str, tuple[str, str]]) -> Line | None:  # noqa: C901, PLR0911, PLR0912  one for each event
    event, key = each.event, f"e-{each.case_id}-{each.n}"
    match event:
        case c.StaffSpoke():
            name = known_as(event.name, event.display)
            return Line(f"m-{event.turn_id}-staff", "staff", event.at, event.text, name, event.turn_id)
        case c.StaffNoted():
            return Line(key, "note", event.at, event.text, event.name)
        case c.ReplyHeld():
            fate, why = fates.get(event.turn_id, ("open", ""))
            return Line(
                key,
                "draft",
                event.at,
                event.text,
                turn_id=event.turn_id,
                actions=event.actions,
                draft=fate,
                why=why,
            )
        case c.CaseOpened():
            return Line(key, "event", event.at, "Waits for a person" if not event.taken else "Taken over")
        case c.CaseClaimed():
            return Line(key, "event", event.at, "took it", known_as(event.name, event.display))
        case c.CaseReleased():
            return Line(key, "event", event.at, _WHY[event.why])
        case c.CaseMoved():
            waited = f": waited {event.waited} min" if event.waited else ""
            return Line(key, "event", event.at, f"Moved to {event.queue}, {event.priority}{waited}")
        case c.CaseRaised():
            why = f"The customer told of {told_of(event.reason)}"
            return Line(key, "event", event.at, f"{why}: raised to {event.queue}, {event.priority}")
        case c.ContactAsked():
            return Line(key, "event", event.at, wish_of(event.wish))
        case c.CaseReturned():
            return Line(key, "event", event.at, "gave it back to the bot", event.name)
        case c.CaseClosed(by="customer"):
            return Line(key, "event", event.at, "The customer left the queue")
        case c.CaseClosed():
            how = told(event.outcome, event.resolution)
            return Line(
                key, "event", event.at, "closed it" if event.name else "It was closed", event.name, why=how
            )
        case c.CaseReopened():
            return Line(key, "event", event.at, "opened it again", event.name)
        case _:
            return None
