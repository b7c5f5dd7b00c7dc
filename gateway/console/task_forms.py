"""Reads the forms of follow-ups: what staff typed becomes a time, a rule and an assignee, or a clear no."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from gateway.problems import Problem
from shared.contracts import MOST_REMINDERS, QUEUE, REMINDERS, Every, Recurrence, TaskKind
from shared.recurrence import known_zone, moment, wall
from shared.routing.queues import house

KINDS: tuple[TaskKind, ...] = ("follow_up", "call_back", "promise", "reminder")
"""What staff can set; the bot's own kinds are its own."""
SNOOZES: Mapping[str, timedelta] = {
    "15 minutes": timedelta(minutes=15),
    "1 hour": timedelta(hours=1),
    "3 hours": timedelta(hours=3),
    "1 day": timedelta(days=1),
    "1 week": timedelta(days=7),
}
LONGEST_TITLE, LONGEST_NOTE = 300, 1000
"""As typed: tokens are longer than what they stand for, and the stored texts may be (`contracts.tasks`)."""
_QUEUE = re.compile(re.escape(QUEUE) + r"[a-z0-9_-]{1,40}")
_WALL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:00)?")
_FARTHEST = 5 * 366 * 86_400.0
_PAST = 60.0
"""Seconds that a form may take to come in."""
_LEAST_REMINDER, _MOST_REMINDER = 1, 90 * 1440


@dataclass(frozen=True)
class When:
    """When a new task is due, how often it comes again, and when somebody is reminded."""

    due_at: float
    zone: str
    recurrence: Recurrence | None
    reminders: tuple[int, ...]


def wrong(field: str, given: str, remedy: str) -> Problem:
    """422, naming the field, what stood in it, and what may."""
    return Problem(422, "invalid-field", "Invalid request", f"{field}: {given[:40]!r} {remedy}")


def read_when(form: Mapping[str, str], *, now: float) -> When:
    """The times of a form.

    Raises:
        Problem: 422 names the field.
    """
    zone = read_zone(form)
    due_at = read_due(form, zone, now=now)
    return When(
        due_at=due_at,
        zone=zone.key,
        recurrence=_recurrence(form, zone, due_at),
        reminders=_reminders(form),
    )


def read_zone(form: Mapping[str, str]) -> ZoneInfo:
    """The zone whose clock the form means; the shop's when it does not say."""
    given = form.get("zone", "").strip() or house().calendar.zone
    zone = known_zone(given)
    if zone is None:
        raise wrong("zone", given, "is no time zone; use a name like Europe/Paris")
    return zone


def read_due(form: Mapping[str, str], zone: ZoneInfo, *, now: float) -> float:
    """The moment that `due` names on this zone's clock; not gone by, and at most five years ahead."""
    due_at = _moment(form.get("due", "").strip(), zone)
    if due_at is None:
        raise wrong("due", form.get("due", ""), f"is no time; write {wall(now + 3600, zone)}")
    if due_at < now - _PAST:
        raise wrong("due", form["due"], f"is over; it is {wall(now, zone)} in {zone.key}")
    if due_at > now + _FARTHEST:
        raise wrong("due", form["due"], "is more than five years ahead")
    return due_at


def read_kind(form: Mapping[str, str]) -> TaskKind:
    """What kind of task; a follow-up when the form does not say."""
    given = form.get("kind", "") or "follow_up"
    for kind in KINDS:
        if kind == given:
            return kind
    raise wrong("kind", given, f"is not one of {', '.join(KINDS)}")


def read_assignee(form: Mapping[str, str], *, me: str, members: Mapping[str, str]) -> str:
    """Who does it: `me`, a member's id, or a queue. `members` are names by id."""
    given = form.get("assignee", "").strip() or "me"
    if given == "me":
        return me
    if given in members or _QUEUE.fullmatch(given):
        return given
    raise wrong("assignee", given, "is neither a member's id nor a queue like queue:returns")


def read_snooze(form: Mapping[str, str], zone: ZoneInfo, *, now: float) -> float:
    """Until when a task is put off: `for` names a span, or `due` a time. A day is one on the wall clock."""
    given = form.get("for", "")
    if not given:
        return read_due(form, zone, now=now)
    if given not in SNOOZES:
        raise wrong("for", given, f"is not one of {', '.join(SNOOZES)}; or name a time in due")
    span = SNOOZES[given]
    if not span.days:
        return now + span.total_seconds()
    shown = datetime.fromtimestamp(now, zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)
    return moment(shown + span, zone)


def _moment(given: str, zone: ZoneInfo) -> float | None:
    found = _WALL.fullmatch(given)
    try:
        return moment(datetime.fromisoformat(found[1]), zone) if found else None
    except (ValueError, OverflowError):
        return None


def _recurrence(form: Mapping[str, str], zone: ZoneInfo, due_at: float) -> Recurrence | None:
    given = form.get("repeat", "")
    if not given:
        return None
    for every in get_args(Every):
        if every == given:
            return Recurrence(
                every=every,
                # What was typed, not where it was moved to: 02:30 stays 02:30 on all other days.
                starts=form["due"].strip()[:16],
                interval=_number(form, "interval", 1, 1, 999),
                count=_number(form, "count", 0, 0, 9999),
                until=_until(form, zone, due_at),
            )
    raise wrong("repeat", given, f"is not one of {', '.join(get_args(Every))}")


def _until(form: Mapping[str, str], zone: ZoneInfo, due_at: float) -> float:
    """The end of the day that `until` names; 0 for none."""
    given = form.get("until", "").strip()
    if not given:
        return 0.0
    at = _moment(f"{given}T23:59", zone)
    if at is None:
        raise wrong("until", given, "is no day; write it like 2027-01-31")
    if at < due_at:
        raise wrong("until", given, "is before the task is due the first time")
    return at


def _reminders(form: Mapping[str, str]) -> tuple[int, ...]:
    """Seconds ahead: `remind_900` and the like when ticked, `remind_minutes` for others, by commas."""
    found = {each for each in REMINDERS if form.get(f"remind_{each}")}
    given = form.get("remind_minutes", "").replace(",", " ").split()
    for each in given[: MOST_REMINDERS + 1]:
        if not each.isascii() or not each.isdigit() or not _LEAST_REMINDER <= int(each[:9]) <= _MOST_REMINDER:
            raise wrong("remind_minutes", each, "is no number of minutes from 1 to 129600 (90 days)")
        found.add(int(each) * 60)
    if len(found) > MOST_REMINDERS:
        raise wrong("remind_minutes", " ".join(given), f"makes more than {MOST_REMINDERS} reminders")
    return tuple(sorted(found))


def _number(form: Mapping[str, str], field: str, default: int, least: int, most: int) -> int:
    given = form.get(field, "").strip()
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not least <= int(given[:9]) <= most:
        raise wrong(field, given, f"is no number from {least} to {most}")
    return int(given)
