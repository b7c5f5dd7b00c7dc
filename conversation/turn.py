"""What one turn knows while it is worked on, and what a playbook's flow says should come of it."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from conversation.rules.playbooks import Playbook, Policy
from shared.contracts import (
    Action,
    ConversationState,
    Fact,
    FactsFetched,
    IntentClassified,
    Language,
    Need,
    Order,
    Passage,
    Product,
    Task,
    TaskKind,
    Topic,
    TurnAccepted,
    Understood,
)
from shared.ports import ProductReader

TOKEN = re.compile(r"TOKEN_[0-9a-f]{8}-[0-9a-f-]{27}")

# A category is a guess from the intent; a score this many times as high is better evidence.
_FAR_BETTER = 1.25
_MOST_PASSAGES = 4
_LONGEST_REASON = 200

Fetch = Callable[..., Awaitable[FactsFetched]]


@dataclass(frozen=True)
class Part:
    """One of several questions in a message, as asked and in full, with the passages found for it alone."""

    text: str
    full: str
    passages: tuple[Passage, ...]


@dataclass
class Case:
    """One need of one turn, with everything a flow may look at; `because` is why it was read otherwise."""

    need: Need
    playbook: Playbook
    policy: Policy
    text: str
    turn: TurnAccepted
    state: ConversationState
    classified: IntentClassified
    passages: tuple[Passage, ...]
    fetch: Fetch
    reader: ProductReader
    now: float
    order: Order | None = None
    products: tuple[Product, ...] | None = None
    because: str = ""

    @property
    def today(self) -> date:
        """The day of this turn (UTC), for windows counted in days."""
        return datetime.fromtimestamp(self.now, UTC).date()

    @property
    def signed_in(self) -> bool:
        """Whether the shop vouches for who is writing."""
        return bool(self.turn.customer or self.state.customer)

    @property
    def language(self) -> Language:
        """The customer's language."""
        return self.classified.language

    def asks(self, slot: str, otherwise: str) -> str:
        """The reply goal that asks for this slot, as the playbook says."""
        return next((s.ask for s in self.playbook.slots if s.name == slot), otherwise)

    def entity(self, kind: str) -> str:
        """The first entity of this kind in normal form, or empty."""
        return next((e.value for e in self.classified.entities if e.kind == kind), "")

    @property
    def reason(self) -> str:
        """Why something is wished for: as told when asked for a yes, else the words of the wish."""
        return self.state.slots.get("reason", "") or self.text[:_LONGEST_REASON]

    def items_said(self, text: str) -> str:
        """`text` with what its telling words are called at the shop: "le bonnet beanie"."""
        return f"{text} {self.reader.search_words(text, language=self.language)}"

    def tokens(self) -> list[str]:
        """The personal values in this text, as tokens, in order."""
        return TOKEN.findall(self.text)

    def known(self, *, strict: bool = True) -> tuple[Passage, ...]:
        """The passages for this need: the customer's language before English, the best first.

        `strict` keeps to the playbook's categories when any of them was found there.
        """
        return passages_for(self.passages, self.playbook.knowledge if strict else (), language=self.language)


def passages_for(
    passages: Sequence[Passage], categories: Collection[str], *, language: Language
) -> tuple[Passage, ...]:
    """A few of `passages`, the best first: in this language, and of these categories if any is.

    A passage of another category that is found far better stays: the question was of that. English stands in
    where the customer's language has none.
    """
    fitting = [p for p in passages if p.category in categories] or list(passages)
    own = [p for p in fitting if p.locale == language] or [p for p in fitting if p.locale == "en"]
    bar = max((p.score for p in own), default=0.0) * _FAR_BETTER
    found = [p for p in passages if p in own or (own and p.locale == own[0].locale and p.score >= bar)]
    return tuple(found[:_MOST_PASSAGES])


@dataclass(frozen=True)
class Wish:
    """An action that a person has to approve: what of its rule it goes beyond, what its SKUs are called."""

    action: Action
    why: tuple[str, ...]
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a flow wants said and done for one need.

    `slot` is asked for when set; `slots` are to be remembered; `hand_over` is the reason for a person, and
    `approval` what they are to decide. `offers_person`: it asks whether a person should help. `task` is kept
    before it is spoken of, the bot's tasks of the kinds in `drop` (of one order, when it is named) are taken
    back before that is said; `plain` is said in our own words, as it is a promise that no model may make.
    `declined`: the customer said no to what was offered. `missed` is the question that has no answer, where
    the message asks others too.
    """

    topics: tuple[Topic, ...] = ()
    slot: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    proved: tuple[str, ...] = ()
    failed_proof: bool = False
    offers_person: bool = False
    action: Action | None = None
    execute: Action | None = None
    hand_over: str = ""
    approval: Wish | None = None
    task: Task | None = None
    drop: tuple[TaskKind, ...] = ()
    drop_order: str = ""
    plain: bool = False
    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    gap: bool = False
    missed: str = ""
    declined: bool = False


@dataclass(frozen=True)
class Plan:
    """What will happen this turn. `needs` are those that were worked on, as read in their context.

    `key` stands in for that of the action to `execute`. `missed` is the first of several questions that has
    no answer, when another has one. `because` is why the first need is another than was understood.
    """

    route: Literal["refuse", "hand_over", "act", "arrange", "write"]
    state: ConversationState
    needs: tuple[Need, ...] = ()
    topics: tuple[Topic, ...] = ()
    asked: bool = False
    reason: str = ""
    execute: Action | None = None
    key: str = ""
    approval: Wish | None = None
    task: Task | None = None
    drop: tuple[TaskKind, ...] = ()
    drop_order: str = ""
    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    gap: bool = False
    missed: str = ""
    because: str = ""

    @property
    def only_tells(self) -> bool:
        """Nothing is done, kept, asked or offered, and all that is said rests on what was found."""
        wants = self.asked or self.gap or self.approval or self.task or self.drop
        offers = self.state.pending_action or self.state.person_offered
        return self.route == "write" and not wants and not offers and bool(self.passages or self.facts)

    def otherwise(self, classified: IntentClassified | None) -> Understood | None:
        """What the words alone were understood as, where the first need that was worked on is another."""
        if classified is None or not self.needs or self.needs[0].intent is classified.needs[0].intent:
            return None
        main = classified.needs[0]
        return Understood(intent=main.intent, confidence=round(main.confidence, 4), because=self.because)
