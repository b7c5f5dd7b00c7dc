"""What was promised to customers: each commitment of a sent reply, and what became of it."""

from typing import Literal

from shared.contracts.words import Language, Value

PromiseKind = Literal[
    "refund", "replacement", "return_label", "discount", "store_credit", "delivery_date", "answer_by",
    "call_back", "ticket_update", "other",
]  # fmt: skip
Promiser = Literal["shop", "carrier", "staff", "bot"]
PromiseState = Literal["open", "kept", "broken", "cancelled"]

COMMITTED = 0.5
"""From this confidence on a sentence binds us; below, it informs ("delivery is expected on Friday")."""


class Due(Value, frozen=True, kw_only=True):
    """When something is to happen: in [`since`, `until`], seconds since 1970; `since` 0.0 is from now on.

    `zone` is the IANA name in which the words were read, `said` the words themselves.
    """

    until: float
    zone: str
    said: str
    since: float = 0.0


class Promise(Value, frozen=True, kw_only=True):
    """One commitment as a reply makes it: `text` is the tokenized sentence, [`start`, `end`) the words in it.

    `sentence` is its place among those of the reply, `amount` a decimal string with its `currency` (an ISO
    code, or `%`). `order` is the number of the order it is about; `source` the receipt, fact or passage it
    rests on. Both are empty where there is none. `confidence`, 0 to 1: how sure it is that this binds us.
    """

    kind: PromiseKind
    text: str
    sentence: int
    start: int
    end: int
    by: Promiser
    confidence: float
    amount: str = ""
    currency: str = ""
    due: Due | None = None
    order: str = ""
    source: str = ""

    @property
    def span(self) -> str:
        """The words that promise."""
        return self.text[self.start : self.end]

    @property
    def binding(self) -> bool:
        """Whether it is to be kept track of."""
        return self.confidence >= COMMITTED


class PromiseRecord(Value, frozen=True, kw_only=True):
    """A promise in the ledger. `made_by` is `bot` or `staff:<id>`; times are seconds since 1970.

    `hand_over` is the case it was made in, if any. `why` is the evidence it was kept by
    (`receipt:refund:1001`, `staff:7`), or staff's note, tokenized; `settled_at` is 0.0 while it is open.
    """

    id: str
    conversation_id: str
    turn_id: str
    made_at: float
    made_by: str
    language: Language
    promise: Promise
    hand_over: str = ""
    state: PromiseState = "open"
    settled_at: float = 0.0
    why: str = ""
