"""`/ops/conversations`: why did it say that, for one conversation, turn by turn."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from gateway.console.render import by_htmx
from gateway.context import Desk, DeskOf
from gateway.ops import render
from gateway.ops.asking import RoomOf, TraceReader
from gateway.ops.explaining import finding, shapes
from gateway.ops.explaining.story import Explained, Story, explained, story
from gateway.ops.explaining.traced import ID
from gateway.ops.explaining.verdicts import title, verdict
from gateway.ops.room import OpsRoom
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member, Permission
from shared.ports.search import Thread

router = APIRouter(
    prefix="/ops/conversations", tags=["ops"], include_in_schema=False, route_class=render.OpsRoute
)
_Id = Annotated[str, Path(pattern=ID)]


@router.get("")
async def start(
    at: DeskOf,
    room: RoomOf,
    who: TraceReader,
    session: HeldOf,
    name: Annotated[str, Query(alias="id", max_length=200)] = "",
    flag: Annotated[str, Query(pattern=f"^({'|'.join(finding.FLAGS)})?$")] = "",
) -> Response:
    """The latest conversations, and the way from an id of any kind to its conversation."""
    name = finding.as_id(name)
    if not name:
        return await _list(at, room, who, session, flag=flag)
    if not finding.is_id(name):
        return await _list(
            at, room, who, session, name=name, status=422,
            wrong="That is no id: ids are letters, digits and dashes, with a digit among them. Words that "
            "were said are looked for in the console’s search.",
        )  # fmt: skip
    found = await finding.find(at.store, at.search, room.traced, name)
    if found.several:
        return await _list(at, room, who, session, name=name, several=found.several)
    if not found.conversation:
        return await _list(at, room, who, session, name=name, status=404, wrong=_unknown(name, room))
    return RedirectResponse(_way(found.conversation, found.turn), 303)


@router.get("/{conversation_id}")
async def conversation(
    request: Request,
    at: DeskOf,
    room: RoomOf,
    who: TraceReader,
    session: HeldOf,
    conversation_id: _Id,
    turn: Annotated[str, Query(pattern=f"^$|{ID}")] = "",
) -> Response:
    """One conversation; the turn that is asked for, else the last, with all that explains it."""
    found = await story(at.store, room.traced, conversation_id, turn=turn)
    if found is None:
        detail = _unknown(conversation_id, room)
        return await _list(at, room, who, session, name=conversation_id, status=404, wrong=detail)
    chosen = found.turn(turn)
    if chosen is None and turn:
        raise Problem(
            404, "not-found", "No such turn",
            f"Conversation {conversation_id} has no turn {turn}: it is not answered yet, or not recorded. "
            f"Its {found.total} turns stand at /ops/conversations/{conversation_id}.",
        )  # fmt: skip
    shown = await explained(room.traced, conversation_id, chosen) if chosen else None
    if shown is not None and by_htmx(request):
        return render.html("turn.html", story=found, turn=shown.turn, **_explaining(who, shown))
    case = await at.store.case_of(conversation_id)
    return _page(who, session, found, shown, case=case.id if case else "")


@router.get("/{conversation_id}/spans/{span_id}")
async def span(
    at: DeskOf, room: RoomOf, who: TraceReader, session: HeldOf, conversation_id: _Id, span_id: _Id
) -> Response:
    """Everything that was kept of one step."""
    found = await room.traced.span(conversation_id, span_id)
    if found is None or found.began < await at.store.erased_at(conversation_id):
        raise Problem(
            404, "not-found", "No such step",
            f"The traces hold no step {span_id} of conversation {conversation_id}: it is older than "
            f"{room.traced.days} days, was erased, or was not kept.",
        )  # fmt: skip
    return render.html(
        "span.html", me=who, session=session, here="conversations", span=found, title_of=title,
        conversation=conversation_id, back=_way(conversation_id, found.notes.get("turn", "")),
        readable=shapes.readable, plain=shapes.plain(found.notes),
    )  # fmt: skip


def _page(who: Member, session: HeldOf, found: Story, shown: Explained | None, *, case: str) -> Response:
    return render.html(
        "conversation.html",
        me=who,
        session=session,
        here="conversations",
        story=found,
        case=case,
        reads=who.may(Permission.CONVERSATIONS),
        **_explaining(who, shown),
    )


def _explaining(who: Member, shown: Explained | None) -> dict[str, Any]:
    """What a turn is shown with, on its page or by itself."""
    return {
        "shown": shown,
        "passages": shapes.passages(shown.spans) if shown else {},
        "opens": who.may(Permission.GAPS),
        "cut": shapes.CUT,
        "title_of": title,
        "verdict_of": verdict,
        "document_of": shapes.document,
        "readable": shapes.readable,
        "plain": shapes.plain,
    }


async def _list(
    at: Desk, room: OpsRoom, who: Member, session: HeldOf, *,
    name: str = "", flag: str = "", wrong: str = "", status: int = 200, several: Sequence[Thread] = (),
) -> Response:  # fmt: skip
    if several:
        listed = await finding.listed(room.traced, several)
    else:
        listed = await finding.recent(at.search, room.traced, flag=flag)
    return render.html(
        "conversations.html", me=who, session=session, here="conversations", status=status,
        listed=listed, name=name, flag=flag, flags=finding.FLAGS, wrong=wrong, traced=room.traced,
        several=len(several), most=finding.RECENT,
    )  # fmt: skip


def _unknown(name: str, room: OpsRoom) -> str:
    """What to do about an id that leads nowhere."""
    return (
        f"Nothing is known of {name}. Check that it was copied whole: the reply carries its conversation_id, "
        "turn_id and trace_id. A conversation that was erased, or is older than its retention, is gone; "
        f"traces are kept for {room.traced.days} days. A turn is stored some seconds after its reply."
    )


def _way(conversation_id: str, turn: str) -> str:
    if not turn:
        return f"/ops/conversations/{quote(conversation_id, safe='')}"
    name = quote(turn, safe="")
    return f"/ops/conversations/{quote(conversation_id, safe='')}?turn={name}#turn-{name}"
