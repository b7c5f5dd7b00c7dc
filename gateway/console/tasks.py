"""Follow-ups in the console: what is due, and doing it, putting it off, giving it away."""

import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from msgspec import structs
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console import task_forms as forms
from gateway.console.asking import back_to_case
from gateway.console.cursors import Cursors
from gateway.console.due import due_of
from gateway.console.forms import FormOf, described
from gateway.console.task_page import Shown, members_of, page_of
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.rights.context import task_owner
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.contracts import PRIVACY, REMINDERS, TASK_CHANGED, Task, TaskChanged
from shared.ports import TaskFilter, TaskPlace, Tasks

_STAFF = Depends(requires(Permission.CONVERSATIONS))
StaffOf = Annotated[Member, _STAFF]
router = APIRouter(
    prefix="/console/tasks", tags=["console"], dependencies=[_STAFF], route_class=render.PageRoute
)
_ID = r"^[A-Za-z0-9_-]{1,80}$"
_OPTIONAL = (
    "kind", "zone", "assignee", "repeat", "interval", "until", "count", "remind_minutes", "conversation_id",
    "note", "key", "case", *(f"remind_{each}" for each in REMINDERS),
)  # fmt: skip
_CHANGES = ("note", "for", "due", "zone", "assignee", "case")
_HEADERS = {"Cache-Control": "no-store"}
_CURSORS = Cursors(tuple[float, Annotated[str, msgspec.Meta(pattern=_ID)]])
View = Literal["open", "overdue", "mine", "done"]


class TaskQuery(BaseModel):
    """Which tasks; `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    view: View = "open"
    cursor: Annotated[str, Field(max_length=300)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


@dataclass(frozen=True)
class Room:
    """What the routes need: the tasks, the desk, and who asks."""

    tasks: Tasks
    desk: Desk
    member: Member
    csrf: str
    now: float

    async def members(self) -> dict[str, str]:
        """Names of those who may be given a task, by id."""
        return await members_of(self.desk)

    async def tell(self, *changed: Task) -> None:
        """Everybody else's page and the scheduler hear of it."""
        for each in changed:
            event = TaskChanged.of(each, at=self.now)
            await self.desk.bus.publish(TASK_CHANGED, event, key=event.key)


async def _room(at: DeskOf, member: StaffOf, session: HeldOf) -> Room:
    if at.tasks is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without follow-ups.")
    return Room(at.tasks, at, member, session.csrf if session else "", time.time())


RoomOf = Annotated[Room, Depends(_room)]


@router.get("")
async def listed(request: Request, room: RoomOf, query: Annotated[TaskQuery, Query()]) -> Response:
    """A page of tasks, the earliest due first: JSON, or a page for whoever asks for HTML."""
    which = _filter(query.view, room)
    after = _place(query.cursor) if query.cursor else None
    # One more than the page shows whether there is another.
    found = await room.tasks.page(which, after=after, limit=query.limit + 1)
    page = found[: query.limit]
    cursor = _cursor(page[-1]) if len(found) > query.limit else None
    if _wants_page(request):
        return await _page(room, Shown(view=query.view, tasks=page, next=cursor))
    return _json({"tasks": page, "next": cursor, "counts": await _counts(room)})


@router.post("", openapi_extra=described("title", "due", optional=_OPTIONAL))
async def create(request: Request, form: FormOf, room: RoomOf) -> Response:
    """A new task; the same `key` makes it once. Leads back to the list, or gives the task to scripts."""
    try:
        task = await _new(form, room)
    except Problem as problem:
        if render.by_htmx(request) or not _wants_page(request):
            raise
        return await _again(room, problem, form)
    await room.desk.entries.did(room.member.actor, "task_changed", f"{task.id} new")
    kept = await room.tasks.add(task)
    await room.tell(kept)
    if render.wants_html(request):
        return RedirectResponse(back_to_case(request, form) or "/console/tasks", 303, headers=_HEADERS)
    return _json(kept, 201)


@router.post("/{task_id}", openapi_extra=described("do", "version", optional=_CHANGES))
async def change(
    task_id: Annotated[str, Path(pattern=_ID)], request: Request, form: FormOf, room: RoomOf
) -> Response:
    """`do` is done, snooze, reassign, cancel, open or note; `version` is that of the task as it was shown."""
    try:
        changed = await _change(task_id, form, room)
    except Problem as problem:
        if render.by_htmx(request) or not _wants_page(request) or problem.status == 404:
            raise
        return await _again(room, problem, form, about=task_id)
    await room.tell(*changed)
    if render.wants_html(request):
        return RedirectResponse(back_to_case(request, form) or "/console/tasks", 303, headers=_HEADERS)
    return _json(changed[0])


async def _new(form: dict[str, str], room: Room) -> Task:
    when = forms.read_when(form, now=room.now)
    kind = forms.read_kind(form)
    assignee = forms.read_assignee(form, me=room.member.id, members=await room.members())
    task_id = form.get("key", "") or secrets.token_hex(16)
    if not task_id.isalnum() or not task_id.isascii() or len(task_id) > 64:
        raise forms.wrong("key", task_id, "is not 1 to 64 letters and digits; load the page anew")
    talk = form.get("conversation_id", "").strip()
    state = await room.desk.store.load(talk) if talk else None
    if talk and state is None:
        raise forms.wrong("conversation_id", talk, "is no conversation; leave it empty, or copy its id")
    about = talk or task_owner(task_id)
    return Task(
        id=task_id,
        kind=kind,
        title=await _text(room, form, "title", about, forms.LONGEST_TITLE),
        note=await _note(room, form, about),
        due_at=when.due_at,
        zone=when.zone,
        recurrence=when.recurrence,
        reminders=when.reminders,
        assignee=assignee,
        conversation_id=talk,
        customer=state.customer if state else "",
        created_by=room.member.actor,
        created_at=room.now,
    )


async def _change(task_id: str, form: dict[str, str], room: Room) -> list[Task]:
    task = await room.tasks.get(task_id)
    if task is None:
        detail = f"There is no task {task_id!r}; GET /console/tasks lists them."
        raise Problem(404, "not-found", "Not found", detail)
    if task.kind in PRIVACY and not room.member.may(Permission.RIGHTS):
        detail = "This is an admin's to settle: a customer's data is to be exported or erased."
        raise Problem(403, "forbidden", "Not allowed", detail)
    if form.get("version", "") != str(task.version):
        raise _changed_meanwhile(task)
    wanted = await _wanted(task, form, room)
    if note := await _note(room, form, task.conversation_id or task_owner(task.series)):
        wanted = structs.replace(wanted, note=note)
    await room.desk.entries.did(room.member.actor, "task_changed", f"{task_id} {form['do']}")
    changed = await room.tasks.change(wanted, at=room.now)
    if not changed:
        raise _changed_meanwhile(await room.tasks.get(task_id) or task)
    return list(changed)


async def _wanted(task: Task, form: dict[str, str], room: Room) -> Task:
    """The task as the form would have it."""
    deed = form.get("do", "")
    if deed == "open":
        return structs.replace(task, status="open")
    if deed == "note":
        return task
    if deed not in ("done", "snooze", "reassign", "cancel"):
        raise forms.wrong("do", deed, "is not one of done, snooze, reassign, cancel, open, note")
    if deed == "done" and task.status == "missed":
        return structs.replace(task, status="done")
    if not task.is_open:
        detail = f"This task is {task.status} and cannot be changed; open it again first."
        raise Problem(409, "not-open", "No longer open", detail)
    if deed == "snooze":
        due_at = forms.read_snooze(form, forms.read_zone({"zone": task.zone} | form), now=room.now)
        return structs.replace(task, due_at=due_at)
    if deed == "reassign":
        members = await room.members()
        return structs.replace(task, assignee=forms.read_assignee(form, me=room.member.id, members=members))
    return structs.replace(task, status="done" if deed == "done" else "cancelled")


async def _text(room: Room, form: dict[str, str], field: str, about: str, longest: int) -> str:
    """What staff wrote in this field, tokenized."""
    given = form.get(field, "")
    if len(given) > longest:
        raise Problem(
            422, "invalid-field", "Invalid request",
            f"{field}: has {len(given)} characters; the longest is {longest}, please shorten it",
        )  # fmt: skip
    return await room.desk.intake.note(given, about=about, field=field)


async def _note(room: Room, form: dict[str, str], about: str) -> str:
    return await _text(room, form, "note", about, forms.LONGEST_NOTE) if form.get("note", "").strip() else ""


def _changed_meanwhile(task: Task) -> Problem:
    detail = (
        f"Somebody changed this task meanwhile (version {task.version}, {task.status}): look at it and "
        "try again. Nothing was changed."
    )
    return Problem(409, "changed-meanwhile", "Changed meanwhile", detail)


def _filter(view: View, room: Room) -> TaskFilter:
    if view == "overdue":
        return TaskFilter(due_before=room.now)
    if view == "mine":
        return TaskFilter(assignees=(room.member.id,))
    return TaskFilter(status="done" if view == "done" else "open")


async def _counts(room: Room) -> dict[str, int]:
    views: tuple[View, ...] = ("open", "overdue", "mine")
    return {view: await room.tasks.count(_filter(view, room)) for view in views}


async def _again(room: Room, problem: Problem, form: dict[str, str], about: str = "") -> Response:
    """The list with what was wrong; nothing that was typed is lost."""
    tasks = await room.tasks.page(limit=50)
    shown = Shown(view="open", tasks=tasks, next=None, wrong=str(problem), form=form, about=about)
    return await _page(room, shown, problem.status)


async def _page(room: Room, shown: Shown, status: int = 200) -> Response:
    body = page_of(
        shown,
        member=room.member,
        members=await room.members(),
        counts=await _counts(room),
        due=await due_of(room.desk, room.member),
        csrf=room.csrf,
        now=room.now,
    )
    return Response(body, status, headers=_HEADERS, media_type="text/html")


def _wants_page(request: Request) -> bool:
    """A browser's forms ask for HTML; a script that says nothing gets JSON."""
    return "text/html" in request.headers.get("accept", "")


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, headers=_HEADERS, media_type="application/json")


def _cursor(last: Task) -> str:
    return _CURSORS.of((last.due_at, last.id))


def _place(cursor: str) -> TaskPlace:
    due_at, task_id = _CURSORS.read(cursor)
    return TaskPlace(due_at=due_at, id=task_id)
