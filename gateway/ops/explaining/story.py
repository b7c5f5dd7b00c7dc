"""Puts the stored record of a conversation and its traces beside each other, and says which is which."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.ops.explaining.missing import UNREAD, Missing, missing
from gateway.ops.explaining.spans import Spanned
from gateway.ops.explaining.telling import Told, told
from gateway.ops.explaining.timeline import Timeline, timeline
from gateway.ops.explaining.traced import Kept, Traced
from gateway.ops.explaining.verdicts import Rejected, rejected
from shared import contracts as c
from shared.errors import DeskError
from shared.ports import ConversationStore, StoredConversation
from shared.ports.traces import TracesDown

PAGE = 20
"""Turns of one page."""


@dataclass(frozen=True)
class Turn:
    """One turn: `n` counts from 1, `result` is the record's, `kept` the traces'; `missing` why that is None.

    `who` said the reply; it is empty where nothing was said, or what was said was held back.
    """

    id: str
    n: int
    at: float
    said: str = ""
    reply: str = ""
    who: str = ""
    result: c.TurnFinished | None = field(default=None, repr=False)
    kept: Kept | None = None
    missing: Missing | None = None

    @property
    def status(self) -> str:
        """How it ended, by the record or else by the trace."""
        return self.result.status if self.result else self.kept.status if self.kept else ""

    @property
    def intent(self) -> str:
        """What was wanted, likewise."""
        if self.result:
            return self.result.intent.value if self.result.intent else ""
        return self.kept.intent if self.kept else ""

    @property
    def cost(self) -> float:
        """In USD, by the record."""
        return sum(usage.cost_usd for usage in self.result.usages) if self.result else 0.0


@dataclass(frozen=True)
class Story:
    """A page of a conversation's turns, oldest first. `trouble` is why the traces could not be asked.

    `earlier` and `later` are turns on the pages around, empty where there is none.
    """

    conversation_id: str
    turns: Sequence[Turn]
    total: int
    recorded: bool
    trouble: str = ""
    earlier: str = ""
    later: str = ""

    def turn(self, name: str) -> Turn | None:
        """One of its turns; the last without a name."""
        if not name:
            return self.turns[-1] if self.turns else None
        return next((each for each in self.turns if each.id == name), None)


@dataclass(frozen=True)
class Explained:
    """A turn with all that explains it; `spans` is empty where its trace was not kept."""

    turn: Turn
    told: Sequence[Told]
    timeline: Timeline
    rejected: Sequence[Rejected]
    spans: Sequence[Spanned]
    trouble: str = ""


async def story(
    store: ConversationStore, traced: Traced, conversation: str, *, turn: str = ""
) -> Story | None:
    """The page of the conversation on which `turn` stands, else the last; None where nothing is known of it.

    Of what was erased nothing is told, though its traces end by age.

    Raises:
        StoreDown: the record cannot be read.
        TracesDown: there is no record, and whether there are traces cannot be known now.
    """
    record = await store.read(conversation)
    erased = await store.erased_at(conversation)
    begun = min((line.at for line in record.messages), default=0.0) if record else 0.0
    kept, trouble = await _kept(traced, conversation, max(begun, erased))
    kept = {name: each for name, each in kept.items() if each.began >= erased}
    if record is None and trouble:
        raise TracesDown(trouble)
    if record is None and not kept:
        return None
    turns = _turns(record, kept)
    at = next((n for n, each in enumerate(turns) if each.id == turn), len(turns) - 1)
    first = at // PAGE * PAGE if turns else 0
    shown = [_with_reason(each, traced, trouble) for each in turns[first : first + PAGE]]
    return Story(
        conversation,
        shown,
        total=len(turns),
        recorded=record is not None,
        trouble=trouble,
        earlier=turns[first - 1].id if first else "",
        later=turns[first + PAGE].id if first + PAGE < len(turns) else "",
    )


async def explained(traced: Traced, conversation: str, turn: Turn) -> Explained:
    """What explains this turn, as far as it is known; never raises for traces that are down."""
    spans: list[Spanned] = []
    trouble = ""
    if turn.kept is not None:
        try:
            spans = await traced.spans(conversation, turn.id, at=turn.kept.began)
        except DeskError as error:
            trouble = str(error)
    steps = [each for each in spans if each.name != "flag"]  # it may come minutes later, and takes no time
    unknown = turn.missing.short if turn.missing else UNREAD
    parts = told(turn.result, spans, unknown)
    return Explained(turn, parts, timeline(steps), rejected(spans), spans, trouble)


async def _kept(traced: Traced, conversation: str, since: float) -> tuple[dict[str, Kept], str]:
    try:
        return await traced.turns(conversation, since=since), ""
    except DeskError as error:
        return {}, str(error)


def _turns(record: StoredConversation | None, kept: dict[str, Kept]) -> list[Turn]:
    """Every turn that either knows, in order of time."""
    found: dict[str, Turn] = {}
    for line in record.messages if record else ():
        there = found.get(line.turn_id) or Turn(line.turn_id, 0, line.at)
        result = line.result or there.result
        said = line.text if line.who == "customer" else there.said
        reply, who = (there.reply, there.who) if line.who == "customer" else (line.text, line.who)
        at = min(there.at, result.accepted_at) if result else there.at
        found[line.turn_id] = Turn(there.id, 0, at, said, reply, who, result, kept.get(line.turn_id))
    for name, each in kept.items():
        # Without a turn: rows of the conversation that belong to none.
        if name and name not in found:
            found[name] = Turn(name, 0, each.began, kept=each)
    ordered = sorted(found.values(), key=lambda each: each.at)
    return [
        Turn(each.id, n, each.at, each.said, each.reply, each.who, each.result, each.kept)
        for n, each in enumerate(ordered, 1)
    ]


def _with_reason(turn: Turn, traced: Traced, trouble: str) -> Turn:
    if turn.kept is not None:
        return turn
    return replace(turn, missing=missing(traced, turn.at, trouble))
