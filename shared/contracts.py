"""Every message of the house as one typed value: the questions agents answer, the events they hear.

Asks are imperative (`ClassifyIntent`), answers and events are past tense (`IntentClassified`, `TurnFinished`).
Text fields hold tokenized text only: a personal value appears as `TOKEN_<uuid>` (see `ports.PIIVault`).
Subjects are versioned; a change that old readers cannot parse gets a new version.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

import msgspec

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "es")


class Intent(StrEnum):
    """What a customer wants; the 19 intents of the product plus the one that says "not ours"."""

    ORDER_STATUS = "ORDER_STATUS"
    TRACKING_UPDATE = "TRACKING_UPDATE"
    SHIPPING_ESTIMATE = "SHIPPING_ESTIMATE"
    RETURN_REQUEST = "RETURN_REQUEST"
    EXCHANGE = "EXCHANGE"
    REFUND_STATUS = "REFUND_STATUS"
    CANCELLATION = "CANCELLATION"
    PRODUCT_INQUIRY = "PRODUCT_INQUIRY"
    BILLING_ISSUE = "BILLING_ISSUE"
    ACCOUNT_HELP = "ACCOUNT_HELP"
    SUBSCRIPTION_MANAGEMENT = "SUBSCRIPTION_MANAGEMENT"
    TECHNICAL_SUPPORT = "TECHNICAL_SUPPORT"
    LOYALTY_PROGRAM = "LOYALTY_PROGRAM"
    FEEDBACK = "FEEDBACK"
    COMPLAINT = "COMPLAINT"
    GENERAL_INQUIRY = "GENERAL_INQUIRY"
    ESCALATION_REQUEST = "ESCALATION_REQUEST"
    ORDER_CHANGE = "ORDER_CHANGE"
    PRICE_PROMOTION = "PRICE_PROMOTION"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a message; immutable, and unknown fields are refused when it is read."""


class Message(Value):
    """What every ask and answer carries: whose conversation, which turn, which step of it.

    `step_id` is `<turn_id>.<step>`; the same step is answered once, however often it is asked.
    """

    conversation_id: str
    turn_id: str
    step_id: str


# --- the vocabulary inside messages -------------------------------------------------------------


class Said(Value):
    """One earlier utterance, as context."""

    who: Literal["customer", "bot", "staff"]
    text: str


class Usage(Value):
    """What one model call took; zero tokens for the embedded engine. `cost_usd` by the price table."""

    engine: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0


class Need(Value):
    """One thing the customer wants, and how sure we are (0 to 1, calibrated)."""

    intent: Intent
    confidence: float


class Entity(Value):
    """Something named in the text at [start, end); `value` is its normal form (`#1001` -> `1001`)."""

    kind: Literal[
        "order_number", "product", "size", "color", "amount", "date", "quantity", "reason", "promo_code"
    ]
    text: str
    value: str
    start: int
    end: int


class Sentiment(Value):
    """How the customer feels: -1 (furious) to 1 (delighted)."""

    label: Literal["positive", "neutral", "negative"]
    score: float


class Passage(Value):
    """A quotable piece of a knowledge document. `id` is `kb:<document>#<section>`; score 0 to 1."""

    id: str
    source: str
    title: str
    section: str
    text: str
    locale: Language
    category: str
    version: int
    score: float


class Fact(Value):
    """One value read from a vendor. `id` names the field it came from: `order:1001/status`.

    `value` is plain text as a sentence may state it: ISO dates, `49.90 USD`, a token for a personal value.
    """

    id: str
    value: str


class OrderItem(Value):
    """A line of an order; `price` is a decimal string per unit."""

    title: str
    variant: str
    sku: str
    quantity: int
    price: str
    returnable: bool


class Order(Value):
    """What the shop knows of one order; dates are ISO `YYYY-MM-DD` or empty when it has not happened.

    `tracking_number` and `ship_to` are tokens. `refund_count_90d` is the customer's refunds in 90 days.
    """

    number: str
    status: Literal[
        "unfulfilled", "on_hold", "partially_shipped", "shipped", "out_for_delivery", "delivered",
        "delayed", "cancelled", "return_in_progress", "returned",
    ]  # fmt: skip
    payment: Literal["pending", "paid", "partially_refunded", "refunded", "voided"]
    placed_on: str
    total: str
    currency: str
    items: tuple[OrderItem, ...]
    shipped_on: str = ""
    expected_on: str = ""
    delivered_on: str = ""
    cancelled_on: str = ""
    carrier: str = ""
    tracking_number: str = ""
    ship_to: str = ""
    refunded: str = ""
    refunded_on: str = ""
    refund_count_90d: int = 0

    def facts(self) -> tuple[Fact, ...]:
        """Every field that is filled, as facts a sentence can cite."""
        prefix = f"order:{self.number}"
        money = ("total", "refunded")
        plain = (
            "status", "payment", "placed_on", "shipped_on", "expected_on", "delivered_on",
            "cancelled_on", "total", "carrier", "tracking_number", "ship_to", "refunded", "refunded_on",
        )  # fmt: skip
        found = [Fact(id=f"{prefix}/number", value=self.number)]
        for name in plain:
            value = getattr(self, name)
            if value:
                shown = f"{value} {self.currency}" if name in money else value
                found.append(Fact(id=f"{prefix}/{name}", value=shown))
        for n, item in enumerate(self.items):
            shown = f"{item.quantity} x {item.title} {item.variant} {item.price} {self.currency}"
            found.append(Fact(id=f"{prefix}/items/{n}", value=shown))
        return tuple(found)


class Variant(Value):
    """One buyable form of a product."""

    title: str
    sku: str
    price: str
    in_stock: int


class Product(Value):
    """What the shop sells; `price` from the cheapest variant."""

    handle: str
    title: str
    category: str
    description: str
    currency: str
    final_sale: bool
    variants: tuple[Variant, ...]

    def facts(self) -> tuple[Fact, ...]:
        """Title, description and every variant with price and stock, as facts a sentence can cite."""
        prefix = f"product:{self.handle}"
        return (
            Fact(id=f"{prefix}/title", value=self.title),
            Fact(id=f"{prefix}/description", value=self.description),
            *(
                Fact(id=f"{prefix}/{v.sku}", value=f"{v.title} {v.price} {self.currency} {v.in_stock}")
                for v in self.variants
            ),
        )


class Customer(Value):
    """Who is asking, without saying who: `id`, `first_name` and `email` are tokens."""

    id: str
    first_name: str
    email: str
    locale: Language
    order_numbers: tuple[str, ...] = ()


class Sentence(Value):
    """One sentence of a reply with the ids of the passages and facts it rests on.

    No sources means the sentence states nothing about the shop (a greeting, a question).
    """

    text: str
    sources: tuple[str, ...] = ()


class Finding(Value):
    """Why the critic objects: which rule, which words, what would mend it."""

    rule: str
    span: str
    remedy: str


class Citation(Value):
    """Where a reply's statement can be read."""

    source: str
    title: str
    section: str
    quote: str


ActionKind = Literal["return", "cancel", "refund"]


class Action(Value):
    """Something to be done at the shop. `amount` is a decimal string, `items` are SKUs (empty: all)."""

    kind: ActionKind
    order_number: str
    items: tuple[str, ...] = ()
    amount: str = ""
    currency: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """The idempotency key of the *logical* action: the same wish is carried out once."""
        return f"{self.kind}:{self.order_number}:{','.join(sorted(self.items))}:{self.amount}"


class Receipt(Value):
    """Proof that an action happened (`done`) or the vendor's plain reason why not (`refused`)."""

    kind: ActionKind
    order_number: str
    status: Literal["done", "refused"]
    reference: str
    detail: str = ""


Priority = Literal["low", "normal", "high", "urgent"]


class Signal(Value):
    """A reason to involve a person, found in the customer's words."""

    reason: str
    span: str


class Packet(Value):
    """What a person needs to take over without asking again."""

    summary: str
    facts: tuple[Fact, ...]
    tried: tuple[str, ...]
    promised: tuple[str, ...]
    suggested_reply: str
    sentiment: str
    language: Language


class HandOver(Value):
    """A conversation that waits for a person. `ticket` is empty until the helpdesk has taken it."""

    id: str
    conversation_id: str
    reason: str
    priority: Priority
    queue: str
    opened_at: float
    sla_due_at: float
    position: int
    packet: Packet
    ticket: str = ""


# --- asks and answers ------------------------------------------------------------------------------


class ScreenMessage(Message):
    """Is this customer text safe to work on? `recent` are the customer's last texts (repetition)."""

    text: str
    recent: tuple[str, ...] = ()


class MessageScreened(Message):
    """`allowed` false: do not answer the text itself. Findings may exist on allowed text (flags)."""

    allowed: bool
    findings: tuple[Finding, ...] = ()


class ClassifyIntent(Message):
    """What does the customer want? `open_intent`/`open_slot` are what the bot asked for last."""

    text: str
    history: tuple[Said, ...] = ()
    language_prior: Language | None = None
    open_intent: Intent | None = None
    open_slot: str = ""


class IntentClassified(Message):
    """`needs[0]` is the main need; more follow where the message has more than one."""

    needs: tuple[Need, ...]
    sentiment: Sentiment
    language: Language
    usage: Usage
    alternatives: tuple[Need, ...] = ()
    entities: tuple[Entity, ...] = ()
    reasoning: str = ""


class RetrievePassages(Message):
    """Which passages speak to this text? Asked before intent and language are known."""

    text: str
    language_prior: Language | None = None


class PassagesRetrieved(Message):
    """Best first, over the floor only, up to `k` for each locale; empty means we do not know."""

    passages: tuple[Passage, ...]
    usage: Usage


class FetchFacts(Message):
    """Read the shop. `customer` and `email` are tokens; `order_number` is plain.

    Without a signed-in customer an order is shown only to who names its number and e-mail
    (`email`), or who proved it earlier in this conversation (`proved_orders`).
    """

    wants: tuple[Literal["order", "orders", "customer", "products"], ...]
    customer: str = ""
    order_number: str = ""
    email: str = ""
    proved_orders: tuple[str, ...] = ()
    product_query: str = ""


class FactsFetched(Message):
    """`order_lookup` says how the search for the one order ended; a wrong proof reads `unknown` too."""

    order_lookup: Literal["not_asked", "found", "unknown", "needs_proof"] = "not_asked"
    order: Order | None = None
    orders: tuple[Order, ...] = ()
    customer: Customer | None = None
    products: tuple[Product, ...] = ()


class AssessMessage(Message):
    """Does something in these words call for a person?"""

    text: str
    history: tuple[Said, ...] = ()


class MessageAssessed(Message):
    """Signals, strongest first; empty is the normal case."""

    signals: tuple[Signal, ...] = ()


class ExecuteAction(Message):
    """Do it at the shop, once per `action.key` within `idempotency_scope`. `customer` is a token."""

    action: Action
    idempotency_scope: str
    customer: str = ""


class ActionExecuted(Message):
    """How it went."""

    receipt: Receipt


class Topic(Value):
    """What a reply must say for one need.

    `goal` names the situation, e.g. `order_status.shipped`, `ask.order_number`, `policy.answer`,
    `unknown`, `handed_over`; `values` are the slots of it (order number, dates, amounts ...), each a
    fact id or a literal from policy; `sources` are the ids this topic may rest on.
    """

    goal: str
    intent: Intent
    values: dict[str, str] = {}
    sources: tuple[str, ...] = ()


class WriteReply(Message):
    """Say this, in this language, resting on these sources. `feedback` is why the last draft failed."""

    text: str
    language: Language
    topics: tuple[Topic, ...]
    register: Literal["neutral", "casual", "formal", "upset"] = "neutral"
    first_name: str = ""
    history: tuple[Said, ...] = ()
    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    draft: int = 1
    feedback: tuple[Finding, ...] = ()


class ReplyWritten(Message):
    """The draft, sentence by sentence."""

    sentences: tuple[Sentence, ...]
    usage: Usage


class JudgeReply(Message):
    """May this draft be sent? `allowed_values` are further literals policy has approved."""

    sentences: tuple[Sentence, ...]
    language: Language
    text: str
    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    allowed_values: tuple[str, ...] = ()


class ReplyJudged(Message):
    """Passed when there are no findings."""

    usage: Usage
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """True when the critic has nothing against the draft."""
        return not self.findings


class RequestPerson(Message):
    """Put this conversation in a person's queue. `hand_over_id` is fixed, so asking twice opens one."""

    hand_over_id: str
    reason: str
    language: Language
    intent: Intent
    text: str
    history: tuple[Said, ...] = ()
    facts: tuple[Fact, ...] = ()
    tried: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    suggested_reply: str = ""
    sentiment: Sentiment | None = None
    customer: str = ""


class PersonRequested(Message):
    """The conversation waits in a queue; `hand_over.ticket` is empty while the helpdesk is down."""

    hand_over: HandOver


class Problem(Message):
    """An agent could not answer. `retry` says whether the same ask may succeed later."""

    kind: str
    detail: str
    retry: bool


# --- the turn ----------------------------------------------------------------------------------------

TurnStatus = Literal["answered", "asked", "handed_over", "refused", "with_person"]


class TurnAccepted(Value):
    """A customer message the gateway promised to answer; its storage on the bus is that promise."""

    conversation_id: str
    turn_id: str
    text: str
    accepted_at: float
    client_message_id: str = ""
    locale: Language | None = None
    customer: str = ""


class TurnFinished(Value):
    """The one result of a turn.

    `answered_with` names the turn that answers this one too, when a burst was answered together.
    `steps` are the engines and prices of what was paid; `timings_ms` milliseconds by step.
    """

    conversation_id: str
    turn_id: str
    finished_at: float
    accepted_at: float
    status: TurnStatus
    sentences: tuple[Sentence, ...]
    intent: Intent | None
    language: Language
    intents: tuple[Need, ...] = ()
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    actions: tuple[Receipt, ...] = ()
    escalation: HandOver | None = None
    engine: str = ""
    trace_id: str = ""
    answered_with: str = ""
    usages: tuple[Usage, ...] = ()
    timings_ms: dict[str, float] = {}
    gap: bool = False

    @property
    def reply(self) -> str:
        """The whole reply as one text."""
        return " ".join(sentence.text for sentence in self.sentences)


class TurnProgress(Value):
    """A passing sign of work, for who watches now; never stored."""

    conversation_id: str
    turn_id: str
    stage: Literal["understanding", "looking_up", "acting", "writing", "checking", "handing_over"]


class FeedbackGiven(Value):
    """A customer's thumb on one reply; the comment is tokenized."""

    conversation_id: str
    turn_id: str
    rating: Literal["up", "down"]
    given_at: float
    comment: str = ""


# --- subjects ----------------------------------------------------------------------------------------

Ask = TypeVar("Ask", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Body = TypeVar("Body", bound=Value)


@dataclass(frozen=True)
class Call(Generic[Ask, Answer]):
    """A question with one answer: subject on the bus, type of the ask, type of the answer."""

    subject: str
    ask: type[Ask]
    answer: type[Answer]


@dataclass(frozen=True)
class Event(Generic[Body]):
    """Something that happened, for whoever listens."""

    subject: str
    body: type[Body]


SCREEN = Call("critic.screen.v1", ScreenMessage, MessageScreened)
CLASSIFY = Call("intent.classify.v1", ClassifyIntent, IntentClassified)
RETRIEVE = Call("knowledge.retrieve.v1", RetrievePassages, PassagesRetrieved)
FETCH = Call("knowledge.fetch.v1", FetchFacts, FactsFetched)
ASSESS = Call("escalation.assess.v1", AssessMessage, MessageAssessed)
EXECUTE = Call("actions.execute.v1", ExecuteAction, ActionExecuted)
WRITE = Call("response.write.v1", WriteReply, ReplyWritten)
JUDGE = Call("critic.judge.v1", JudgeReply, ReplyJudged)
REQUEST_PERSON = Call("escalation.request_person.v1", RequestPerson, PersonRequested)

TURN_FINISHED = Event("turn.finished.v1", TurnFinished)
FEEDBACK_GIVEN = Event("feedback.given.v1", FeedbackGiven)
