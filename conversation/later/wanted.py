"""What a customer wants done later: to hear of something, to be called back. Each becomes a task."""

from typing import Literal

from msgspec import structs

from conversation.later.booking import hear_call
from conversation.later.followed import FOLLOWED_FLOWS, goes_on, shown, task_of
from conversation.memory import short
from conversation.planning.meaning import Playbooks, read_as, sure
from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from conversation.words.calls import asks_about_call, wants_call_back
from conversation.words.contact import Heard
from conversation.words.followed_words import Followed, followed, reminded_of
from conversation.words.replies import said_no
from shared.contracts import ContactWish, Intent
from shared.personal_data import tokens_in
from shared.routing.queues import house

Wish = Followed | Literal["call_back"]
_REMIND_SECONDS = 900
_LONGEST = 1500
"""Characters of the customer's words in a task."""
_CALL_SLOTS = {"call_time", "call_number"}
_NUMBER_WORDS = 8
"""Words up to which a personal value is the number to call."""
_INTENTS: dict[Wish, Intent] = {
    "tell_when_shipped": Intent.ORDER_STATUS, "tell_when_delivered": Intent.ORDER_STATUS,
    "tell_when_in_stock": Intent.PRODUCT_INQUIRY, "remind": Intent.GENERAL_INQUIRY,
    "stop_telling": Intent.GENERAL_INQUIRY, "call_back": Intent.ESCALATION_REQUEST,
}  # fmt: skip


def wished(case: Case) -> Wish | None:
    """What this message wants done later, or what was begun before and waits for an answer."""
    wish = followed(case.text)
    # "Remind me to water the ferns" is no business of a shop's.
    if wish and not (wish == "remind" and case.need.intent is Intent.OUT_OF_SCOPE and reminded_of(case.text)):
        return wish
    if wants_call_back(case.text) or _of_booked_call(case):
        return "call_back"
    if begun := goes_on(case, zone=house().zone):
        return begun
    waiting, slot = case.state.slots.get("wish"), case.state.open_slot
    return "call_back" if waiting == "call_back" and slot in _CALL_SLOTS and _about_the_call(case) else None


def _of_booked_call(case: Case) -> bool:
    """Whether it moves or cancels the call that is planned, or says its number."""
    if not case.state.slots.get("call_booked"):
        return False
    number = bool(case.tokens()) and len(case.text.split()) <= _NUMBER_WORDS
    return number or asks_about_call(case.text, booked=True) in {"move", "cancel"}


def _about_the_call(case: Case) -> bool:
    """Whether this answers when or where to call; another matter, surely understood, does not."""
    if case.tokens() or said_no(case.text) or _heard(case) is not None:
        return True
    return not sure(case) or case.playbook.flow in {"general", "person"}


async def arranged(case: Case, wish: Wish, playbooks: Playbooks) -> tuple[Case, Outcome]:
    """The message read as this wish, and what comes of it."""
    because = f"it wishes for something later: {wish}".replace("_", " ")
    meant = read_as(case, _INTENTS[wish], playbooks, because=because)
    flow = _call_back if wish == "call_back" else FOLLOWED_FLOWS[wish]
    return meant, await flow(meant)


async def _call_back(case: Case) -> Outcome:
    """The call is planned, moved, cancelled, or two open hours are offered; as for who waits for a person."""
    heard, slots = _heard(case), case.state.slots
    words = short(f"{slots.get('call_words', '')} {case.text}".strip(), _LONGEST)
    kept = {"wish": "call_back", "call_words": words} | (dict(heard.slots) if heard else {})
    if heard is None:
        return _without_hour(case, kept)
    if heard.goal == "call.cancelled":
        told = topic(case, "follow_up.call_cancelled")
        gone = _forgotten() | {"call_booked": ""}
        return Outcome(topics=(told,), slots=gone, drop=("call_back",), plain=True)
    if heard.goal == "contact.ask_phone":
        asked = topic(case, "ask.call_number")
        return Outcome(topics=(asked,), slot="call_number", slots=kept, plain=True)
    told = structs.replace(topic(case, heard.goal), values=dict(heard.values))
    if not heard.at:
        return Outcome(topics=(told,), slot="call_time", slots=kept, plain=True)
    task = task_of(
        case, kind="call_back", title=words, due_at=heard.at, assignee="queue:support",
        reminders=(_REMIND_SECONDS,),
    )  # fmt: skip
    return Outcome(topics=(told,), slots=kept | _forgotten(), task=task, plain=True)


def _without_hour(case: Case, kept: dict[str, str]) -> Outcome:
    """No hour yet: it is asked for once, then a person sees to it."""
    waits = case.state.open_slot in _CALL_SLOTS
    booked = case.state.slots.get("call_booked", "")
    if waits and said_no(case.text):
        return Outcome(topics=(topic(case, "action.declined"),), slots=_forgotten(), plain=True)
    if case.tokens() and booked:  # the number of the call that is planned
        task = task_of(
            case, kind="call_back", title=kept["call_words"], due_at=float(booked), assignee="queue:support",
            reminders=(_REMIND_SECONDS,),
        )  # fmt: skip
        told = topic(case, "follow_up.call_back", due=shown(float(booked), house().zone))
        return Outcome(topics=(told,), slots=_forgotten(), task=task, plain=True)
    if case.state.open_slot == "call_time":
        return Outcome(hand_over="asked_for_person", slots=_forgotten())  # asked once is enough
    opens, closes = house().hours
    asked = topic(case, "ask.call_time", opens=opens, closes=closes)
    return Outcome(topics=(asked,), slot="call_time", slots=kept, plain=True)


def _heard(case: Case) -> Heard | None:
    """What it says of the hour; who is signed in, or said a number before, is not asked for one."""
    known = "account" if case.signed_in else " ".join(tokens_in(case.state.slots.get("call_words", "")))
    before = case.state
    if before.open_slot in _CALL_SLOTS:
        before = structs.replace(before, contact_channel="phone")
    settled = ContactWish(channel="phone", value=known) if known else None
    return hear_call(case.text, before, settled, house().calendar, now=case.now, language=case.language)


def _forgotten() -> dict[str, str]:
    return {"wish": "", "call_words": "", "call_at": "", "call_offer": ""}
