"""Answers what the shop asks for customers' privacy: one click exports, one word typed erases."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from msgspec import structs
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.customers import HEADERS, KeeperOf, RightsOf, file_of, keeper
from gateway.console.forms import FormOf, described
from gateway.context import Desk, DeskOf
from gateway.delivery import Delivery
from gateway.problems import Problem
from gateway.rights.context import Rights, task_owner
from gateway.rights.erasing import erase
from shared.contracts import PRIVACY, TASK_CHANGED, Task, TaskChanged
from shared.errors import DeskError
from shared.ports import Tasks

router = APIRouter(
    prefix="/console/customers/requests",
    tags=["console"],
    dependencies=[Depends(keeper)],
    route_class=render.PageRoute,
)
_CONFIRM = "erase"


@router.post("/{task_id}", openapi_extra=described("do", optional=("format", "confirm")))
async def answer(
    task_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")],
    form: FormOf, who: KeeperOf, rights: RightsOf, at: DeskOf,
) -> Response:  # fmt: skip
    """`do` is export (a file, `format` html or json), erase (`confirm` is "erase"), or done."""
    task = await at.tasks.get(task_id) if at.tasks is not None else None
    if at.tasks is None or task is None or task.kind not in PRIVACY or not task.is_open:
        raise Problem(404, "not-found", "Not found", "There is no such open request; load the page anew.")
    deed = form.get("do", "")
    if deed == "export" and task.kind != "privacy_shop":
        customer = await _customer(rights, task, purpose="export")
        return await file_of(rights, customer, form.get("format", ""), who=who, purpose="legal duty")
    if deed == "erase" and task.kind == "privacy_erase":
        if form.get("confirm", "").strip().casefold() != _CONFIRM:
            detail = f'confirm: type "{_CONFIRM}"; nothing was erased'
            raise Problem(422, "invalid-field", "Invalid request", detail)
        customer = await _customer(rights, task, purpose="erasure")
        at.intake.forget(customer)
        try:
            _, path = await erase(rights, customer, actor=who.member.actor, purpose="legal duty")
        except DeskError as error:
            detail = (
                f"Not finished, and there is no receipt yet: {error}. Erase again to go on where it stopped."
            )
            raise Problem(503, "unavailable", "Not finished", detail) from error
        await _done(at, at.tasks, task, who.member.actor)
        return RedirectResponse(f"/console/customers/receipts/{path.name}", 303, headers=HEADERS)
    if deed == "done":
        await _done(at, at.tasks, task, who.member.actor)
        return RedirectResponse("/console/customers", 303, headers=HEADERS)
    detail = f"do: {deed[:20]!r} is not export, erase or done, or does not fit this request"
    raise Problem(422, "invalid-field", "Invalid request", detail)


async def _customer(rights: Rights, task: Task, *, purpose: str) -> str:
    """Whom it is about. Raises `Problem` when their keys are gone: there is nothing left of them here."""
    about = task.conversation_id or task_owner(task.series or task.id)
    door = Delivery(vault=rights.vault, purpose=purpose)
    found: str = (await door.opened({"customer": task.customer}, about))["customer"]
    if not found or found == task.customer:
        detail = "This customer is erased already: nothing is kept of them. Mark the request as done."
        raise Problem(409, "erased", "Erased already", detail)
    return found


async def _done(at: Desk, tasks: Tasks, task: Task, actor: str) -> None:
    await at.entries.did(actor, "task_changed", f"{task.id} done")
    now = time.time()
    for each in await tasks.change(structs.replace(task, status="done", customer=""), at=now):
        event = TaskChanged.of(each, at=now)
        await at.bus.publish(TASK_CHANGED, event, key=event.key)
    if at.rights is not None and not task.conversation_id:
        await at.rights.vault.forget(task_owner(task.series or task.id))
