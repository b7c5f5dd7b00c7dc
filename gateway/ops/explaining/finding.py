"""From what an operator has at hand, an id of any kind, to the conversation it belongs to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from gateway.ops.explaining.missing import Missing, missing
from gateway.ops.explaining.traced import ID, Seen, Traced
from shared.errors import DeskError
from shared.ports import ConversationStore
from shared.ports.search import ConversationSearch, Thread, Wanted

RECENT = 20
_LETTERS = re.compile(r"[a-z]-[A-Za-z_-]{24}")
"""One in sixty of the ids that we sign has no digit, and is no word of a customer either."""
FLAGS = (
    "failed",
    "slow",
    "handed_over",
    "refused",
    "rejected",
    "action_failed",
    "given_up",
    "held_back",
    "marked_wrong",
)
"""Why a turn is kept whatever the sample (`shared.telemetry.flags`); the choice on the page."""


@dataclass(frozen=True)
class Recent:
    """One conversation of the list: its line in the record, and what the traces have of it or why nothing."""

    thread: Thread
    seen: Seen | None
    missing: Missing


@dataclass(frozen=True)
class Listed:
    """The latest conversations; `trouble` is why the traces add nothing to them."""

    lines: Sequence[Recent]
    trouble: str = ""


def as_id(text: str) -> str:
    """What was pasted without what stands round an id: `#1001`, or the address of a page about it."""
    text = text.strip()
    if "/" not in text:
        return text.removeprefix("#").strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    turn = parse_qs(parts.query).get("turn", [""])[0]
    return turn or parts.path.rstrip("/").rpartition("/")[2] or text


def is_id(text: str) -> bool:
    """Whether this may be an id: words of customers are looked for in the console, by who may."""
    return bool(re.fullmatch(ID, text)) and (any(map(str.isdigit, text)) or bool(_LETTERS.fullmatch(text)))


@dataclass(frozen=True)
class Found:
    """Where an id leads: a conversation, with the turn where it is of one, or `several`; else nothing."""

    conversation: str = ""
    turn: str = ""
    several: Sequence[Thread] = ()


async def find(
    store: ConversationStore, search: ConversationSearch | None, traced: Traced, name: str
) -> Found:
    """Where an id of a conversation, turn, trace, span, case, ticket or order leads; an order to several.

    The record is asked first: it knows what was not sampled, too.

    Raises:
        StoreDown, TracesDown: it cannot be looked up now.
    """
    if await store.load(name) is not None:
        return Found(name)
    threads = await search.find(Wanted(words=name), limit=RECENT) if search is not None else ()
    if len(threads) > 1:
        return Found(several=threads)
    if threads:
        conversation = threads[0].conversation_id
        return Found(conversation, await _turn(store, conversation, name))
    return Found(*await traced.found(name))


async def _turn(store: ConversationStore, conversation: str, name: str) -> str:
    record = await store.read(conversation)
    for line in record.messages if record else ():
        if line.turn_id == name or (line.result is not None and line.result.trace_id == name):
            return line.turn_id
    return ""


async def recent(search: ConversationSearch | None, traced: Traced, *, flag: str = "") -> Listed:
    """The latest conversations, or those of which a turn was kept for this reason."""
    if search is None:
        return Listed(())
    try:
        among = tuple(await traced.flagged(flag, RECENT)) if flag else None
    except DeskError as error:
        return Listed((), str(error))
    return await listed(traced, await search.find(Wanted(among=among), limit=RECENT))


async def listed(traced: Traced, threads: Sequence[Thread]) -> Listed:
    """These conversations, with what the traces have of them."""
    trouble, seen = "", dict[str, Seen]()
    try:
        seen = await traced.seen([thread.conversation_id for thread in threads])
    except DeskError as error:
        trouble = str(error)
    lines = [
        Recent(each, seen.get(each.conversation_id), missing(traced, each.at, trouble)) for each in threads
    ]
    return Listed(lines, trouble)
