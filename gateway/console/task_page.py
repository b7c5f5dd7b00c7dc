"""Shows follow-ups as a page: times on the wall clock, personal values hidden."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.console import task_forms as forms
from gateway.console.due import Due
from gateway.context import Desk
from gateway.rights.page import templates
from gateway.staff.roles import Member, Permission
from gateway.ways import console_ways
from shared.contracts import ADMINS, BOT, QUEUE, REMINDERS, Recurrence, Task
from shared.personal_data import swap_out, tokens_in
from shared.recurrence import wall
from shared.routing.queues import house

HIDDEN = "[hidden]"
"""Stands for a personal value: the list opens none, the conversation does, for a purpose."""
_LEAST_SPANS = ((86_400.0, "day"), (3600.0, "hour"), (60.0, "minute"))


@dataclass(frozen=True)
class Shown:
    """What the page shows; `form` is what was typed when it could not be taken, `about` in which task."""

    view: str
    tasks: Sequence[Task]
    next: str | None
    wrong: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True)
class Row:
    """One task as the page shows it."""

    task: Task
    title: str
    note: str
    late: str
    again: str
    who: str


def page_of(
    shown: Shown,
    *,
    member: Member,
    members: Mapping[str, str],
    counts: Mapping[str, int],
    due: Due,
    csrf: str,
    now: float,
) -> bytes:
    """The page, in UTF-8. `members` are names by id, `counts` how many each view has, `due` the bar."""
    body = (
        templates()
        .get_template("tasks.html")
        .render(
            shown=shown,
            rows=[row_of(each, members, now) for each in shown.tasks],
            members=members,
            counts=counts,
            csrf=csrf,
            who=member,
            ways=console_ways(member),
            due=due,
            me=member.id,
            kinds=forms.KINDS,
            snoozes=list(forms.SNOOZES),
            reminders=[(each, span(each)) for each in REMINDERS],
            zone=house().calendar.zone,
            key=secrets.token_hex(16),
            default_due=wall(now + 3600, house().zone),
            form={} if shown.about else shown.form,
        )
    )
    return body.encode("utf-8", "replace")


async def members_of(at: Desk) -> dict[str, str]:
    """Names of those who may be given a task, by id."""
    listed = await at.staff.members.listed()
    return {each.id: each.name for each, _ in listed if each.may(Permission.CONVERSATIONS)}


def span(seconds: float) -> str:
    """About how long, in the largest unit that fits: `2 days`, `1 hour`."""
    for size, name in _LEAST_SPANS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'s' if number > 1 else ''}"
    return "less than a minute"


def row_of(task: Task, members: Mapping[str, str], now: float) -> Row:
    """The row of a task at `now`, seconds since 1970; `members` are names by id."""
    return Row(
        task=task,
        title=_title(task),
        note=hidden(task.note),
        late=span(now - task.due_at) if task.is_open and task.due_at < now else "",
        again=_again(task.recurrence),
        who=_who(task.assignee, members),
    )


def _title(task: Task) -> str:
    """What is to be done; where it says only whom to call, what it is stands before."""
    title = hidden(task.title)
    said = any(map(str.isalnum, title.replace(HIDDEN, "")))
    return title if said else f"{task.kind.replace('_', ' ').capitalize()}: {title}"


def hidden(text: str) -> str:
    """The text with a mark in place of each personal value."""
    return swap_out(text, dict.fromkeys(tokens_in(text), HIDDEN))


def _who(assignee: str, members: Mapping[str, str]) -> str:
    if assignee == BOT:
        return "the bot"
    if assignee == ADMINS:
        return "an admin"
    if assignee.startswith(QUEUE):
        return f"whoever is free in {assignee.removeprefix(QUEUE)}"
    return members.get(assignee, "somebody who is no longer here")


def _again(rule: Recurrence | None) -> str:
    if rule is None:
        return ""
    return f"every {rule.every}" if rule.interval == 1 else f"every {rule.interval} {rule.every}s"
