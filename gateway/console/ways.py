"""Where the console leads: one list of its pages, the same on each, of what the member may open."""

from dataclasses import dataclass

from gateway.staff.roles import Member, Permission


@dataclass(frozen=True)
class Way:
    """A link in the bar; `name` is what a page calls itself."""

    name: str
    title: str
    href: str
    needs: Permission


WAYS = (
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
    Way("ops", "Operations", "/ops", Permission.METRICS),
)


def ways_of(who: Member) -> list[Way]:
    """The links that this member may follow."""
    return [way for way in WAYS if who.may(way.needs)]
