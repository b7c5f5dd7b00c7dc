"""Finding conversations: by words, ids, queue, language, owner and phase, or by whose value is in them."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.console import render
from gateway.console.asking import SearchOf, Speaker, wrong
from gateway.console.due import due_of
from gateway.console.forms import FormOf
from gateway.console.history import entries_of, place_of
from gateway.console.kinds import kinds_in
from gateway.console.views import PHASES, filter_of
from gateway.context import Desk, DeskOf
from gateway.limits import DAY, Rule
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.contracts import LANGUAGES
from shared.ports import PIIVault
from shared.ports.search import Wanted

router = APIRouter(prefix="/console/search", include_in_schema=False, route_class=render.PageRoute)
_LONGEST = 200
_MOST_FOUND = 500
PERSONAL_A_DAY = 500


@router.get("")
async def start(at: DeskOf, who: Speaker, session: HeldOf, search: SearchOf) -> Response:
    """Where something is looked for; what, never stands in an address, which proxies write down."""
    del search
    return await _page(at, who, session, {}, entries=None, more="")


@router.post("")
async def look(at: DeskOf, who: Speaker, session: HeldOf, search: SearchOf, form: FormOf) -> Response:
    """What is found, newest first; `cursor` is where the page before ended."""
    wanted = await _wanted(at, who, form)
    after = place_of(form.get("cursor", "")[:300])
    entries, more = await entries_of(at, search, wanted, after=after)
    return await _page(at, who, session, form, entries=entries, more=more)


async def holders(vault: PIIVault, value: str) -> list[str]:
    """The conversations with this personal value, or of the customer of this id; nothing is opened.

    The vault knows values to the letter: it is looked for in small letters, and a name as names are written.
    """
    found: dict[str, None] = {}
    value = " ".join(value.split())
    name = value.title() if value.replace(" ", "").isalpha() else value
    for spelled in dict.fromkeys((value, value.lower(), name)):
        found |= dict.fromkeys(await vault.holding(spelled))
    found |= dict.fromkeys(await vault.conversations(value))
    return list(found)[:_MOST_FOUND]


async def _wanted(at: Desk, who: Member, form: dict[str, str]) -> Wanted:
    which = filter_of([(name, value) for name, value in form.items() if name != "at_risk"], who)
    wanted = Wanted(
        words=_text(form, "words"),
        languages=which.languages,
        phases=which.phases if form.get("phase") else (),
        queues=which.queues,
        owner=which.owner,
    )
    personal = _text(form, "personal")
    if not personal:
        return wanted
    # Whoever tries values one after the other would learn who writes to us.
    await at.limits.take(Rule("console-search", who.id, PERSONAL_A_DAY, DAY))
    await at.entries.did(who.actor, "value_searched", "console")
    return replace(wanted, among=tuple(await holders(at.delivery.vault, personal)))


def _text(form: dict[str, str], name: str) -> str:
    text = form.get(name, "").strip()
    if len(text) > _LONGEST:
        raise wrong(name, f"has {len(text)} characters; at most {_LONGEST} are looked for")
    return text


async def _page(at: Desk, who: Member, session: Held | None, form: dict[str, str], **shown: Any) -> Response:
    return render.html(
        "search.html",
        csrf=session.csrf if session else "",
        me=who,
        due=await due_of(at, who),
        kinds=await kinds_in(at, [each.about for each in shown["entries"] or ()]),
        form={
            name: form.get(name, "") for name in ("words", "personal", "queue", "language", "phase", "owner")
        },
        languages=LANGUAGES,
        phases=PHASES,
        members=[member for member, _ in await at.staff.members.listed()],
        **shown,
    )
