"""Fills the reply box without sending anything: drafts to edit, macros, passages with their source."""

import hashlib
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console import render, sealing
from gateway.console.asking import CaseId, Speaker
from gateway.console.compose import Box, box_of, filled
from gateway.console.drafts import Talk, draft_of, talk_of
from gateway.console.forms import FormOf
from gateway.console.replying import refused, shown
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from shared.contracts import RETRIEVE, Citation, Language, Passage, RetrievePassages
from shared.errors import AskFailed, BusDown, DeskError

router = APIRouter(
    prefix="/console/cases/{case_id}", tags=["console"], include_in_schema=False, route_class=render.PageRoute
)
_SEARCH_SECONDS = 5.0
_MOST_FOUND = 6
_LONGEST_QUOTE = 700
_QUOTES: dict[Language, str] = {"en": "“{}”", "fr": "« {} »", "es": "«{}»"}


@router.post("/compose")
async def compose(
    request: Request, at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf
) -> Response:
    """One step of writing, which `do` names.

    It is `edit:<draft>`, `macro:<key>`, `insert:<passage>`, `drop:<n>` (a source), `reject:<draft>` and
    `wrong:<turn>` (ask for the reason), `cancel` (do not), `keep`, or `find` (what the search fields say).
    """
    case = await find_case(at, case_id)
    talk = await talk_of(at, case)
    box = box_of(form, secret=at.composing.secret, case_id=case_id)
    try:
        box = await _step(at, who, talk, box, form.get("do", "find")[:300])
    except (Problem, DeskError) as error:
        return await refused(request, at, who, session, case, box, error)
    return await shown(request, at, who, session, case, box)


async def _step(at: Desk, who: Member, talk: Talk, box: Box, do: str) -> Box:  # noqa: PLR0911  one for each
    what, _, which = do.partition(":")
    match what:
        case "edit":
            return _edit(talk, box, which)
        case "macro":
            text = filled(at, who, talk, which)
            if text is None:
                raise _gone("There is no such macro any more; search again.")
            return replace(box.put(text), macros="", tool="")
        case "insert":
            return await _insert(at, talk, box, which)
        case "drop":
            kept = tuple(each for n, each in enumerate(box.sources) if str(n) != which)
            return replace(box, sources=kept)
        case "reject" | "wrong":
            return replace(box, card=do[:120], why="", words="", better="", fault="")
        case "keep":
            return box
        case "cancel":
            return replace(box, card="")
        case _:
            return await _find(at, talk, box)


def _edit(talk: Talk, box: Box, draft_id: str) -> Box:
    draft = draft_of(talk, draft_id)
    if draft is None:
        raise _gone("There is no such draft.")
    text = talk.labels.shown(draft.text)
    if box.text.strip():
        return replace(box.put(text), draft=draft.id)  # nothing that somebody wrote is thrown away
    return replace(box, text=text, draft=draft.id, caret=len(text))


async def _find(at: Desk, talk: Talk, box: Box) -> Box:
    """What stands in the search fields; the last that was typed in stays open."""
    if not box.knowledge.strip():
        return replace(box, tool="macros" if box.macros else "")
    return replace(box, found=await _passages(at, talk, box.knowledge), tool="knowledge")


async def _insert(at: Desk, talk: Talk, box: Box, passage_id: str) -> Box:
    """The passage's words at the caret; where they stand goes with the message."""
    if len(box.sources) >= sealing.MOST:
        raise Problem(
            422, "too-many-sources", "Not inserted", f"A message has at most {sealing.MOST} sources."
        )
    found = await _passages(at, talk, box.knowledge)
    passage = next((each for each in found if each.id == passage_id), None)
    if passage is None:
        raise _gone("That article has changed meanwhile; search again.")
    quote = passage.text.strip()
    if len(quote) > _LONGEST_QUOTE:
        quote = quote[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    source = Citation(
        source=passage.source, title=passage.title, section=passage.section, quote=quote.removesuffix(" …")
    )
    sources = tuple(dict.fromkeys((*box.sources, source)))
    return replace(box.put(_QUOTES[passage.locale].format(quote)), sources=sources, knowledge="", tool="")


async def _passages(at: Desk, talk: Talk, words: str) -> tuple[Passage, ...]:
    """What the knowledge base has on these words: over its floor, else what is closest."""
    case = talk.case
    said = await at.intake.said_by_staff(
        talk.labels.read(words), conversation_id=case.conversation_id, customer=talk.state.customer
    )
    # The same search is the same step: what was inserted is what was shown, unless an article has changed.
    name = hashlib.sha256(f"{case.language} {said.text}".encode()).hexdigest()[:16]
    turn_id = f"s-search-{case.id}"[:100]
    ask = RetrievePassages(
        conversation_id=case.conversation_id,
        turn_id=turn_id,
        step_id=f"{turn_id}.{name}",
        text=said.text,
        language_prior=case.language,
    )
    try:
        found = await at.bus.ask(RETRIEVE, ask, timeout=_SEARCH_SECONDS)
    except (AskFailed, BusDown):
        detail = "The knowledge base does not answer now; search again in a few seconds."
        raise Problem(503, "unavailable", "Not now", detail) from None
    passages = found.passages or found.nearest
    return tuple(sorted(passages, key=lambda each: each.locale != case.language))[:_MOST_FOUND]


def _gone(detail: str) -> Problem:
    return Problem(409, "gone", "Not there any more", detail)
