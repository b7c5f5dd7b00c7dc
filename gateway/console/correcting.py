"""Staff say what is wrong with the bot's words: a draft they reject, or a reply that the customer got."""

import time
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import CaseId, Speaker
from gateway.console.compose import FAULTS, WRONGS, Box, box_of
from gateway.console.drafts import SUGGESTED, Talk, draft_of, suggested_id, talk_of
from gateway.console.forms import FormOf
from gateway.console.replying import done, refused
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.displays import names_of
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from shared import contracts as c
from shared import telemetry
from shared.errors import DeskError, NotNow
from shared.ports import StoredMessage

router = APIRouter(
    prefix="/console/cases/{case_id}", tags=["console"], include_in_schema=False, route_class=render.PageRoute
)


@router.post("/drafts/{draft_id}/reject")
async def reject(
    request: Request,
    at: DeskOf,
    who: Speaker,
    session: HeldOf,
    case_id: CaseId,
    draft_id: CaseId,
    form: FormOf,
) -> Response:
    """Nobody sends this draft; the reason (`why`, `words`) becomes a case for evals."""
    begun = time.time()
    talk = await talk_of(at, await find_case(at, case_id))
    box = box_of(form, secret=at.composing.secret, case_id=case_id)
    case = talk.case
    try:
        case = await _reject(at, who, talk, draft_id, box, begun)
    except (Problem, DeskError) as error:
        box = replace(box, card=f"reject:{draft_id}")
        return await refused(request, at, who, session, case, box, error)
    # Its text, once it was put into the box, may stay: it is staff's own by then.
    box = replace(
        box,
        card="",
        draft="" if box.draft == draft_id else box.draft,
        told="Rejected, and kept to learn from.",
    )
    return await done(request, at, who, session, case, box)


@router.post("/lines/{turn_id}/wrong")
async def wrong(
    request: Request,
    at: DeskOf,
    who: Speaker,
    session: HeldOf,
    case_id: CaseId,
    turn_id: CaseId,
    form: FormOf,
) -> Response:
    """A reply that the customer got was wrong: `why`, `words`, a `better` one, and whether articles are."""
    begun = time.time()
    talk = await talk_of(at, await find_case(at, case_id))
    box = box_of(form, secret=at.composing.secret, case_id=case_id)
    try:
        await _correct(at, who, talk, turn_id, box, begun)
    except (Problem, DeskError) as error:
        box = replace(box, card=f"wrong:{turn_id}")
        return await refused(request, at, who, session, talk.case, box, error)
    box = replace(box, card="", told="Noted: this reply was wrong.")
    return await done(request, at, who, session, talk.case, box)


async def _reject(at: Desk, who: Member, talk: Talk, draft_id: str, box: Box, begun: float) -> c.Case:
    """`begun` is when the request came: what is erased while it lasts is not written again."""
    case, draft = talk.case, draft_of(talk, draft_id)
    if draft is None:
        raise NotNow("no_draft", "there is no such draft")
    why = _why(box)
    words = await _tokenized(at, who, talk, box.words)
    # What happens to the case first: of two who reject it at once, one is told that it was decided.
    if draft.held:
        reason = WRONGS[why] if why != "other" else words
        case = await at.casework.reject(
            case.id, who, draft_id, reason if not words or why == "other" else f"{reason}: {words}"
        )
    asked = talk.asked(draft_id) if draft.held else None
    await _keep(
        at,
        c.Correction(
            id=f"{case.id}.{draft_id}" if draft.held else suggested_id(case),
            kind="rejected",
            conversation_id=case.conversation_id,
            case_id=case.id,
            turn_id=draft_id if draft_id != SUGGESTED else "",
            at=begun,
            by=who.actor,
            why=why,
            language=case.language,
            question=draft.answers,
            reply=draft.text,
            words=words,
            context=talk.before(asked.at if asked else case.hand_over.opened_at),
            knowledge=_fault(box),
        ),
    )
    await _gap(
        at, case, draft_id if draft.held else f"{case.id}.{SUGGESTED}", draft.answers, _fault(box), (), begun
    )
    return case


async def _correct(at: Desk, who: Member, talk: Talk, turn_id: str, box: Box, begun: float) -> None:
    line = next((each for each in talk.messages if each.who == "bot" and each.turn_id == turn_id), None)
    if line is None:
        raise Problem(
            404, "not-found", "Not found", "There is no such reply of the bot in this conversation."
        )
    asked = _asked(talk, line)
    case, why = talk.case, _why(box)
    words, better = [await _tokenized(at, who, talk, each) for each in (box.words, box.better)]
    await _keep(
        at,
        c.Correction(
            id=f"{turn_id}.{who.id}",
            kind="wrong",
            conversation_id=case.conversation_id,
            case_id=case.id,
            turn_id=turn_id,
            at=begun,
            by=who.actor,
            why=why,
            language=line.result.language if line.result else case.language,
            question=asked.text if asked else "",
            reply=line.text,
            words=words,
            instead=better,
            context=talk.before(asked.at if asked else line.at),
            knowledge=_fault(box),
        ),
    )
    if line.result is not None:
        telemetry.flag_later(
            "marked_wrong", trace=line.result.trace_id, conversation=case.conversation_id, turn=turn_id,
            why=WRONGS[why],
        )  # fmt: skip
    cited = line.result.citations if line.result else ()
    await _gap(at, case, turn_id, asked.text if asked else "", _fault(box), cited, begun)


async def _keep(at: Desk, correction: c.Correction) -> None:
    if at.composing.corrections is None:
        raise Problem(
            404, "not-found", "Not kept", "This gateway was started without a place for corrections."
        )
    await at.composing.corrections.add(correction)


async def _gap(
    at: Desk,
    case: c.Case,
    turn_id: str,
    question: str,
    fault: c.KnowledgeFault,
    cited: tuple[c.Citation, ...],
    begun: float,
) -> None:
    """Whoever looks after the knowledge base finds it among the questions, with what the reply cited."""
    if not fault or not question:
        return
    near = tuple(
        c.NearPassage(id=each.source, title=each.title, section=each.section, score=0.0)
        for each in cited
        if not each.fields  # no document mends what an order or a product of the shop says
    )
    asked = c.Unanswered(question=question, nearest=near)
    await at.store.add_gap(case.conversation_id, turn_id, asked, language=case.language, at=begun)


async def _tokenized(at: Desk, who: Member, talk: Talk, text: str) -> str:
    if not text.strip():
        return ""
    said = await at.intake.said_by_staff(
        talk.labels.read(text),
        conversation_id=talk.case.conversation_id,
        customer=talk.state.customer,
        own=await names_of(at, who),
    )
    return said.text


def _asked(talk: Talk, line: StoredMessage) -> StoredMessage | None:
    """What the reply answers: the line of its turn, or the last one before it."""
    earlier = [each for each in talk.messages if each.who == "customer" and each.at <= line.at]
    return talk.asked(line.turn_id) or (earlier[-1] if earlier else None)


def _why(box: Box) -> c.Wrong:
    """Raises `Problem` when no reason was chosen, or the one that needs words has none."""
    if box.why not in WRONGS:
        raise Problem(422, "invalid-field", "Not yet", f"Choose a reason: {', '.join(WRONGS.values())}.")
    if box.why == "other" and not box.words.strip():
        raise Problem(422, "invalid-field", "Not yet", "Say in a few words what is wrong.")
    return box.why  # type: ignore[return-value]


def _fault(box: Box) -> c.KnowledgeFault:
    return box.fault if box.fault in FAULTS else ""  # type: ignore[return-value]
