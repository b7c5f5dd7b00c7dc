"""The questions agents answer, and their answers."""

from typing import Literal

from shared.contracts.actions import Action, Receipt
from shared.contracts.shop import (
    AddressRead,
    Customer,
    Order,
    Product,
)
from shared.contracts.words import (
    Entity,
    Fact,
    Finding,
    HandOver,
    Intent,
    Language,
    Need,
    Passage,
    Quote,
    Said,
    Sentence,
    Sentiment,
    Signal,
    Source,
    Spent,
    Step,
    Usage,
    Value,
)


class Message(Value, frozen=True, kw_only=True):
    """What every ask and answer carries: whose conversation, which turn, which step of it.

    `step_id` is `<turn_id>.<step>`; the same step is answered once, however often it is asked.
    """

    conversation_id: str
    turn_id: str
    step_id: str


class ScreenMessage(Message, frozen=True, kw_only=True):
    """Is this customer text safe to work on? `recent` are the customer's last texts (repetition)."""

    text: str
    recent: tuple[str, ...] = ()
    spent: Spent = Spent()


class MessageScreened(Message, frozen=True, kw_only=True):
    """`allowed` false: do not answer the text itself. Findings may exist on allowed text (flags).

    `usage` is what a model took that screened too; None when rules alone decided. `tried` are the tries of
    models that gave no verdict and were paid all the same.
    """

    allowed: bool
    findings: tuple[Finding, ...] = ()
    usage: Usage | None = None
    tried: tuple[Usage, ...] = ()


class ClassifyIntent(Message, frozen=True, kw_only=True):
    """What does the customer want? `open_intent`/`open_slot` are what the bot asked for last."""

    text: str
    history: tuple[Said, ...] = ()
    language_prior: Language | None = None
    open_intent: Intent | None = None
    open_slot: str = ""
    spent: Spent = Spent()


class IntentClassified(Message, frozen=True, kw_only=True):
    """`needs[0]` is the main need; more follow where the message has more than one.

    `usage` is of the engine that answered. `tried` is what was paid before: engines that did not answer, a
    summary of the history.
    """

    needs: tuple[Need, ...]
    sentiment: Sentiment
    language: Language
    usage: Usage
    alternatives: tuple[Need, ...] = ()
    entities: tuple[Entity, ...] = ()
    reasoning: str = ""
    tried: tuple[Usage, ...] = ()


class RetrievePassages(Message, frozen=True, kw_only=True):
    """Which passages speak to this text, and to each of several questions in it, before more is known?"""

    text: str
    language_prior: Language | None = None
    parts: tuple[str, ...] = ()


class PassagesRetrieved(Message, frozen=True, kw_only=True):
    """Best first, over the floor only, up to `k` for each locale; empty means we do not know.

    `nearest` are the closest below the floor when nothing of the guessed language came over it: no reply
    may rest on them, a knowledge gap names them. `parts` are the passages for each part that was asked.
    """

    passages: tuple[Passage, ...]
    usage: Usage
    nearest: tuple[Passage, ...] = ()
    parts: tuple[tuple[Passage, ...], ...] = ()


Want = Literal["order", "orders", "customer", "products", "address"]
"""What the shop is asked for."""


class FetchFacts(Message, frozen=True, kw_only=True):
    """Read the shop. `customer` and `email` are tokens; `order_number` is plain.

    Without a signed-in customer an order is shown only to who names its number and e-mail
    (`email`), or who proved it earlier in this conversation (`proved_orders`). `place` is a pseudonym of
    where they are, by which wrong proofs are counted. At most `most_products` are read, those with most words
    of `product_query` first. `address` is where the order is to go, as the customer wrote it.
    """

    wants: tuple[Want, ...]
    customer: str = ""
    order_number: str = ""
    email: str = ""
    proved_orders: tuple[str, ...] = ()
    place: str = ""
    product_query: str = ""
    most_products: int = 3
    address: str = ""


OrderLookup = Literal["not_asked", "found", "unknown", "needs_proof", "locked"]
"""How the search for an order ended; `needs_proof` is one without an e-mail address."""


class FactsFetched(Message, frozen=True, kw_only=True):
    """`order_lookup` says how the search for the one order ended; a wrong proof reads `unknown` too.

    `locked`: after too many wrong proofs none is looked at for a while, order or no order.
    """

    order_lookup: OrderLookup = "not_asked"
    order: Order | None = None
    orders: tuple[Order, ...] = ()
    customer: Customer | None = None
    products: tuple[Product, ...] = ()
    address: AddressRead | None = None


class AssessMessage(Message, frozen=True, kw_only=True):
    """Does something in these words call for a person?"""

    text: str
    history: tuple[Said, ...] = ()


class MessageAssessed(Message, frozen=True, kw_only=True):
    """Signals, strongest first; empty is the normal case."""

    signals: tuple[Signal, ...] = ()


class ExecuteAction(Message, frozen=True, kw_only=True):
    """Do it at the shop, once per `action.key` within `idempotency_scope`. `customer` is a token.

    `key` stands in for the action's own: staff changed what was asked, and it is the same wish all the same.
    """

    action: Action
    idempotency_scope: str
    customer: str = ""
    key: str = ""


class ActionExecuted(Message, frozen=True, kw_only=True):
    """How it went."""

    receipt: Receipt


class Topic(Value, frozen=True, kw_only=True):
    """What a reply must say for one need.

    `goal` names the situation, e.g. `order_status.shipped`, `ask.order_number`, `policy.answer`.
    `facts` fills slots by fact id (`{"shipped_on": "order:1001/shipped_on"}`), `values` fills slots with
    literals that policy approved; `sources` are the passage ids this topic may rest on. `question` is the one
    of several in the customer's message that it answers; empty: all of the message.
    """

    goal: str
    intent: Intent
    facts: dict[str, str] = {}
    values: dict[str, str] = {}
    sources: tuple[str, ...] = ()
    question: str = ""


class WriteReply(Message, frozen=True, kw_only=True):
    """Say this, in this language, resting on these sources. `feedback` is why the last draft failed.

    `leans_on` is the customer's message before, where this one says too little by itself.
    """

    text: str
    leans_on: str = ""
    language: Language
    topics: tuple[Topic, ...]
    register: Literal["neutral", "casual", "formal", "upset"] = "neutral"
    first_name: str = ""
    history: tuple[Said, ...] = ()
    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    draft: int = 1
    feedback: tuple[Finding, ...] = ()
    spent: Spent = Spent()


class ReplyWritten(Message, frozen=True, kw_only=True):
    """The draft, sentence by sentence; `usage` and `tried` as in `IntentClassified`."""

    sentences: tuple[Sentence, ...]
    usage: Usage
    tried: tuple[Usage, ...] = ()


class JudgeReply(Message, frozen=True, kw_only=True):
    """May this draft be sent? `allowed_values` are further literals policy has approved.

    `written_by` is the engine of the draft (`Usage.engine`).
    """

    sentences: tuple[Sentence, ...]
    language: Language
    text: str
    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    allowed_values: tuple[str, ...] = ()
    written_by: str = ""
    spent: Spent = Spent()


class ReplyJudged(Message, frozen=True, kw_only=True):
    """Passed when there are no findings."""

    usage: Usage
    findings: tuple[Finding, ...] = ()
    tried: tuple[Usage, ...] = ()

    @property
    def passed(self) -> bool:
        """True when the critic has nothing against the draft."""
        return not self.findings


class RequestPerson(Message, frozen=True, kw_only=True):
    """Put this conversation in a person's queue. `hand_over_id` is fixed, so asking twice opens one.

    What the packet holds comes along as it is known here; `wish` is the action that was to be done,
    `accepted_at` when the customer's message was accepted.
    """

    hand_over_id: str
    reason: str
    language: Language
    intent: Intent
    text: str
    history: tuple[Said, ...] = ()
    facts: tuple[Fact, ...] = ()
    promised: tuple[str, ...] = ()
    sentiment: Sentiment | None = None
    customer: str = ""
    first_name: str = ""
    identity: Literal["signed_in", "proved", "claimed", "unknown"] = "unknown"
    words: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    suggested: tuple[Sentence, ...] = ()
    wish: Action | None = None
    accepted_at: float = 0.0


class PersonRequested(Message, frozen=True, kw_only=True):
    """The conversation waits in a queue; `hand_over.ticket` is empty while the helpdesk is down."""

    hand_over: HandOver


class Problem(Message, frozen=True, kw_only=True):
    """An agent could not answer. `retry` says whether the same ask may succeed later."""

    kind: str
    detail: str
    retry: bool
