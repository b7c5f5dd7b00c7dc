"""Where the operators' pages lead: one list, the same on each of them, of what the member may open."""

from gateway.access import RULES
from gateway.console.ways import Way
from gateway.staff.roles import Member, Permission

WAYS = (
    Way("health", "Health", "/ops", Permission.METRICS),
    Way("conversations", "Conversations", "/ops/conversations", Permission.TRACES),
    Way("query", "Query", "/ops/query", Permission.TRACES),
    Way("spend", "Spend", "/ops/spend", Permission.METRICS),
)


def ways_of(who: Member) -> list[Way]:
    """The links that this member may follow; no link leads to a room that is not built."""
    return [way for way in WAYS if who.may(way.needs) and f"GET {way.href}" in RULES]
