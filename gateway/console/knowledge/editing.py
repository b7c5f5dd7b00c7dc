"""Writes a document: begin an edit, see what it would change, publish it; nothing that was typed is lost."""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.due import due_of
from gateway.console.forms import FormOf
from gateway.console.knowledge import asks
from gateway.console.knowledge.asks import DocumentId, Editing, RoomOf
from gateway.console.knowledge.differences import Line, differences
from gateway.console.knowledge.fields import Typed, objections, typed
from gateway.console.knowledge.front_matter import Parts, apart, like, line_in_body, mended, together
from gateway.console.knowledge.previewing import Preview, preview_of
from gateway.console.knowledge.room import KnowledgeRoom
from gateway.console.task_page import hidden
from gateway.context import Desk, DeskOf
from gateway.problems import Problem
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.contracts import LANGUAGES
from shared.contracts.editing import DocumentProblem, Edition, OpenedDocument
from shared.errors import AuditDown, DeskError
from shared.ports.editing import PastQuestion

router = APIRouter(
    prefix="/console/knowledge",
    include_in_schema=False,
    # On the router, so that it is asked before a form is read.
    dependencies=[Depends(requires(Permission.KNOWLEDGE))],
    route_class=render.PageRoute,
)
_Gap = Annotated[str, Query(pattern=r"^([0-9a-f]{16})?$")]
_SUFFIX = re.compile(r"-(fr|es)$")


@dataclass(frozen=True)
class Page:
    """What the editor shows around what was typed."""

    typed: Typed
    new: bool
    problems: Sequence[DocumentProblem] = ()
    preview: Preview | None = None
    trouble: str = ""
    conflict: Edition | None = None
    diff: Sequence[Line] | None = field(default_factory=tuple)


@dataclass(frozen=True)
class Lead:
    """Who edits, in which session, and what their pages stand on."""

    at: Desk
    who: Member
    csrf: str
    room: KnowledgeRoom


async def _lead(at: DeskOf, who: Editing, session: HeldOf, room: RoomOf) -> Lead:
    return Lead(at, who, session.csrf if session else "", room)


LeadOf = Annotated[Lead, Depends(_lead)]


@router.get("/documents/{document}/edit")
async def begin(
    lead: LeadOf, document: DocumentId,
    edition: Annotated[str, Query(pattern=r"^(e-[0-9a-f]{20})?$")] = "", gap: _Gap = "",
) -> Response:  # fmt: skip
    """The text as it is now, to be changed; with `edition` the text of that one, to be brought back."""
    opened = await asks.found_document(lead.at, document)
    if opened.read_only:
        raise Problem(409, "read-only", "Not here", f"{opened.read_only[0].upper()}{opened.read_only[1:]}.")
    now = await lead.room.editions.get(opened.edition) if opened.edition else None
    earlier = await lead.room.editions.get(edition) if edition else None
    if edition and (earlier is None or earlier.document != document or earlier.state == "draft"):
        raise Problem(404, "not-found", "Not found", f"There is no edition {edition!r} of this document.")
    shown = earlier or now
    parts = mended(apart(shown.text if shown else ""), opened.line)
    # An earlier text comes back for good; any other keeps its last day, and a first one that is to come.
    until = "" if earlier else parts.effective_until
    begun = Typed(
        parts=replace(parts, effective_from=_first_day(parts, earlier), effective_until=until),
        reason=f"Back to version {earlier.version}" if earlier else "",
        base=now.id if now else "",
        back_to=earlier.id if earlier else "",
        gap=gap,
    )
    return await _page(lead, Page(begun, new=False))


@router.get("/new")
async def begin_new(lead: LeadOf, gap: _Gap = "") -> Response:
    """A document that is not there yet."""
    asked = await lead.room.questions.gap(gap) if gap else None
    parts = Parts(effective_from=_today(), locale=asked.language if asked else "en")
    return await _page(lead, Page(Typed(parts, gap=gap), new=True))


@router.post("/edits")
async def write(lead: LeadOf, form: FormOf) -> Response:
    """`do=preview` shows what the edit would change, `do=publish` publishes it for a `reason`."""
    given = typed(form)
    page = Page(given, new=not given.base)
    try:
        return await _write(lead, page, publish=form.get("do") == "publish")
    except (Problem, DeskError) as error:
        # What was typed stays on the page, whatever is down.
        problem = render.problem_of(error)
        shown = replace(page, trouble=str(problem.body["detail"]))
        return await _page(lead, shown, status=problem.status)


async def _write(lead: Lead, page: Page, *, publish: bool) -> Response:
    given = page.typed
    wrong = objections(given)
    if publish and not given.reason:
        wrong.append(_wrong("reason", "is empty", "say in a few words why; it stands in the history"))
    if wrong:
        return await _page(lead, replace(page, problems=wrong), status=422)
    opened = await asks.open_document(lead.at, given.parts.id)
    base = await lead.room.editions.get(given.base) if given.base else None
    # A document whose file is gone gives up its place; one of another format has none to give.
    if opened is not None and base is None and (opened.edition or opened.read_only):
        taken = _wrong("id", f"{given.parts.id!r} is the id of a document already", "choose another")
        return await _page(lead, replace(page, problems=[taken]), status=422)
    if base is not None and base.document != given.parts.id:
        kept = _wrong("id", "is that of another document", f"leave it as it was, {base.document!r}")
        return await _page(lead, replace(page, problems=[kept]), status=422)
    draft = await _kept(lead, given, base, opened)
    if not publish:
        tried = await asks.try_edit(lead.at, draft.id)
        preview = await preview_of(lead.room, tried)
        shown = replace(page, problems=_in_form(draft.text, tried.problems), preview=preview)
        return await _page(lead, shown)
    return await _publish(lead, page, draft)


async def _publish(lead: Lead, page: Page, draft: Edition) -> Response:
    actor, deed = lead.who.actor, f"{draft.document} {draft.version} {draft.id}"
    await lead.at.entries.did(actor, "knowledge_publishing", deed)
    settled = await asks.publish_edit(lead.at, draft.id)
    if settled.outcome == "published":
        with suppress(AuditDown):  # it is done, and its beginning is written down
            await lead.at.entries.did(actor, "knowledge_published", deed)
    gap = f"&gap={page.typed.gap}" if page.typed.gap else ""
    match settled.outcome:
        case "published" if settled.served:
            return RedirectResponse(
                f"/console/knowledge/documents/{draft.document}?done={draft.id}{gap}", 303
            )
        case "published":
            return RedirectResponse(f"/console/knowledge?later={draft.document}", 303)
        case "refused":
            shown = replace(page, problems=_in_form(draft.text, settled.problems))
            return await _page(lead, shown, status=422)
        case "read_only":
            return await _page(lead, replace(page, trouble=settled.detail), status=409)
    return await _changed(lead, page, draft, settled.now)


async def _changed(lead: Lead, page: Page, draft: Edition, now: str) -> Response:
    """Somebody was faster: their text beside ours, and publishing once more puts ours over it knowingly."""
    theirs = await lead.room.editions.get(now) if now else None
    shown = replace(
        page,
        typed=replace(page.typed, base=now),
        conflict=theirs,
        diff=differences(theirs.text, draft.text) if theirs else (),
        trouble="" if theirs else "The document was removed meanwhile; publish it as a new one, or leave it.",
    )
    return await _page(lead, shown, status=409)


async def _kept(lead: Lead, given: Typed, base: Edition | None, opened: OpenedDocument | None) -> Edition:
    """The draft of what was typed, in the store of editions; over no base it may be that of a lost file."""
    of = given.parts.translation_of
    original = await asks.open_document(lead.at, of) if of else None
    before = base.version if base else opened.line.version if opened else 0
    version = max(before + 1, original.line.version if original else 0)
    name, why = asks.new_id(), given.reason
    if why:
        owner = f"edition-{name}"
        why = hidden(await lead.at.intake.note(why, about=owner, field="reason"))
        await lead.at.delivery.vault.expire([owner])  # a history for good is no place for anybody's address
    draft = Edition(
        id=name,
        document=given.parts.id,
        file=base.file if base else opened.line.file if opened else _file_of(given.parts),
        base=base.digest if base else "",
        text=like(base.text if base else "", together(given.parts, version)),
        at=time.time(),
        state="draft",
        by=lead.who.actor,
        name=lead.who.name,
        why=why,
        version=version,
        effective_from=given.parts.effective_from,
        effective_until=given.parts.effective_until,
        back_to=given.back_to,
    )
    await lead.room.editions.keep(draft)
    return draft


def _file_of(parts: Parts) -> str:
    """Where a new document goes, as `knowledge_base/README.md` says; each part is a checked slug."""
    if parts.locale == "en":
        return f"en/{parts.category}/{parts.id}.md"
    return f"{parts.locale}/{_SUFFIX.sub('', parts.id)}.md"


def _in_form(text: str, problems: Sequence[DocumentProblem]) -> list[DocumentProblem]:
    """The problems of a whole text by where they are in the form: a field, or a line of the text."""
    found = []
    for one in problems:
        line = line_in_body(text, one.line) if one.line else 0
        found.append(
            DocumentProblem(line=line, key=one.key, reason=one.reason, remedy=one.remedy, stops=one.stops)
        )
    return found


def _wrong(key: str, reason: str, remedy: str) -> DocumentProblem:
    return DocumentProblem(line=0, key=key, reason=reason, remedy=remedy, stops=True)


def _first_day(parts: Parts, earlier: Edition | None) -> str:
    """Nothing holds from a day that is over: today, or the day that the text waits for."""
    return _today() if earlier else max(_today(), parts.effective_from)


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


async def _page(lead: Lead, page: Page, *, status: int = 200) -> Response:
    asked: PastQuestion | None = await lead.room.questions.gap(page.typed.gap) if page.typed.gap else None
    return render.html(
        "knowledge/edit.html",
        me=lead.who,
        who=lead.who,
        status=status,
        due=await due_of(lead.at, lead.who),
        csrf=lead.csrf,
        page=page,
        given=page.typed,
        parts=page.typed.parts,
        gap=asked,
        stops=any(one.stops for one in page.problems),
        languages=LANGUAGES,
        today=_today(),
    )
