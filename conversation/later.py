"""What a customer wants done later: to hear of something, to be called back. Each becomes a task."""

import re
from typing import Literal
from zoneinfo import ZoneInfo

from conversation.followed import FOLLOWED_FLOWS, goes_on, shown, task_of
from conversation.followed_words import NOT, Followed, followed, reminded_of, wants_reminder
from conversation.meaning import Playbooks, read_as, sure
from conversation.memory import short
from conversation.moments import people_work, read_moment
from conversation.replies import folded, said_no
from conversation.saying import topic
from conversation.turn import Case, Outcome
from shared.contracts import Intent
from shared.routing.queues import house

Wish = Followed | Literal["call_back"]
_REMIND_SECONDS = 900
_LONGEST = 1500
"""Characters of the customer's words in a task."""
_CALL_SLOTS = {"call_time", "call_number"}
_INTENTS: dict[Wish, Intent] = {
    "tell_when_shipped": Intent.ORDER_STATUS, "tell_when_delivered": Intent.ORDER_STATUS,
    "tell_when_in_stock": Intent.PRODUCT_INQUIRY, "remind": Intent.GENERAL_INQUIRY,
    "stop_telling": Intent.GENERAL_INQUIRY, "call_back": Intent.ESCALATION_REQUEST,
}  # fmt: skip

_CALL_BACK = re.compile(
    r"\b(?:(?:call|ring|phone|telephone) (?:me|us)\b(?! token)"
    r"|give (?:me|us) an? (?:\w+ )?(?:call|ring|bell)\b"
    r"|(?:want|need|like|request|schedule|arrange|get|have) an? (?:call ?back|phone call|call)\b"
    r"|(?:call ?back) (?:please|request)|rappel(?:ez|le) (?:moi|nous)|appel(?:ez|le) (?:moi|nous)"
    r"|(?:me|m|nous) (?:r?appeler|telephoner)|telephonez (?:moi|nous)|(?:etre|sois|soit) rappelee?"
    r"|que (?:l on|vous|quelqu un) (?:me|m) (?:r?appel\w+)"
    r"|llam(?:e|a|en)me|llamarme|(?<!no )me llamen?\b|me (?:puede[ns]?|podria[ns]?) llamar"
    r"|devuelv(?:a|an|e)(?:me|nme)? la llamada|devolverme la llamada)\b"
)


def wished(case: Case) -> Wish | None:
    """What this message wants done later, or what was begun before and waits for an answer."""
    wish = followed(case.text)
    # "Remind me to water the ferns" is no business of a shop's.
    if wish and not (wish == "remind" and case.need.intent is Intent.OUT_OF_SCOPE and reminded_of(case.text)):
        return wish
    if wants_call_back(case.text):
        return "call_back"
    if begun := goes_on(case, zone=_zone()):
        return begun
    waiting, slot = case.state.slots.get("wish"), case.state.open_slot
    return "call_back" if waiting == "call_back" and slot in _CALL_SLOTS and _about_the_call(case) else None


def _about_the_call(case: Case) -> bool:
    """Whether this answers when or where to call; another matter, surely understood, does not."""
    if case.tokens() or said_no(case.text) or read_moment(case.text, now=case.now, zone=_zone()) is not None:
        return True
    return not sure(case) or case.playbook.flow in {"general", "person"}


def wants_call_back(text: str) -> bool:
    """Asks to be called."""
    said = folded(text)
    found = None if wants_reminder(text) else _CALL_BACK.search(said)
    return found is not None and not NOT.search(said[: found.start()])


async def arranged(case: Case, wish: Wish, playbooks: Playbooks) -> tuple[Case, Outcome]:
    """The message read as this wish, and what comes of it."""
    meant = read_as(case, _INTENTS[wish], playbooks)
    flow = _call_back if wish == "call_back" else FOLLOWED_FLOWS[wish]
    return meant, await flow(meant)


async def _call_back(case: Case) -> Outcome:
    at = read_moment(case.text, now=case.now, zone=_zone())
    if at is None and said_no(case.text) and case.state.open_slot in _CALL_SLOTS:
        return Outcome(topics=(topic(case, "action.declined"),), slots=_forgotten(), plain=True)
    before = case.state.slots if case.state.open_slot in _CALL_SLOTS else {}
    words = short(f"{before.get('call_words', '')} {case.text}", _LONGEST)
    kept = {"wish": "call_back", "call_words": words}
    if at is None and before.get("call_at"):
        at = float(before["call_at"])
    if at is None or not people_work(at):
        if case.state.open_slot == "call_time" and at is None:
            return Outcome(hand_over="asked_for_person", slots=_forgotten())  # asked once is enough
        opens, closes = house().hours
        asked = topic(case, "ask.call_time", opens=opens, closes=closes)
        return Outcome(topics=(asked,), slot="call_time", slots=kept, plain=True)
    if not (case.turn.customer or case.state.customer or "TOKEN_" in words):
        asked = topic(case, "ask.call_number")
        return Outcome(topics=(asked,), slot="call_number", slots=kept | {"call_at": str(at)}, plain=True)
    task = task_of(
        case, kind="call_back", title=words, due_at=at, assignee="queue:support", reminders=(_REMIND_SECONDS,)
    )
    told = topic(case, "follow_up.call_back", due=_shown(at))
    return Outcome(topics=(told,), slots=_forgotten(), task=task, plain=True)


def _forgotten() -> dict[str, str]:
    return {"wish": "", "call_words": "", "call_at": ""}


def _zone() -> ZoneInfo:
    return house().zone


def _shown(at: float) -> str:
    return shown(at, _zone())
