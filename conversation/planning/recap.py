"""Tells what was done in this conversation, to who asks: "what did you just do?", "is that done?"."""

import re

from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from conversation.words.replies import folded
from shared.contracts import Digest

_SHORT = 9
"""Words of a question that asks nothing beside it."""
_ASKS = re.compile(
    r"\bwhat (?:did|have) you (?:\w+ )?(?:do|done|did|change|changed)\b|\bwhat was (?:that|done|changed)\b"
    r"|\b(?:is|was) (?:it|that|this|everything) (?:\w+ )?(?:done|finished|sorted|settled|completed?)\b"
    r"|\b(?:did|has) (?:it|that|this) (?:work|worked|go|gone) ?(?:through)?\b|\bhave you done (?:it|that)\b"
    r"|\b(?:que|ce que) (?:vous avez|tu as) (?:\w+ )?fait\b|\bqu avez vous (?:\w+ )?fait\b|\bqu as tu fait\b"
    r"|\b(?:c est|est ce|est ce que c est) (?:\w+ )?(?:fait|termine|regle)\b|\bca a (?:bien )?marche\b"
    r"|\bque (?:acabas?|acaba usted) de hacer\b|\bque (?:me )?(?:hizo|hiciste|has hecho|ha hecho)\b"
    r"|\b(?:ya )?(?:esta|quedo|queda) (?:todo )?(?:hecho|listo|terminado)\b|\bya se hizo\b"
)
_CARRIED_OUT = re.compile(r"(\w+)(?: #(\w+))?(?: \((.*)\))?")
# What can be said again of its kind, order and reference alone.
_TELLABLE = {
    "refund", "return", "exchange", "cancel", "cancel_part", "address", "item", "resend", "newsletter",
}  # fmt: skip


def asks_what_was_done(text: str) -> bool:
    """Whether it asks for no more than what has happened."""
    said = folded(text)
    return len(said.split()) <= _SHORT and _ASKS.search(said) is not None


def recap(case: Case) -> Outcome | None:
    """What was carried out last, or refused, or that nothing was; None when that is not asked."""
    if not asks_what_was_done(case.text):
        return None
    for note in (*reversed(case.state.notes), case.state.earlier):
        told = _told(case, note)
        if told is not None:
            return told
    if case.state.pending_action is None:
        return None  # nothing was ever spoken of that could be done
    return Outcome(topics=(topic(case, "recap.nothing"),))


def _told(case: Case, note: Digest) -> Outcome | None:
    for goal, lines in (("done", note.done), ("refused", note.refused)):
        found = _CARRIED_OUT.fullmatch(lines[-1]) if lines else None
        if found is None or found[1] not in _TELLABLE:
            continue
        told_of = "reference" if goal == "done" else "detail"
        values: dict[str, str] = {"number": found[2] or "", told_of: found[3] or ""}
        if found[1] in {"refund", "return"}:
            values["business_days"] = case.policy.refund_business_days
        name = _goal(case, found[1]) if goal == "done" else "action.refused"
        if name:
            kept = {"order_number": values["number"]} if values["number"] else {}
            said = {slot: value for slot, value in values.items() if value}
            return Outcome(topics=(topic(case, name, None, **said),), slots=kept)
    return None


def _goal(case: Case, kind: str) -> str:
    if kind != "newsletter":
        return f"action.{kind}.done"
    wish = case.state.slots.get("newsletter", "")
    return f"action.newsletter.{wish}.done" if wish else ""
