"""What the pane of customer and facts shows: the packet, where its facts stand, and other cases of theirs."""

import re
from dataclasses import dataclass
from typing import Any

from gateway.console.history import history_of
from gateway.console.merging import other_cases
from gateway.console.revealing import PURPOSES, may_reveal
from gateway.context import Desk
from gateway.staff.roles import Member
from shared.contracts import Case, Fact, StaffNoted
from shared.personal_data import tokens_in

_FIELD = re.compile(r"(order|product|kb):([^/#]{1,100})[/#]?(.{0,100})")
_FEW = 5


@dataclass(frozen=True)
class ShownFact:
    """A fact in words: what it is, its value (tokenized), where it stands; `href` is empty without a page."""

    name: str
    value: str
    source: str
    href: str


async def customer_pane(at: Desk, who: Member, case: Case) -> dict[str, Any]:
    """What customer.html shows as `customer`."""
    state = await at.store.load(case.conversation_id)
    earlier = await history_of(at, case, state, limit=_FEW) if state else ([], "")
    return {
        "packet": case.hand_over.packet,
        "facts": [fact_of(fact) for fact in case.hand_over.packet.facts],
        "tokens": _tokens(case),
        "may_reveal": may_reveal(case, who),
        "purposes": PURPOSES,
        "signed_in": bool(state and state.customer_mark),
        "history": earlier[0],
        "more": earlier[1],
        "absorbed": [await _absorbed(at, name) for name in case.absorbed],
        "others": await other_cases(at, case, state) if case.open and state else [],
    }


def fact_of(fact: Fact) -> ShownFact:
    """A fact as the pane shows it: orders stand below in the pane, passages in the knowledge base."""
    found = _FIELD.fullmatch(fact.id)
    if found is None:
        return ShownFact(fact.id, fact.value, fact.id, "")
    kind, name, field = found.groups()
    what = field.replace("_", " ").replace("/", " ").strip() or kind
    if kind == "order":
        return ShownFact(what.capitalize(), fact.value, f"order {name}", f"#order-{name}")
    return ShownFact(what.capitalize(), fact.value, f"{kind} {name}", "")


def _tokens(case: Case) -> list[str]:
    """Values of the packet, each with a button of its own; all others open by a click on `show all`."""
    packet = case.hand_over.packet
    texts = (packet.summary, *(fact.value for fact in packet.facts), *packet.tried, *packet.promised)
    return tokens_in("\n".join((*texts, packet.suggested_reply)))[:20]


async def _absorbed(at: Desk, name: str) -> dict[str, Any]:
    """A case that goes on in this one, read where it is: its values are of its own conversation."""
    case = await at.casework.cases.case(name)
    if case is None:
        return {"id": name, "case": None, "facts": [], "notes": []}
    events = await at.casework.cases.events(case.conversation_id, case_id=name)
    return {
        "id": name,
        "case": case,
        "facts": [fact_of(fact) for fact in case.hand_over.packet.facts],
        "notes": [each.event for each in events if isinstance(each.event, StaffNoted)],
    }
