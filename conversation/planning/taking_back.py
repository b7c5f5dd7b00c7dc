"""Says honestly that a thing is done already to who takes the wish for it back."""

import re

from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from conversation.words.letting_go import lets_go
from conversation.words.taking_back import takes_back

_RECENT = 2
"""Exchanges for which "don't" is still said of what was done in one of them."""
_DONE = re.compile(r"(\w+)(?: #(\w+))?.*")


def taken_back(case: Case) -> Outcome | None:
    """That it comes too late, with the offer of a person; None where nothing was done that is meant."""
    if case.state.pending_action is not None or case.tokens() or not takes_back(case.text):
        return None
    # "Never mind" is said of the last thing, not of one before it.
    return too_late(case, case.entity("order_number"), within=1 if lets_go(case.text) else _RECENT)


def too_late(case: Case, named: str, *, within: int = _RECENT) -> Outcome | None:
    """The same of whatever was done just now, of the order `named` if there is one."""
    lines = [line for note in case.state.notes[-within:] for line in note.done]
    found = _DONE.fullmatch(lines[-1]) if lines else None
    if found is None or (named and named != found[2]):
        return None
    number = found[2] or ""
    goal = "undo.cancel" if found[1] == "cancel" and number else "undo.done"
    values = {"number": number} if number else {}
    return Outcome(
        topics=(topic(case, goal, None, **values),),
        slots={"order_number": number} if number else {},
        offers_person=True,
    )
