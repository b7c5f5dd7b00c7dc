"""What else is open in a conversation: approvals, promises, follow-ups, each with its forms."""

import secrets
import time
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.console import approval_forms, approval_rows, promise_rows, render, task_page
from gateway.console.asking import CaseId, Speaker
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member, Permission
from shared.contracts import Case
from shared.ports import TaskFilter
from shared.recurrence import wall
from shared.routing.queues import house

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)
_MOST = 20
_TOMORROW = 86_400.0


@router.get("/belongs")
async def belongs(at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """The part alone, to bring a page up to date; its forms come back to it."""
    case = await find_case(at, case_id)
    csrf = session.csrf if session else ""
    return render.html("belongs.html", case=case, csrf=csrf, belongs=await belonging(at, who, case))


async def belonging(at: Desk, who: Member, case: Case) -> dict[str, Any]:
    """What belongs.html shows as `belongs`. Approvals that were decided stay, with what became of them."""
    now, talk = time.time(), case.conversation_id
    rows = await _asked(at, talk)
    return {
        "open": [row for row in rows if row.waits],
        "decided": [row for row in rows if row.outcome],
        "may_decide": who.may(Permission.APPROVALS),
        "reasons": approval_forms.REASONS,
        "promises": await promise_rows.open_promises(at, talk, now=now),
        "tasks": await _tasks(at, talk, now),
        "tasks_kept": at.tasks is not None,
        "key": secrets.token_hex(16),
        "due": wall(now + _TOMORROW, house().zone),
        "zone": house().calendar.zone,
    }


async def _asked(at: Desk, conversation_id: str) -> list[approval_rows.Row]:
    if at.approving is None:
        return []
    found = await at.approving.approvals.of(conversation_id)
    return [approval_rows.row_of(each, at.approving.now()) for each in found[-_MOST:]]


async def _tasks(at: Desk, conversation_id: str, now: float) -> list[task_page.Row]:
    if at.tasks is None:
        return []
    found = await at.tasks.page(TaskFilter(conversation_id=conversation_id), limit=_MOST)
    members = await task_page.members_of(at) if found else {}
    return [task_page.row_of(each, members, now) for each in found]
