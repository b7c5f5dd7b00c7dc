"""Views of the queue: what an address narrows it to, those we name, and those that members name."""

import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.console import render
from gateway.console.asking import QueueReader, ViewsOf, wrong
from gateway.console.forms import FormOf, pairs_in
from gateway.context import Desk
from gateway.staff.roles import Member
from shared.contracts import LANGUAGES, Language, Phase
from shared.personal_data import find
from shared.ports import CaseFilter
from shared.ports.views import SavedView
from shared.routing.waiting import AT_RISK_SECONDS

router = APIRouter(prefix="/console/views", include_in_schema=False, route_class=render.PageRoute)
FIELDS = ("phase", "queue", "language", "owner", "at_risk")
PHASES: tuple[Phase, ...] = get_args(Phase)
MOST_VIEWS = 30
_LONGEST_NAME = 40
_QUEUE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_OWNER = re.compile(r"staff:[\w.-]{1,64}")


@dataclass(frozen=True)
class View:
    """A link above the queue; `own` ones may be removed."""

    name: str
    query: str
    own: bool = False
    chosen: bool = False


@dataclass(frozen=True)
class Narrowed:
    """What the address narrows the queue to, as a filter and as a query, and the links that do it."""

    which: CaseFilter | None = None
    query: str = ""
    views: Sequence[View] = ()


EVERYTHING = Narrowed()


async def narrowed_by(at: Desk, request: Request, who: Member) -> Narrowed:
    """What this request narrows the queue to. Raises `Problem` for a field that is none of ours."""
    query = query_of(request.query_params.multi_items())
    which = filters_of(request, who) if query else None
    return Narrowed(which=which, query=query, views=await views_of(at, request, who))


def filters_of(request: Request, who: Member) -> CaseFilter:
    """What the address narrows the queue to; without any field it is what is open.

    `phase`, `queue` and `language` may be repeated, `owner` is `me` or `staff:<id>`, `at_risk` 1.

    Raises:
        Problem: 422 for what is none of ours.
    """
    return filter_of(request.query_params.multi_items(), who)


def filter_of(given: Sequence[tuple[str, str]], who: Member, *, now: float | None = None) -> CaseFilter:
    """The same of fields as pairs; others than `FIELDS` are none of its business."""
    fields: dict[str, list[str]] = {name: [] for name in FIELDS}
    for name, value in given:
        if name in fields and value:
            fields[name].append(value)
    for name, known in (("phase", PHASES), ("language", LANGUAGES), ("at_risk", ("1",))):
        _known(name, fields[name], known)
    for queue in fields["queue"]:
        queue_name(queue)
    if len(fields["queue"]) > 20:
        raise wrong("queue", "has more than 20 names; name fewer")
    return CaseFilter(
        phases=tuple(each for each in PHASES if each in fields["phase"]) or ("waiting", "person"),
        queues=tuple(fields["queue"]),
        languages=tuple(fields["language"]),
        owner=_owner(fields["owner"], who),
        due_before=(time.time() if now is None else now) + AT_RISK_SECONDS if fields["at_risk"] else 0.0,
    )


def query_of(given: Sequence[tuple[str, str]]) -> str:
    """The fields of a filter as they stand in an address, in one order, each once."""
    pairs = [(name, value) for field in FIELDS for name, value in given if name == field and value]
    return urlencode(list(dict.fromkeys(pairs)))


async def views_of(at: Desk, request: Request, who: Member) -> list[View]:
    """The links above the queue that narrow it: ours, then the member's own by name."""
    here = query_of(request.query_params.multi_items())
    named = [View(name, query) for name, query in _built_in(request).items()]
    if at.views is not None:
        named += [View(each.name, each.query, own=True) for each in await at.views.of(who.id)]
    return [View(each.name, each.query, each.own, each.query == here) for each in named]


def _built_in(request: Request) -> Mapping[str, str]:
    language = language_of(request)
    return {
        "At risk": "at_risk=1",
        f"In my language ({language})": f"language={language}",
    }


def language_of(request: Request) -> Language:
    """The first language of ours that the member's browser asks for."""
    for part in request.headers.get("accept-language", "")[:200].lower().split(","):
        for each in LANGUAGES:
            if part.strip()[:2] == each:
                return each
    return "en"


@router.post("")
async def keep(who: QueueReader, views: ViewsOf, form: FormOf) -> Response:
    """Save the filter in `query` under `name`."""
    name = view_name(form.get("name", ""))
    given = pairs_in(form.get("query", "")[:2000], most=100, field="query")
    filter_of(given, who)  # what would be refused later is refused now
    query = query_of(given)
    if not await views.keep(who.id, SavedView(name, query), most=MOST_VIEWS):
        raise wrong("name", f"you have {MOST_VIEWS} views, which is the most; remove one first")
    return RedirectResponse(f"/console?{query}", 303)


@router.post("/drop")
async def drop(who: QueueReader, views: ViewsOf, form: FormOf) -> Response:
    """Remove the view of this `name`; one that is gone already is no error."""
    await views.drop(who.id, form.get("name", ""))
    return RedirectResponse("/console", 303)


def queue_name(given: str) -> str:
    """The name of a queue.

    Raises:
        Problem: 422 for what is none.
    """
    if not _QUEUE.fullmatch(given):
        raise wrong("queue", f"{given[:40]!r} is no name of a queue; use a-z, 0-9, dash and underscore")
    return given


def view_name(given: str) -> str:
    """The name of a view.

    Raises:
        Problem: 422 when it is empty, too long, or names a person: nobody would find it to erase it.
    """
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not 0 < len(name) <= _LONGEST_NAME or any(unicodedata.category(char)[0] == "C" for char in name):
        raise wrong(
            "name", f"has {len(name)} characters; a view's name has 1 to {_LONGEST_NAME} printable ones"
        )
    if find(name):
        raise wrong("name", "holds a name, address or number of a person; call the view by what it shows")
    return name


def _owner(given: list[str], who: Member) -> str:
    owner = given[-1] if given else ""
    if owner == "me":
        return who.actor
    if owner and not _OWNER.fullmatch(owner):
        raise wrong("owner", f"{owner[:40]!r} is neither `me` nor `staff:<id>`")
    return owner


def _known(name: str, given: list[str], known: Sequence[str]) -> None:
    for value in given:
        if value not in known:
            raise wrong(name, f"{value[:40]!r} is not one of {', '.join(known)}")
