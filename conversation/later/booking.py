"""Arranges the hour of a call with who waits: booked, moved, cancelled, or two open hours offered instead."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conversation.words.call_time import CallTime, read_call_time
from conversation.words.calls import asks_about_call
from conversation.words.consent import said_yes
from conversation.words.contact import Heard
from conversation.words.replies import folded
from shared.contracts import ContactWish, ConversationState, Language
from shared.personal_data import tokens_in
from shared.recurrence import moment
from shared.routing.calendar import Calendar

FORGOTTEN = {"call_at": "", "call_offer": ""}
"""What is no longer being arranged."""
_ANSWER = 10
"""Words of who answers our question about the hour; more say something else."""
_BARE = 5
"""Words of who names nothing but another hour."""
_MOST_TOKENS = 4
_NOT_BEFORE = 900.0
"""Seconds: nobody can be called sooner than that for certain."""
_LAST_CALL = 1800.0
"""Seconds before the team leaves: the last hour that is offered."""
_DAYS = 8
_DAY = 86_400.0
_USUAL_HOUR = 10
"""Offered on another day to who named no hour."""
_FIRST = re.compile(r"\b(?:first|former|premiere?|1ere?|primer[ao]?)\b")
_SECOND = re.compile(r"\b(?:second|latter|other|deuxieme|seconde?|2eme|l autre|segund[ao]|otr[ao])\b")


def hear_call(
    text: str, before: ConversationState, settled: ContactWish | None, calendar: Calendar,
    *, now: float, language: Language,
) -> Heard | None:  # fmt: skip
    """What this message says about the hour of a call by the team of `calendar`; None for nothing.

    Tokens in it are the number. Who has named an hour but no number, here or in `settled`, is asked for that.
    """
    settled = settled if settled and settled.channel == "phone" else None
    about = asks_about_call(text, booked=settled is not None)
    if about == "cancel":
        return Heard("call.cancelled", ContactWish(channel="chat"), slots={**FORGOTTEN, "call_booked": ""})
    offered = [float(each) for each in before.slots.get("call_offer", "").split()]
    booked = float(before.slots.get("call_booked", "0"))
    asked = offered or before.contact_channel == "phone"
    answers = len(text.split()) <= (_ANSWER if asked else _BARE if booked else 0)
    if about not in {"call", "move"} and not answers:
        return None
    wanted = _chosen(text, offered, calendar, booked=booked, now=now, language=language)
    tokens = " ".join(tuple(tokens_in(text))[:_MOST_TOKENS])
    value = tokens or (settled.value if settled else "")
    if wanted is None or wanted.kind == "soon":
        pending = before.slots.get("call_at", "")
        wanted = _read(pending) if pending and tokens else None
    if wanted is None:
        return None
    here = ZoneInfo(calendar.zone)
    if wanted.kind == "refused" and booked and _day_of(booked, here) != _day_of(wanted.at, here):
        wanted = CallTime(booked)  # it is not on that day anyway: say when it is
    return _arranged(wanted, ContactWish(channel="phone", value=value), calendar, now=now)


def _arranged(wanted: CallTime, wish: ContactWish, calendar: Calendar, *, now: float) -> Heard:
    """Booked when somebody is there; else the nearest two hours at which somebody is."""
    zone = wanted.zone or calendar.zone
    past = (wanted.until or wanted.at) < now
    if wanted.kind == "refused" or past or not calendar.is_open(wanted.at):
        goal = "refused" if wanted.kind == "refused" else "past" if past else "closed"
        first, second = nearest(wanted, calendar, now=now)
        return Heard(
            f"call.{goal}",
            wish,
            asked="" if wish.value else "phone",
            values={"first": shown(first, zone), "second": shown(second, zone)},
            slots={"call_offer": f"{first} {second}", "call_at": ""},
        )
    if not wish.value:
        kept = f"{wanted.at} {wanted.kind} {wanted.until} {wanted.zone}".strip()
        return Heard("contact.ask_phone", wish, asked="phone", slots={"call_offer": "", "call_at": kept})
    slots = {**FORGOTTEN, "call_booked": str(wanted.at)}
    return Heard("call.booked", wish, at=wanted.at, values=told(wanted, calendar), slots=slots)


def told(wanted: CallTime, calendar: Calendar) -> dict[str, str]:
    """An hour, or a span of hours that ends with the team's day, as the writer reads them."""
    zone = wanted.zone or calendar.zone
    if wanted.kind == "exact":
        return {"call_at": shown(wanted.at, zone)}
    closes = calendar.closes_at(wanted.at) or wanted.until
    until = min(wanted.until or closes, closes)
    if wanted.kind == "from":
        return {"call_from": shown(wanted.at, zone)}
    end = datetime.fromtimestamp(until, ZoneInfo(zone))
    return {"call_from": shown(wanted.at, zone), "call_until": f"{end.hour}:{end:%M}"}


def shown(at: float, zone: str) -> str:
    """A moment with its zone, as the writer reads that of a call."""
    return f"{datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat(timespec='minutes')} {zone}"


def nearest(wanted: CallTime, calendar: Calendar, *, now: float) -> tuple[float, float]:
    """Two hours at which somebody is there, the nearest to what was wanted, the earlier first.

    The same clock on other days; of a day on which somebody is there, the hours next to the wanted one.
    """
    here, soonest = ZoneInfo(calendar.zone), now + _NOT_BEFORE
    clock = datetime.fromtimestamp(wanted.at, here).replace(tzinfo=None)
    if wanted.kind == "refused":
        clock = clock.replace(hour=_USUAL_HOUR)
    found = [moment(clock + timedelta(days=each), here) for each in range(-_DAYS, _DAYS + 1) if each]
    if wanted.kind != "refused":
        found += _around(wanted.at, calendar, here, soonest)
    good = {each for each in found if each >= soonest and calendar.is_open(each)}
    first, *others = sorted(good, key=lambda each: abs(each - wanted.at)) or [_round(soonest)]
    second = next((each for each in others if abs(each - first) >= _LAST_CALL), first + _DAY)
    return min(first, second), max(first, second)


def _around(at: float, calendar: Calendar, here: ZoneInfo, soonest: float) -> list[float]:
    """The next hour of the same day, and the last before this one."""
    opens = calendar.opens_at(max(at, _round(soonest)))
    closes = calendar.closes_at(at - _DAY / 2)
    last = closes - _LAST_CALL if closes is not None and closes <= at else None
    return [each for each in (opens, last) if each is not None and _day_of(each, here) == _day_of(at, here)]


def _round(at: float) -> float:
    """The next half hour."""
    return -(-at // _LAST_CALL) * _LAST_CALL


def _read(kept: str) -> CallTime:
    at, kind, until, *zone = kept.split()
    return CallTime(float(at), kind, float(until), " ".join(zone))


def _chosen(
    text: str, offered: list[float], calendar: Calendar, *, booked: float, now: float, language: Language
) -> CallTime | None:
    """One of the two hours that were offered, or what the words say by themselves."""
    said = folded(text)

    def reading(kept: float) -> CallTime | None:
        return read_call_time(text, now=now, calendar=calendar, language=language, booked=kept)

    # "Monday" is the one that was offered, not the hour of the call on a Monday.
    read = (reading(0.0) if offered else None) or reading(booked)
    if not offered:
        return read
    if read is None:
        return CallTime(offered[1 if _SECOND.search(said) else 0]) if _picks(text, said) else None
    here = ZoneInfo(calendar.zone)
    same = [at for at in offered if _day_of(at, here) == _day_of(read.at, here)]
    if read.kind in {"day", "morning", "afternoon", "evening"} and len(same) == 1:
        return CallTime(same[0])
    return read


def _picks(text: str, said: str) -> bool:
    return bool(_FIRST.search(said) or _SECOND.search(said) or said_yes(text))


def _day_of(at: float, here: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, here).date().isoformat()
