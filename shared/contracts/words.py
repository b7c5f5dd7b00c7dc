"""The vocabulary inside messages: intents, orders, products, sentences, receipts, hand-overs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "es")
OUR_TEAM: Mapping[Language, str] = {"en": "our team", "fr": "notre équipe", "es": "nuestro equipo"}
"""What customers read for a member of staff who has not said what they may be called."""


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


class Said(Value, frozen=True, kw_only=True):
    """One earlier utterance, as context; by `summary` what was said before the others, in short."""

    who: Literal["customer", "bot", "staff", "summary"]
    text: str


class Usage(Value, frozen=True, kw_only=True):
    """What one model call took; zero tokens for the embedded engine. `cost_usd` by the price table.

    `cached_tokens` are those of `input_tokens` that the vendor had cached: they are paid at a lower price.
    `unpriced_tokens` are those of a model that the price table does not know: they are not in `cost_usd`.
    `estimated_tokens` are those of answers whose service told none: their number, and their price, is ours.
    Calls of a model service say for which `agent` (`intent`, `response`, `critic`, `embedding`) and by which
    `tier` (`main`, `fallback`, `cheaper`); local engines leave both empty.
    """

    engine: str
    model: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    unpriced_tokens: int = 0
    estimated_tokens: int = 0
    agent: str = ""
    tier: str = ""

    @property
    def tokens(self) -> int:
        """Read and written together: what a token budget counts."""
        return self.input_tokens + self.output_tokens


class Spent(Value, frozen=True, kw_only=True):
    """Tokens that this turn, and this conversation before it, have taken; budgets are set against them.

    `nano_usd` is the money that both took together, in nano-dollars.
    """

    turn: int = 0
    conversation: int = 0
    nano_usd: int = 0


class Need(Value, frozen=True, kw_only=True):
    """One thing the customer wants, and how sure we are (0 to 1, calibrated)."""

    intent: Intent
    confidence: float


class Entity(Value, frozen=True, kw_only=True):
    """Something named in the text at [start, end); `value` is its normal form (`#1001` -> `1001`)."""

    kind: Literal[
        "order_number",
        "product",
        "size",
        "color",
        "amount",
        "date",
        "quantity",
        "reason",
        "promo_code",
    ]
    text: str
    value: str
    start: int
    end: int


class Sentiment(Value, frozen=True, kw_only=True):
    """How the customer feels: -1 (furious) to 1 (delighted)."""

    label: Literal["positive", "neutral", "negative"]
    score: float


class Passage(Value, frozen=True, kw_only=True):
    """A quotable piece of a knowledge document. `id` is `kb:<document>#<section>`; score 0 to 1.

    `since` is the first day of this version (ISO), empty where it was never told.
    """

    id: str
    source: str
    title: str
    section: str
    text: str
    locale: Language
    category: str
    version: int
    score: float
    since: str = ""


class Fact(Value, frozen=True, kw_only=True):
    """One value read from a vendor. `id` names the field it came from: `order:1001/status`.

    `value` is plain text as a sentence may state it: ISO dates, `49.90 USD`, a token for a personal value.
    """

    id: str
    value: str


class Sentence(Value, frozen=True, kw_only=True):
    """One sentence of a reply with the ids of the passages and facts it rests on.

    No sources means the sentence states nothing about the shop (a greeting, a question).
    """

    text: str
    sources: tuple[str, ...] = ()


class Finding(Value, frozen=True, kw_only=True):
    """Why the critic objects: which rule, which words, what would mend it."""

    rule: str
    span: str
    remedy: str


class Citation(Value, frozen=True, kw_only=True):
    """Where a reply's statement can be read: in a document, or in a record of the shop.

    `fields` are those of the record (`order:1001`, `product:tern-2-tent`) that were read; none for a
    document. A record is cited without its values.
    """

    source: str
    title: str
    section: str
    quote: str
    fields: tuple[str, ...] = ()


Priority = Literal["low", "normal", "high", "urgent"]
RANK: Mapping[Priority, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
"""The order in which cases are taken."""
Channel = Literal["chat", "phone", "email"]


class ContactWish(Value, frozen=True, kw_only=True):
    """How who waits wants to be answered instead of here; `chat` is here after all.

    `value` are the tokens of the number or address, `account` for what the signed-in customer's account has,
    empty as long as they were only asked for it.
    """

    channel: Channel
    value: str = ""


class Signal(Value, frozen=True, kw_only=True):
    """A reason to involve a person, found in the customer's words."""

    reason: str
    span: str


class Quote(Value, frozen=True, kw_only=True):
    """The customer's own words for something; `ago` is how many of their messages back, 0 for the last."""

    of: Literal["happened", "order_number", "item", "since", "amount"]
    text: str
    ago: int = 0


class Source(Value, frozen=True, kw_only=True):
    """A passage somebody can look up: its id, the document's title and the section."""

    id: str
    title: str
    section: str


class Step(Value, frozen=True, kw_only=True):
    """Something that was tried; `wanted` is what the customer came for earlier (`<intent> #<order>`).

    `about` is an order's number, a question or an action, `found` what came of it (an order's state, a
    vendor's reference, a rule of the critic), `on` the ISO date that belongs to it.
    """

    did: Literal[
        "wanted", "looked_up_order", "listed_orders", "looked_up_product", "read_pages", "found_no_page",
        "answered", "acted", "refused", "drafted", "could_not_reach",
    ]  # fmt: skip
    about: str = ""
    found: str = ""
    on: str = ""


ActionNeeded = Literal[
    "answer_question", "approve_refund", "be_there", "call_back", "call_carrier", "change_order",
    "check_photos", "check_safety", "handle_legal", "look_up_order", "make_offer", "review_action",
    "replace_or_refund", "secure_account", "settle_open_matter", "show_care",
]  # fmt: skip


class NextAction(Value, frozen=True, kw_only=True):
    """What a person should do first, and the code of why; the values are those the reason speaks of."""

    kind: ActionNeeded
    why: str
    order_number: str = ""
    amount: str = ""
    on: str = ""


class Packet(Value, frozen=True, kw_only=True):
    """What a person needs to take over without asking again, in structure: `hand_over.render` says it.

    `summary` is the note in English, for who reads it without rendering. `facts` are the shop's, with the
    field they come from, `words` the customer's, `sources` the passages found. `identity` is how we know
    who this is; `first_name` is a token. `suggested` are the sentences of `suggested_reply`. Packets that
    were stored before there was structure have the first seven fields alone.
    """

    summary: str
    facts: tuple[Fact, ...]
    tried: tuple[str, ...]
    promised: tuple[str, ...]
    suggested_reply: str
    sentiment: str
    language: Language
    reason: str = ""
    intent: Intent | None = None
    first_name: str = ""
    identity: Literal["", "signed_in", "proved", "claimed", "unknown"] = ""
    words: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    suggested: tuple[Sentence, ...] = ()
    next_action: NextAction | None = None


class HandOver(Value, frozen=True, kw_only=True):
    """A conversation that waits for a person. `ticket` is empty until the helpdesk has taken it.

    `asked_at` is when the message that led to it was accepted; 0.0 in records of before the field.
    """

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
    asked_at: float = 0.0
