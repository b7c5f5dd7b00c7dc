"""`/ops/dead-letters`: what nobody could handle, to be put back or taken out by an operator."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from gateway.access import RULES
from gateway.console.asking import wrong
from gateway.console.forms import described, pairs_in
from gateway.console.render import wants_html
from gateway.context import Desk, DeskOf
from gateway.entries import ours
from gateway.ops import render
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from shared.errors import DeskError
from shared.ports import AuditAction, DeadLetter

router = APIRouter(prefix="/ops/dead-letters", tags=["ops"], route_class=render.OpsRoute)
Mender = Annotated[Member, Depends(requires(Permission.DEAD_LETTERS))]
Act = Literal["resend", "discard"]
MOST = 100
"""Letters on a page, and in one act."""
REASONS: Mapping[Act, Mapping[str, str]] = {
    "resend": {
        "mended": "The cause is mended",
        "back": "What was down is back",
        "try": "To see whether it fails again",
    },
    "discard": {
        "by_hand": "It was done by hand",
        "needless": "Nobody needs it any more",
        "garbage": "It is no message of ours",
    },
}
"""Why, as it is written down: words of one's own might name somebody, and the audit keeps them for ever."""
_DEEDS: Mapping[Act, AuditAction] = {"resend": "dead_letter_resent", "discard": "dead_letter_discarded"}
_FASTER = "it is gone: somebody else was faster"
_KEY = re.compile(r"\.[0-9a-f]{24}$")
"""The end of an event's subject on NATS: a hash of its key."""
LetterId = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True)
class Went:
    """What became of one letter; `why` says why it stays, and is empty when it went."""

    letter_id: str
    what: str
    why: str


@router.get("")
async def listed(
    request: Request, at: DeskOf, who: Mender, session: HeldOf, after: LetterId = ""
) -> Response:
    """The oldest first; `after` is the last id of the page before, `next` is empty on the last one."""
    found = await at.bus.dead_letters(after=after, limit=MOST + 1)
    page, more = found[:MOST], len(found) > MOST
    if not wants_html(request):
        body = {"dead_letters": [told(each) for each in page], "next": page[-1].id if more else ""}
        return Response(msgspec.json.encode(body), media_type="application/json")
    return render.html(
        "letters.html",
        me=who,
        session=session,
        here="health",
        letters=page,
        more=page[-1].id if more else "",
        after=after,
        days=at.settings.retention_dead_letters_days,
        **_SHOWING,
    )


@router.get("/confirm", include_in_schema=False)
async def confirm(
    at: DeskOf, who: Mender, session: HeldOf, act: Act, letter: Annotated[list[str], Query()]
) -> Response:
    """What is about to be done to which letters, and why."""
    found = [each for each in [await at.bus.dead_letter(name) for name in _chosen(letter)] if each]
    able = [each for each in found if act == "discard" or each.kind != "ask"]
    return render.html(
        "letters-confirm.html",
        me=who,
        session=session,
        here="health",
        act=act,
        letters=able,
        left_out=len(found) - len(able),
        gone=len(_chosen(letter)) - len(found),
        reasons=REASONS[act],
        **_SHOWING,
    )


@router.post("", openapi_extra=described("act", "letter", "reason"))
async def do(request: Request, at: DeskOf, who: Mender) -> Response:
    """`resend` or `discard` each `letter`, at most a hundred, for a `reason` of the list."""
    pairs = pairs_in((await request.body()).decode("utf-8", "replace"), most=MOST + 20, field="the form")
    form = dict(pairs)
    act = next((each for each in REASONS if each == form.get("act")), None)
    if act is None:
        raise wrong("act", f"{form.get('act', '')[:20]!r} is not one of {', '.join(REASONS)}")
    reason = form.get("reason", "")
    if reason not in REASONS[act]:
        raise wrong("reason", f"{reason[:20]!r} is not one of {', '.join(REASONS[act])}")
    chosen = _chosen([value for name, value in pairs if name == "letter"])
    went = [await _one(at, who, act, reason, name) for name in chosen]
    if not wants_html(request):
        body = {"went": [msgspec.to_builtins(each) for each in went]}
        return Response(msgspec.json.encode(body), media_type="application/json")
    return render.html("letters-done.html", me=who, here="health", act=act, went=went)


def _chosen(given: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(each for each in given if each))
    if not 0 < len(chosen) <= MOST:
        raise wrong("letter", f"{len(chosen)} are chosen; choose 1 to {MOST}")
    return chosen


async def _one(at: Desk, who: Member, act: Act, reason: str, letter_id: str) -> Went:
    """Written down before it is done; one that fails stops no other."""
    shown = letter_id[:40]
    try:
        letter = await at.bus.dead_letter(letter_id)
        if letter is None:
            return Went(shown, "", _FASTER)
        what = f"{letter.kind} {subject_of(letter)}"
        if act == "resend" and letter.kind == "ask":
            return Went(shown, what, "nobody waits for its answer any more; it can only be discarded")
        purpose = f"{what} of {letter.by or 'somebody'}: {reason}"
        await at.entries.did(who.actor, _DEEDS[act], purpose, conversation_id=ours(letter.conversation_id))
        deed = at.bus.resend if act == "resend" else at.bus.discard
        return Went(shown, what, "" if await deed(letter_id) else _FASTER)
    except DeskError as error:
        return Went(shown, "", str(error))


def subject_of(letter: DeadLetter) -> str:
    """What it was, without what only machines need: `shop.order.paid.v1`, `critic.screen.v1`, `turn`."""
    kind, _, subject = letter.subject.partition(".")
    return "turn" if kind == "turn" else _KEY.sub("", subject)


def told(letter: DeadLetter) -> dict[str, Any]:
    """A letter for scripts; what it says stays closed: operators read no customer's words."""
    return {
        "id": letter.id,
        "kind": letter.kind,
        "what": subject_of(letter),
        "by": letter.by,
        "reason": letter.reason,
        "at": letter.at,
        "bytes": len(letter.data),
        "conversation_id": ours(letter.conversation_id),
        "resendable": letter.kind != "ask",
    }


_EXPLAINED = "/ops/conversations/" if "GET /ops/conversations/{conversation_id}" in RULES else ""
"""Where a conversation is explained, to be followed by its id; empty while there is no such page."""
_SHOWING: dict[str, Any] = {"what": subject_of, "ours": ours, "explained": _EXPLAINED}
