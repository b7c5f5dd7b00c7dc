"""Times as pages of staff show them, one way everywhere: in the shop's zone until a script knows theirs."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared.routing.queues import house

_HOUR, _MINUTE = 3600, 60
_MOMENT = Markup('<time datetime="{}" title="{}" data-moment>{}</time>')


def iso(at: float) -> str:
    """For machines: `2026-11-27T03:41:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: float) -> Markup:
    """A time (seconds since 1970) as an element, in full when one points at it.

    `static/times.js` writes the same in the reader's own zone, and again as time goes by.
    """
    zone = house().zone
    return _MOMENT.format(iso(at), full(at, zone), told(at, time.time(), zone))


def told(at: float, now: float, zone: ZoneInfo) -> str:
    """How far away within the hour, else the day and the time; with the year when it is not this one."""
    away = abs(now - at)
    if away < _MINUTE:
        return "now"
    if away < _HOUR:
        minutes = f"{int(away // _MINUTE)} min"
        return f"{minutes} ago" if at < now else f"in {minutes}"
    there, here = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    year = "" if there.year == here.year else f" {there.year}"
    return f"{there:%a} {there.day} {there:%b}{year}, {there:%H:%M}"


def full(at: float, zone: ZoneInfo) -> str:
    """`Fri 27 Nov 2026, 03:41 CET`."""
    there = datetime.fromtimestamp(at, zone)
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M %Z}"
