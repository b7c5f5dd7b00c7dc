"""What staff do to a case from the console: a form each, answered by the case after it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker, wrong
from gateway.console.forms import FormOf
from gateway.console.page import case_parts
from gateway.console.thread import find_case
from gateway.console.views import language_of
from gateway.context import Desk, DeskOf
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.contracts import Case
from shared.routing.outcomes import OTHER, outcomes

router = APIRouter(
    prefix="/console/cases/{case_id}",
    tags=["console"],
    include_in_schema=False,
    route_class=render.PageRoute,
)


@router.post("/claim")
async def claim(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """It is theirs; only they speak from here on."""
    case = await at.casework.claim(case_id, who)
    return await done(request, at, who, session, case)


@router.post("/release")
async def release(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """It waits again. Leads may release what another has."""
    case = await find_case(at, case_id)
    theirs = case.owner not in {"", who.actor}
    by_lead = theirs and who.role in {"lead", "admin"}
    case = await at.casework.release(case_id, who, "lead" if by_lead else "gave_back")
    return await done(request, at, who, session, case)


@router.post("/give-back")
async def give_back(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """The bot has it again."""
    return await done(request, at, who, session, await at.casework.give_back(case_id, who))


@router.post("/close")
async def close(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf
) -> Response:
    """It is settled; `outcome` (a key of `outcomes.toml`) and `resolution`, in words, are for staff."""
    outcome = outcome_of(form, words="resolution")
    case = await find_case(at, case_id)
    resolution = await _written(at, case, form.get("resolution", ""))
    case = await at.casework.close(case_id, who, resolution, outcome=outcome)
    return await done(request, at, who, session, case)


@router.post("/reopen")
async def reopen(request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId) -> Response:
    """Closing it was a mistake: they have it, and the customer reads that they are there."""
    return await done(request, at, who, session, await at.casework.reopen(case_id, who))


def outcome_of(form: dict[str, str], *, words: str) -> str:
    """How it ended, as a form says it; empty for scripts, whose forms have no such field.

    Raises:
        Problem: 422 for none of ours, and for the one that says nothing without the field `words`.
    """
    outcome = form.get("outcome")
    if outcome is None:
        return ""
    if outcome not in outcomes():
        raise wrong("outcome", f"{outcome[:20]!r} is not one of {', '.join(outcomes())}; choose how it ended")
    if outcome == OTHER and not form.get(words, "").strip():
        raise wrong(words, "is empty; say in a few words how it ended")
    return outcome


async def done(request: Request, at: Desk, who: Member, session: Held | None, case: Case) -> Response:
    """The case after an act: the page again, or its thread and reply box for the page that is there."""
    if not render.by_htmx(request):
        return RedirectResponse(f"/console/cases/{case.id}#newest", 303)
    return render.html(
        "acted.html", **await case_parts(at, who, session, case, language=language_of(request))
    )


async def _written(at: Desk, case: Case, text: str) -> str:
    """What staff wrote, tokenized; it may be nothing. Raises `Problem` 422 when it is too long."""
    return await at.intake.note(text, about=case.conversation_id, field="resolution") if text.strip() else ""
