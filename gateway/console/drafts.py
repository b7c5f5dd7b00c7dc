"""The bot's replies that nobody has sent: who of staff may use them, and what the customer wrote since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from gateway.console.kinds import kinds_in
from gateway.console.labels import Labels
from gateway.context import Desk
from shared import contracts as c
from shared.ports import Numbered, StoredMessage

SUGGESTED = "suggested"
"""Stands for the packet's reply where a held one has the turn it answered."""
_CONTEXT = 6


@dataclass(frozen=True)
class Talk:
    """A case's conversation; all text is tokenized."""

    case: c.Case
    state: c.ConversationState
    messages: Sequence[StoredMessage]
    events: Sequence[Numbered]
    labels: Labels

    @property
    def first_name(self) -> str:
        """The customer's, as a token; empty for a guest who never told it."""
        return self.state.first_name or self.case.hand_over.packet.first_name

    @property
    def newest(self) -> StoredMessage | None:
        """The customer's last line."""
        said = (line for line in self.messages if line.who == "customer")
        return max(said, key=lambda line: line.at, default=None)

    def since(self, at: float) -> list[StoredMessage]:
        """What the customer wrote after this."""
        return [line for line in self.messages if line.who == "customer" and line.at > at]

    def asked(self, turn_id: str) -> StoredMessage | None:
        """The customer's line that this turn answers."""
        return next(
            (line for line in self.messages if line.who == "customer" and line.turn_id == turn_id), None
        )

    def before(self, at: float) -> tuple[c.Said, ...]:
        """The last few lines before this, as context."""
        lines = [line for line in self.messages if line.at < at and line.who != "system"]
        return tuple(c.Said(who=_who(line), text=line.text) for line in lines[-_CONTEXT:])


@dataclass(frozen=True)
class Draft:
    """One of them. `id` is the turn that it answers, or `suggested`; `answers` the customer's words there.

    `newer` is what the customer wrote since.
    """

    id: str
    text: str
    answers: str
    newer: tuple[str, ...]
    actions: tuple[c.Receipt, ...] = ()

    @property
    def held(self) -> bool:
        """Whether it was on its way to the customer, and the critic had passed it."""
        return self.id != SUGGESTED


async def talk_of(at: Desk, case: c.Case) -> Talk:
    """The conversation of this case."""
    stored = await at.store.read(case.conversation_id)
    events = await at.casework.cases.events(case.conversation_id)
    messages = stored.messages if stored else ()
    state = stored.state if stored else c.ConversationState()
    packet = case.hand_over.packet
    held = [each.event.text for each in events if isinstance(each.event, c.ReplyHeld | c.StaffSpoke)]
    whole = msgspec.json.encode((packet, state)).decode()
    texts = (*(line.text for line in messages), *held, whole)
    labels = Labels(texts, await kinds_in(at, texts, [each.event for each in events]))
    return Talk(case, state, messages, events, labels)


def drafts_of(talk: Talk, corrections: Sequence[c.Correction]) -> list[Draft]:
    """Those nobody has decided about, the suggested one last; it is about the first reply only."""
    found = [draft for turn in talk.case.drafts if (draft := draft_of(talk, turn)) is not None]
    rejected = any(each.id == suggested_id(talk.case) for each in corrections)
    suggested = draft_of(talk, SUGGESTED)
    if suggested and talk.case.open and not talk.case.first_spoke_at and not rejected:
        found.append(suggested)
    return found


def draft_of(talk: Talk, draft_id: str) -> Draft | None:
    """This draft, decided about or not; None when there never was one."""
    if draft_id == SUGGESTED:
        text, opened = talk.case.hand_over.packet.suggested_reply, talk.case.hand_over.opened_at
        heard = [line.text for line in talk.messages if line.who == "customer" and line.at <= opened]
        newer = tuple(line.text for line in talk.since(opened))
        return Draft(SUGGESTED, text, heard[-1] if heard else "", newer) if text.strip() else None
    for each in talk.events:
        event = each.event
        if each.case_id == talk.case.id and isinstance(event, c.ReplyHeld) and event.turn_id == draft_id:
            asked = talk.asked(draft_id)
            newer = tuple(line.text for line in talk.since(asked.at if asked else event.at))
            return Draft(draft_id, event.text, asked.text if asked else "", newer, event.actions)
    return None


def suggested_id(case: c.Case) -> str:
    """The id of the correction that a rejected suggestion becomes."""
    return f"{case.id}.{SUGGESTED}"


def _who(line: StoredMessage) -> Literal["customer", "bot", "staff"]:
    return line.who if line.who != "system" else "bot"
