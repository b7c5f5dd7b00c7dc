"""Turns in which the bot has no say: what staff and the house tell the customer, what it believes after."""

from msgspec import structs

from conversation.memory import overheard
from shared import contracts as c


def as_left(before: c.ConversationState, case: c.Case | None) -> c.ConversationState:
    """What the bot may believe, whatever happened in the case since it last spoke.

    A hand-over that the store does not have yet stays: the escalation agent files it.
    """
    if case is not None and case.open:
        return structs.replace(before, hand_over_id=case.id)
    if case is None or case.id != before.hand_over_id:
        return before
    return as_new(before)


def as_new(before: c.ConversationState) -> c.ConversationState:
    """What the bot believes once it has the conversation again: who this is and what they have proved.

    Not what it waited for, nor how often it was asked: it would hand over again at once.
    """
    return structs.replace(
        before,
        hand_over_id="",
        last_intent="",
        open_intent="",
        open_slot="",
        pending_action=None,
        person_offered=False,
        unclear=0,
        contacts={},
        contact_channel="",
    )


def topic_of(act: c.StaffAct) -> c.Topic | None:
    """What the house says because of this; None for what is a person's word or deed."""
    match act:
        case c.StaffSaid() | c.ActionDecided() | c.PaymentDue():
            return None
        case c.StaffJoined():
            goal, values = "person.joined", {"name": act.name} if act.name else {}
        case c.GivenBack():
            goal, values = "person.gave_back", {"name": act.name} if act.name else {}
        case c.CaseEnded():
            goal, values = "person.closed", {"name": act.name} if act.name else {}
        case c.Notice():
            goal, values = act.goal, dict(act.values)
    return c.Topic(goal=goal, intent=c.Intent.GENERAL_INQUIRY, facts=_by_slot(act), values=values)


def _by_slot(act: c.StaffAct) -> dict[str, str]:
    """A notice's facts by the slot they fill: `order:1001/carrier` is the carrier."""
    facts = act.facts if isinstance(act, c.Notice) else ()
    return {
        fact.id.split("/", 1)[1]: fact.id for fact in facts if "/items/" not in fact.id and "/" in fact.id
    }


def after_act(before: c.ConversationState, act: c.StaffAct, said: str) -> c.ConversationState:
    """What is remembered once the customer was told this."""
    if isinstance(act, c.GivenBack | c.CaseEnded):
        before = as_new(before)
    if isinstance(act, c.StaffSaid):
        return overheard(before, c.Said(who="staff", text=said))
    return before


def after_wish(before: c.ConversationState, text: str, reply: str, asked: str) -> c.ConversationState:
    """What is remembered of a wish to be answered elsewhere: our question, too, to read its answer by."""
    heard = overheard(overheard(before, c.Said(who="customer", text=text)), c.Said(who="bot", text=reply))
    return structs.replace(heard, contact_channel=asked)
