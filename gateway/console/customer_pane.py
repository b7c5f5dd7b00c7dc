"""What the pane of customer and facts shows: the packet, where its facts stand, and other cases of theirs."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.console.history import history_of
from gateway.console.kinds import kinds_in
from gateway.console.merging import other_cases
from gateway.console.revealing import PURPOSES, may_reveal
from gateway.context import Desk
from gateway.staff.roles import Member
from shared.contracts import Case, Language, StaffNoted
from shared.hand_over import Line, Note, render
from shared.personal_data import tokens_in

_FIELD = re.compile(r"(order|product|kb):([^/#]{1,100}).*")
_FEW = 5
_MOST_VALUES = 20


@dataclass(frozen=True)
class Shown:
    """A line of the note (tokenized) with where it stands; `href` is empty where no page shows that."""

    text: str
    source: str
    href: str


@dataclass(frozen=True)
class ShownNote:
    """A packet in the words of who reads it."""

    note: Note
    said: tuple[Shown, ...]
    facts: tuple[Shown, ...]
    suggested: tuple[Shown, ...]


async def customer_pane(at: Desk, who: Member, case: Case, language: Language = "en") -> dict[str, Any]:
    """What customer.html shows as `customer`; the note is in the `language` of who reads it."""
    state = await at.store.load(case.conversation_id)
    earlier = await history_of(at, case, state, limit=_FEW) if state else ([], "")
    absorbed = [await _absorbed(at, name, language) for name in case.absorbed]
    return {
        "kinds": await kinds_in(at, case.hand_over.packet, [each.get("told") for each in absorbed]),
        "told": told(case, language),
        "language": language,
        "tokens": _tokens(case),
        "may_reveal": may_reveal(case, who),
        "purposes": PURPOSES,
        "signed_in": bool(state and state.customer_mark),
        "history": earlier[0],
        "more": earlier[1],
        "absorbed": absorbed,
        "others": await other_cases(at, case, state) if case.open and state else [],
    }


def told(case: Case, language: Language) -> ShownNote:
    """The packet of a case in words, each line with where it can be looked up."""
    note = render(case.hand_over.packet, language)
    said, facts, suggested = [tuple(map(_shown, each)) for each in (note.said, note.facts, note.suggested)]
    return ShownNote(note, said, facts, suggested)


def _shown(line: Line) -> Shown:
    """Orders stand below in the pane; passages and words of the customer have no page of their own."""
    found = _FIELD.fullmatch(line.source)
    if found is None:
        return Shown(line.text, line.source, "")
    kind, name = found.groups()
    return Shown(line.text, f"{kind} {name}", f"#order-{name}" if kind == "order" else "")


def _tokens(case: Case) -> list[str]:
    """Values of the packet, each with a button of its own; all others open by a click on `show all`."""
    return tokens_in(msgspec.json.encode(case.hand_over.packet).decode())[:_MOST_VALUES]


async def _absorbed(at: Desk, name: str, language: Language) -> dict[str, Any]:
    """A case that goes on in this one, read where it is: its values are of its own conversation."""
    case = await at.casework.cases.case(name)
    if case is None:
        return {"id": name, "case": None}
    events = await at.casework.cases.events(case.conversation_id, case_id=name)
    return {
        "id": name,
        "case": case,
        "told": told(case, language),
        "notes": [each.event for each in events if isinstance(each.event, StaffNoted)],
    }
