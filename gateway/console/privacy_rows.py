"""Lists what the shop asks for customers' privacy, with the day by which it must be done."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.context import Desk
from shared.contracts import PRIVACY, Task
from shared.ports import TaskFilter

_MOST = 50
"""Of each kind; more wait until these are done."""


@dataclass(frozen=True)
class Request:
    """A task as the page shows it."""

    task: Task
    due: str
    late: bool


async def requests_of(at: Desk) -> Sequence[Request]:
    """What is open, the earliest due first; nothing without follow-ups. Raises a `DeskError`."""
    if at.tasks is None:
        return ()
    now = time.time()
    found = [each for kind in PRIVACY for each in await at.tasks.page(TaskFilter(kind=kind), limit=_MOST)]
    found.sort(key=lambda each: each.due_at)
    return [
        Request(each, datetime.fromtimestamp(each.due_at, UTC).strftime("%d %b %Y"), each.due_at < now)
        for each in found
    ]
