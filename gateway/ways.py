"""Where the pages of staff lead: a list for each room, the same on every page, of what a member may open."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from gateway.access import RULES
from gateway.staff.roles import Member, Permission


@dataclass(frozen=True)
class Way:
    """A link in the bar; `name` is what a page calls itself."""

    name: str
    title: str
    href: str
    needs: Permission


CONSOLE = (
    Way("queue", "Queue", "/console", Permission.QUEUE),
    Way("search", "Search", "/console/search", Permission.CONVERSATIONS),
    Way("bulk", "Several at once", "/console/bulk", Permission.BULK),
    Way("approvals", "Approvals", "/console/approvals", Permission.APPROVALS),
    Way("tasks", "Follow-ups", "/console/tasks", Permission.CONVERSATIONS),
    Way("promises", "Promises", "/console/promises", Permission.CONVERSATIONS),
    Way("knowledge", "Knowledge", "/console/knowledge", Permission.GAPS),
    Way("gaps", "Gaps", "/console/gaps", Permission.GAPS),
    Way("wall", "Wall", "/console/wall", Permission.BULK),
    Way("customers", "Customers’ data", "/console/customers", Permission.RIGHTS),
    Way("receipts", "Receipts", "/console/customers/receipts", Permission.RIGHTS),
)
OPERATIONS = (
    Way("health", "Health", "/ops", Permission.METRICS),
    Way("conversations", "Conversations", "/ops/conversations", Permission.TRACES),
    Way("query", "Query", "/ops/query", Permission.TRACES),
    Way("spend", "Spend", "/ops/spend", Permission.METRICS),
)


def console_ways(who: Member) -> list[Way]:
    """The bar of the console; at its end the way to operations, for who may open any of it."""
    return [*_open(CONSOLE, who), *_door("Operations", OPERATIONS, who)]


def ops_ways(who: Member) -> list[Way]:
    """The bar of operations, with the way to the console."""
    return [*_open(OPERATIONS, who), *_door("Console", CONSOLE, who)]


def rooms(who: Member) -> list[Way]:
    """The rooms that this member may enter, each by the first of its pages that is theirs to open."""
    return [*_door("Console", CONSOLE, who), *_door("Operations", OPERATIONS, who)]


def rooms_of(request: Request) -> list[Way]:
    """Where a page leads that refuses what this request asks for; nowhere for who is not signed in."""
    member = getattr(request.state, "member", None)
    return rooms(member) if member is not None else []


def _open(ways: Sequence[Way], who: Member) -> list[Way]:
    """No link leads to a room that is not built."""
    return [way for way in ways if who.may(way.needs) and f"GET {way.href}" in RULES]


def _door(title: str, ways: Sequence[Way], who: Member) -> list[Way]:
    return [Way(title.lower(), title, way.href, way.needs) for way in _open(ways, who)[:1]]
