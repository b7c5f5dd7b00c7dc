"""How staff's words reach the customer: looked at once more, warned about, and sent once."""

import logging
import re
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.casework import new_turn
from gateway.checks import Warned, Written
from gateway.console import render
from gateway.console.asking import CaseId, Speaker
from gateway.console.compose import Box, box_of, composer, mark_of
from gateway.console.drafts import SUGGESTED, Draft, Talk, draft_of, talk_of
from gateway.console.forms import FormOf
from gateway.console.macros import blanks_in
from gateway.console.page import case_parts, whole_page
from gateway.console.thread import find_case
from gateway.console.views import language_of
from gateway.context import Desk, DeskOf
from gateway.intake import StaffText
from gateway.problems import Problem
from gateway.staff.displays import names_of
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.contracts import Case
from shared.errors import DeskError, NotNow

_LOG = logging.getLogger("answerdesk.gateway")
router = APIRouter(
    prefix="/console/cases/{case_id}", tags=["console"], include_in_schema=False, route_class=render.PageRoute
)
_TURN = re.compile(r"s-[0-9a-f]{32}")
_SHOWN = 160


@router.post("/say")
async def say(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf
) -> Response:
    """To the customer: what stands in the box, be it from a draft or not."""
    case = await find_case(at, case_id)
    box = box_of(form, secret=at.composing.secret, case_id=case_id)
    return await _sent(request, at, who, session, await talk_of(at, case), box)


@router.post("/drafts/{draft_id}/approve")
async def approve(
    request: Request,
    at: DeskOf,
    who: Speaker,
    session: HeldOf,
    case_id: CaseId,
    draft_id: CaseId,
    form: FormOf,
) -> Response:
    """A draft as it is. What the customer wrote since is shown first."""
    talk = await talk_of(at, await find_case(at, case_id))
    draft = draft_of(talk, draft_id)
    if draft is None:
        raise NotNow("no_draft", "there is no such draft")
    box = box_of(form, secret=at.composing.secret, case_id=case_id)
    if box.text.strip() and box.draft != draft.id:
        error = "You have begun to write: send or empty that first, or put the draft into the box."
        return await shown(request, at, who, session, talk.case, replace(box, error=error), status=409)
    box = replace(box, text=talk.labels.shown(draft.text), draft=draft.id, sources=())
    return await _sent(request, at, who, session, talk, box)


@router.post("/note")
async def note(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf
) -> Response:
    """For staff only. What is being written to the customer comes along, and stays in its box."""
    talk = await talk_of(at, await find_case(at, case_id))
    field = "note" if "note" in form else "text"  # scripts send a text
    if not form.get(field, "").strip():
        raise Problem(422, "invalid-field", "Nothing written", f"{field}: is empty; write something")
    said = await at.intake.said_by_staff(
        talk.labels.read(form[field]),
        conversation_id=talk.case.conversation_id,
        customer=talk.state.customer,
    )
    case = await at.casework.note(case_id, who, said.text)
    reply = form | {"text": form.get("text", "") if field == "note" else ""}
    box = box_of(reply, secret=at.composing.secret, case_id=case_id)
    return await done(request, at, who, session, case, box)


async def shown(
    request: Request, at: Desk, who: Member, session: Held | None, case: Case, box: Box, *, status: int = 200
) -> Response:
    """The reply box with what was being written, in the page or in its place there."""
    parts = await composer(at, who, case, box)
    csrf = session.csrf if session else ""
    if render.by_htmx(request):
        there = {"HX-Retarget": "#composer", "HX-Reswap": "innerHTML"}
        return render.html(
            "composer.html", status=status, headers=there, csrf=csrf, case=case, composer=parts,
            kinds=parts["kinds"],
        )  # fmt: skip
    page = await whole_page(request, at, who, session, case, composer=parts)
    page.status_code = status
    return page


async def refused(
    request: Request,
    at: Desk,
    who: Member,
    session: Held | None,
    case: Case,
    box: Box,
    error: Problem | DeskError,
) -> Response:
    """The box with why it was not done; scripts get the problem itself."""
    problem = render.problem_of(error)
    if not render.wants_html(request):
        raise problem
    box = replace(box, error=str(problem.body["detail"]))
    return await shown(request, at, who, session, case, box, status=problem.status)


async def done(
    request: Request, at: Desk, who: Member, session: Held | None, case: Case, box: Box
) -> Response:
    """After an act: the thread as it is now, and the box, with what is still being written in it."""
    if render.by_htmx(request):
        parts = await case_parts(at, who, session, case, language=language_of(request))
        return render.html("acted.html", **parts | {"composer": await composer(at, who, case, box)})
    if not box.text and not box.told:
        return RedirectResponse(f"/console/cases/{case.id}", 303)
    return await shown(request, at, who, session, case, box)


async def _sent(
    request: Request, at: Desk, who: Member, session: Held | None, talk: Talk, box: Box
) -> Response:
    """Send it, or show the box again and say why not."""
    case = talk.case
    try:
        done_case = await _send(at, who, talk, box)
    except _Warn as warn:
        box = replace(box, asked=warn.mark, warnings=warn.warnings)
        return await shown(request, at, who, session, case, box, status=409)
    except NotNow:
        raise  # somebody else has it, or it is over: there is no box to go on in
    except (Problem, DeskError) as error:
        return await refused(request, at, who, session, case, box, error)
    return await done(request, at, who, session, done_case, Box())


class _Warn(Exception):
    """It can be sent, but not without having been asked once more."""

    def __init__(self, mark: str, warnings: tuple[tuple[str, str], ...]) -> None:
        super().__init__(mark)
        self.mark = mark
        self.warnings = warnings


async def _send(at: Desk, who: Member, talk: Talk, box: Box) -> Case:
    """Raises `_Warn`, `Problem` and `DeskError`; then nothing was sent."""
    case = talk.case
    draft = draft_of(talk, box.draft) if box.draft else None
    turn_id = box.turn_id if _TURN.fullmatch(box.turn_id) else new_turn()
    text = await _text(at, who, talk, box)
    unchanged = draft is not None and text.text == draft.text.strip()
    if case.open and case.owner == who.actor:
        await _look(at, talk, box, draft, text, critic=not unchanged)
    held = draft.id if draft is not None and draft.id != SUGGESTED else ""
    case = await at.casework.say(
        case.id, who, text.text, turn_id=turn_id, draft=held, edited=not unchanged, sources=box.sources
    )
    if at.composing.corrections is not None:
        await at.composing.corrections.said_instead(case.id, text.text)
    return case


async def _text(at: Desk, who: Member, talk: Talk, box: Box) -> StaffText:
    """What will be sent, tokenized. Raises `Problem` for what can not be."""
    blanks = blanks_in(box.text)
    if blanks:
        detail = f"Fill in {', '.join(blanks)} first, or take it out: the customer would read it as it is."
        raise Problem(422, "unfilled", "Not sent yet", detail)
    unknown = talk.labels.unknown(box.text)
    if unknown:
        detail = (
            f"{', '.join(unknown)} stands for nothing in this conversation: write the value, or take it out."
        )
        raise Problem(422, "unknown-label", "Not sent yet", detail)
    return await at.intake.said_by_staff(
        talk.labels.read(box.text),
        conversation_id=talk.case.conversation_id,
        customer=talk.state.customer,
        own=await names_of(at, who),
    )


async def _look(
    at: Desk, talk: Talk, box: Box, draft: Draft | None, text: StaffText, *, critic: bool
) -> None:
    """Raises `_Warn` when there is something to see that was not seen yet. `critic`: staff's own words."""
    newest = talk.newest
    mark = mark_of(text.text, newest.turn_id if newest else "")
    if box.asked == mark:
        return
    warnings = [("The customer wrote since:", line) for line in _newer(talk, box, draft)]
    if critic:
        found = await _warned(at, talk, box, text)
        warnings += [(each.says, each.span) for each in found]
    if warnings:
        short = tuple((says, span[:_SHOWN]) for says, span in dict.fromkeys(warnings))
        raise _Warn(mark, short)


def _newer(talk: Talk, box: Box, draft: Draft | None) -> tuple[str, ...]:
    """What the customer wrote after what this answers: the draft's line, or what the page showed."""
    if draft is not None:
        return draft.newer[-3:]
    seen = talk.asked(box.seen) if box.seen else None
    return tuple(line.text for line in talk.since(seen.at))[-3:] if seen else ()


async def _warned(at: Desk, talk: Talk, box: Box, text: StaffText) -> list[Warned]:
    packet, newest = talk.case.hand_over.packet, talk.newest
    there = talk.labels.tokens
    own = tuple(token for token, _ in text.values)
    written = Written(
        text=text.text,
        conversation_id=talk.case.conversation_id,
        turn_id="staff",
        language=talk.case.language,
        asked=newest.text if newest else "",
        facts=packet.facts,
        sources=box.sources,
        receipts=tuple(receipt for line in talk.messages if line.result for receipt in line.result.actions),
        values=(*there, *own),
        strange=text.strange(there),
    )
    found: list[Warned] = []
    for check in at.composing.checkers:
        try:
            found += await check(written)
        except Exception as error:  # noqa: BLE001
            # A warning is a help: its fault must not keep a person from answering. Its text may quote them.
            _LOG.error("a check of what staff write broke: %s", type(error).__name__)
    return found
