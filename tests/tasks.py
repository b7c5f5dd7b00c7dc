"""Tasks for tests."""

from typing import Any

from shared.contracts import Recurrence, Task

NOW = 1_800_000_000.0
"""A Friday, 08:00 UTC."""
HOUR = 3600.0
DAY = 24 * HOUR


def task(id: str = "k-1", **values: Any) -> Task:  # noqa: A002  its name in the contract
    """A follow-up that is due in an hour."""
    given: dict[str, Any] = {
        "id": id, "kind": "follow_up", "title": "Ask whether the tent arrived", "due_at": NOW + HOUR,
        "created_by": "staff:m-1", "created_at": NOW,
    }  # fmt: skip
    return Task(**(given | values))


def daily(**values: Any) -> Recurrence:
    """Every day at nine, from the day after NOW."""
    return Recurrence(every="day", starts="2027-01-16T09:00", **values)


NINE = NOW + 25 * HOUR
"""When `daily` is first due, in UTC."""
